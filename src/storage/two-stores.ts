/**
 * The local disk and an S3 store as one: new bytes go to the one that is configured, all others are found where
 * they are. So a running server can be moved from one to the other, object by object.
 */
import { existsSync } from 'node:fs'
import { isFault } from '../core/fault.ts'
import type { ByteRange, DirectAccess, StorageDriver, UploadRef } from '../core/storage.ts'
import { openHeld } from './held-file.ts'
import { isUploadName } from './local/layout.ts'

export interface TwoStores {
  local: StorageDriver
  remote: StorageDriver
  /** Where new bytes go. */
  target: 'local' | 'remote'
}

/**
 * An object that is in both, in the middle of a move, is read from the disk. Uploads go on where they were begun:
 * the local driver's names for them are told apart by their form.
 */
export function twoStores({ local, remote, target: where }: TwoStores): StorageDriver {
  const target = where === 'local' ? local : remote
  const ownerOf = ({ upload }: Pick<UploadRef, 'upload'>): StorageDriver =>
    isUploadName(upload) ? local : remote
  return {
    name: target.name,
    describes: target.describes ?? false,
    ...(target.minPartSize !== undefined && { minPartSize: target.minPartSize }),
    ...(remote.direct && { direct: directOf(local, remote.direct) }),
    put: (...given) => target.put(...given),
    async open(key, range) {
      const here = await openHere(local, key, range)
      if (here) return here
      try {
        return await remote.open(key, range)
      } catch (error) {
        // Moved from there to here in between.
        const moved = isFault(error, 'object_missing') ? await openHere(local, key, range) : null
        if (moved) return moved
        throw error
      }
    },
    pathOf(key) {
      const path = local.pathOf?.(key) ?? null
      return path !== null && existsSync(path) ? path : null
    },
    // The disk once more: it may have been moved from there to here in between.
    head: async (key) => (await local.head(key)) ?? (await remote.head(key)) ?? local.head(key),
    async delete(key) {
      await local.delete(key)
      await remote.delete(key)
      // Moved from there to here in between.
      await local.delete(key)
    },
    list: () => listBoth(local, remote),
    createUpload: (...given) => target.createUpload(...given),
    putPart: (ref, part, body) => ownerOf(ref).putPart(ref, part, body),
    completeUpload: (ref, parts, expected) => ownerOf(ref).completeUpload(ref, parts, expected),
    abortUpload: (ref) => ownerOf(ref).abortUpload(ref),
    async *listUploads() {
      yield* local.listUploads()
      yield* remote.listUploads()
    },
    freeBytes: () => target.freeBytes(),
    hashAhead: (ref, parts) => ownerOf(ref).hashAhead?.(ref, parts),
    giveUp: () => remote.giveUp?.(),
    async close() {
      await remote.close()
      await local.close()
    },
  }
}

/** Null when it is not on the disk. */
async function openHere(local: StorageDriver, key: string, range?: ByteRange) {
  const path = local.pathOf?.(key) ?? null
  return path === null ? null : openHeld(path, range)
}

/** What is on the disk comes through us. */
const directOf = (local: StorageDriver, direct: DirectAccess): DirectAccess => ({
  partsOrigin: direct.partsOrigin,
  takesParts: (upload) => !isUploadName(upload),
  holds: async (key) => (await local.head(key)) === null,
  signPart: (ref, part, expiresIn) => direct.signPart(ref, part, expiresIn),
  findPart: (ref, number) => direct.findPart(ref, number),
  listParts: (ref) => direct.listParts(ref),
  signObject: (key, as, expiresIn) => direct.signObject(key, as, expiresIn),
  publicUrl: (key) => direct.publicUrl(key),
})

/** One look at the disk for every object of the other store, in place of remembering them all. */
async function* listBoth(local: StorageDriver, remote: StorageDriver): ReturnType<StorageDriver['list']> {
  yield* local.list()
  for await (const object of remote.list()) if ((await local.head(object.key)) === null) yield object
}
