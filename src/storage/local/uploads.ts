/**
 * Uploads in parts. One staging file per upload has its final size from the start; each part is written at
 * its own place, so that finishing is a rename, whatever the size.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { Fault } from '../../core/fault.ts'
import type { HashedObject, StorageDriver, StoredPart, UploadRef } from '../../core/storage.ts'
import { isMissing, onDisk, onExisting } from '../disk-faults.ts'
import { checkCovered, partOffset, prefixLength } from '../part-plan.ts'
import { removeFile, syncDirectory } from './directories.ts'
import type { HashFollower } from './hash-follower.ts'
import { isUploadName, type Layout, uploadName } from './layout.ts'
import { entriesOf, fileSize, fileStat, type LocalParts, publish, syncName } from './objects.ts'
import { writeBody } from './write-body.ts'

export type Uploads = Required<
  Pick<
    StorageDriver,
    'createUpload' | 'putPart' | 'completeUpload' | 'abortUpload' | 'listUploads' | 'hashAhead'
  >
>

type Body = Parameters<StorageDriver['putPart']>[2]

const notFound = (): Fault => new Fault('upload_not_found')

async function stage(path: string, size: number): Promise<void> {
  const handle = await onDisk(() => open(path, 'wx', 0o600))
  try {
    await onDisk(() => handle.truncate(size))
    await onDisk(() => handle.sync())
  } finally {
    await handle.close()
  }
}

/** The entry is synced here, because a part is acknowledged by syncing the file alone. */
async function createUpload(parts: LocalParts, size: number): Promise<string> {
  const name = uploadName(parts.ids.secret(16))
  const path = parts.layout.upload(name)
  try {
    await stage(path, size)
    await syncDirectory(parts.layout.staging)
    return name
  } catch (error) {
    await removeFile(path).catch((cause) =>
      parts.log.error('storage.staging_left', { path, error: String(cause) }),
    )
    throw error
  }
}

async function writePart(
  parts: LocalParts,
  handle: FileHandle,
  part: { at: number; number: number; size: number },
  body: Body,
): Promise<StoredPart> {
  const md5 = new Bun.CryptoHasher('md5')
  const size = await writeBody(handle, body, {
    at: part.at,
    limit: part.size,
    tooLong: 'part_too_large',
    hashers: [md5],
    slot: parts.slot,
  })
  if (size < part.size) throw new Fault('part_too_small')
  // Removed meanwhile: the bytes are on no disk once the handle is closed.
  if ((await handle.stat()).nlink === 0) throw notFound()
  return { number: part.number, etag: md5.digest('hex'), size }
}

async function putPart(
  parts: LocalParts,
  follower: HashFollower,
  ref: UploadRef,
  part: { number: number; size: number },
  body: Body,
): Promise<StoredPart> {
  const at = partOffset(ref, part)
  const path = parts.layout.upload(ref.upload)
  // Never creates the file: a part that comes after an abort must not bring the upload back.
  const handle = await onExisting(notFound, () => open(path, 'r+'))
  const written = follower.writing(ref.upload, at)
  try {
    return await writePart(parts, handle, { ...part, at }, body)
  } finally {
    written()
    await handle.close()
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await onDisk(() => handle.sync())
  } finally {
    await handle.close()
  }
}

async function removeStaging(layout: Layout, upload: string): Promise<void> {
  if (await removeFile(layout.upload(upload))) await syncDirectory(layout.staging)
}

/** Publishes the staging file, or throws the system's ENOENT when there is none. */
async function finish(
  parts: LocalParts,
  follower: HashFollower,
  ref: UploadRef,
  sha256: string | undefined,
): Promise<HashedObject> {
  const path = parts.layout.upload(ref.upload)
  const digest = await follower.digest(ref.upload, path, ref.size)
  if (sha256 !== undefined && digest.sha256 !== sha256.toLowerCase()) {
    follower.drop(ref.upload)
    await removeStaging(parts.layout, ref.upload)
    throw new Fault('checksum_mismatch')
  }
  await syncFile(path)
  await publish(parts, path, parts.layout.object(ref.key))
  return { size: ref.size, sha256: digest.sha256, crc32: digest.crc32 }
}

/**
 * The answer when the staging file is gone: the rename was done, by a caller that died before it could tell.
 * Its directory may not have been synced, so that is done again.
 */
async function finished(
  parts: LocalParts,
  follower: HashFollower,
  ref: UploadRef,
  sha256: string | undefined,
): Promise<HashedObject> {
  const path = parts.layout.object(ref.key)
  if ((await fileSize(path)) !== ref.size) throw notFound()
  const digest = await onExisting(notFound, () => follower.digest(ref.upload, path, ref.size))
  if (sha256 !== undefined && digest.sha256 !== sha256.toLowerCase()) throw new Fault('checksum_mismatch')
  await syncName(parts, path)
  return { size: ref.size, sha256: digest.sha256, crc32: digest.crc32 }
}

async function completeUpload(
  parts: LocalParts,
  follower: HashFollower,
  ref: UploadRef,
  sha256: string | undefined,
): Promise<HashedObject> {
  const staged = await fileSize(parts.layout.upload(ref.upload))
  if (staged === null) return finished(parts, follower, ref, sha256)
  if (staged !== ref.size) throw new Fault('size_mismatch')
  try {
    return await finish(parts, follower, ref, sha256)
  } catch (error) {
    // Another caller was faster.
    if (isMissing(error)) return finished(parts, follower, ref, sha256)
    throw error
  }
}

async function* listUploads(layout: Layout): ReturnType<StorageDriver['listUploads']> {
  for (const upload of await entriesOf(layout.staging)) {
    const found = isUploadName(upload) ? await fileStat(layout.upload(upload)) : null
    if (found) yield { upload, modifiedAt: found.mtime }
  }
}

/** The upload half of the local driver. */
export function localUploads(parts: LocalParts, follower: HashFollower): Uploads {
  const { layout } = parts
  return {
    async createUpload(key, { size }) {
      layout.object(key)
      return createUpload(parts, size)
    },
    putPart: (ref, part, body) => putPart(parts, follower, ref, part, body),
    async completeUpload(ref, stored, expected) {
      layout.object(ref.key)
      checkCovered(ref, stored)
      const done = await completeUpload(parts, follower, ref, expected?.sha256)
      follower.drop(ref.upload)
      return done
    },
    async abortUpload({ upload }) {
      follower.drop(upload)
      await removeStaging(layout, upload)
    },
    listUploads: () => listUploads(layout),
    hashAhead(ref, count) {
      follower.advance(ref.upload, layout.upload(ref.upload), prefixLength(ref, count))
    },
  }
}
