/** Finished objects: whole files that never change. */
import { readFileSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open, readdir, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Crc32 } from '../../core/crc32.ts'
import { Fault } from '../../core/fault.ts'
import type { Ids } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import type { ObjectInfo, StorageDriver, WrittenObject } from '../../core/storage.ts'
import { isMissing, onDisk } from '../disk-faults.ts'
import { isObjectKey } from '../object-key.ts'
import { removeFile, syncDirectory } from './directories.ts'
import { createHotObjects, type HotObjects } from './hot-objects.ts'
import { isTemporaryName, type Layout, temporaryName } from './layout.ts'
import type { SyncSlot } from './write-back.ts'
import { type BodyPlan, writeBody } from './write-body.ts'

export interface LocalParts {
  layout: Layout
  ids: Pick<Ids, 'secret'>
  log: Log
  slot: SyncSlot
  /** Creates a directory below the objects, durably. */
  ensureDirectory(path: string): Promise<void>
}

/** Of one that is kept in memory, and of all of them. */
const SMALL_BYTES = 64 * 1024
const HOT_BYTES = 8 * 1024 * 1024

export type Objects = Pick<StorageDriver, 'put' | 'open' | 'pathOf' | 'head' | 'delete' | 'list'>

/** Makes the name of an object, and that it left the staging directory, survive a power cut. */
export async function syncName(parts: LocalParts, path: string): Promise<void> {
  await parts.ensureDirectory(dirname(path))
  await syncDirectory(dirname(path))
  await syncDirectory(parts.layout.staging)
}

/** Gives a synced staging file its name as an object, durably. */
export async function publish(parts: LocalParts, from: string, to: string): Promise<void> {
  await parts.ensureDirectory(dirname(to))
  await onDisk(() => rename(from, to))
  await syncName(parts, to)
}

/** What the file system knows of a regular file, or null when there is none. */
export async function fileStat(path: string): Promise<Stats | null> {
  try {
    const found = await stat(path)
    return found.isFile() ? found : null
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/**
 * In this thread, as the server itself does when it sends a file: to wait for another takes longer than all else
 * about a small one. Fault: object_missing, which else would show only when the answer has begun.
 */
function openWhole(path: string, key: string, hot: HotObjects): Blob {
  try {
    const found = statSync(path)
    if (!found.isFile()) throw new Fault('object_missing')
    if (found.size > SMALL_BYTES) return Bun.file(path)
    const bytes = new Blob([readFileSync(path)])
    hot.keep(key, bytes)
    return bytes
  } catch (error) {
    throw isMissing(error) ? new Fault('object_missing', undefined, { cause: error }) : error
  }
}

/** Its size, or null when there is none. */
export const fileSize = async (path: string): Promise<number | null> => (await fileStat(path))?.size ?? null

async function writeWhole(
  handle: FileHandle,
  body: Parameters<Objects['put']>[1],
  plan: Omit<BodyPlan, 'hashers'>,
): Promise<WrittenObject> {
  const md5 = new Bun.CryptoHasher('md5')
  const sha256 = new Bun.CryptoHasher('sha256')
  const crc32 = new Crc32()
  const size = await writeBody(handle, body, { ...plan, hashers: [md5, sha256, crc32] })
  return { size, md5: md5.digest('hex'), sha256: sha256.digest('hex'), crc32: crc32.value }
}

async function put(
  parts: LocalParts,
  key: string,
  body: Parameters<Objects['put']>[1],
  limit: number,
): Promise<WrittenObject> {
  const path = parts.layout.object(key)
  const temporary = parts.layout.temporary(temporaryName(parts.ids.secret(16)))
  try {
    const handle = await onDisk(() => open(temporary, 'wx', 0o600))
    let written: WrittenObject
    try {
      written = await writeWhole(handle, body, { at: 0, limit, tooLong: 'file_too_large', slot: parts.slot })
    } finally {
      await handle.close()
    }
    await publish(parts, temporary, path)
    return written
  } catch (error) {
    await removeFile(temporary).catch((cause) =>
      parts.log.error('storage.temporary_left', { path: temporary, error: String(cause) }),
    )
    throw error
  }
}

/** Entries of a directory; none when it is missing. */
export async function entriesOf(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function* list(layout: Layout): AsyncIterable<ObjectInfo> {
  for (const first of await entriesOf(layout.objects))
    for (const second of await entriesOf(join(layout.objects, first)))
      for (const name of await entriesOf(join(layout.objects, first, second))) {
        const key = `${first}/${second}/${name}`
        const size = isObjectKey(key) ? await fileSize(layout.object(key)) : null
        if (size !== null) yield { key, size }
      }
}

/** Files of one-shot uploads that a process which died was writing. Only for the one owner of the directory. */
export async function removeTemporaries(layout: Layout): Promise<void> {
  for (const name of await entriesOf(layout.staging))
    if (isTemporaryName(name)) await removeFile(layout.temporary(name))
}

/** The object half of the local driver. */
export function localObjects(parts: LocalParts): Objects {
  const { layout } = parts
  const hot = createHotObjects(HOT_BYTES)
  return {
    put: (key, body, limit = Number.POSITIVE_INFINITY) => put(parts, key, body, limit),
    async open(key, range) {
      const whole = hot.get(key) ?? openWhole(layout.object(key), key, hot)
      return range ? whole.slice(range.start, range.end + 1) : whole
    },
    pathOf: (key) => layout.object(key),
    async head(key) {
      const size = await fileSize(layout.object(key))
      return size === null ? null : { key, size }
    },
    async delete(key) {
      const path = layout.object(key)
      hot.forget(key)
      if (await removeFile(path)) await syncDirectory(dirname(path))
    },
    list: () => list(layout),
  }
}
