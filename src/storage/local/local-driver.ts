/**
 * StorageDriver on the local disk. Below `dir`: `objects/<key>` finished objects, `staging/` what is on its
 * way in. Both are on one file system, since finishing is a rename.
 */
import { statfs } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Ids, randomIds } from '../../core/ids.ts'
import { type Log, silentLog } from '../../core/log.ts'
import type { StorageDriver } from '../../core/storage.ts'
import { createRoot, durableDirectories } from './directories.ts'
import { type HashFollower, hashFollower } from './hash-follower.ts'
import { layoutOf } from './layout.ts'
import { type LocalParts, localObjects, removeTemporaries } from './objects.ts'
import { localUploads } from './uploads.ts'

export interface LocalOptions {
  /** Created when missing, readable by the owner only. */
  dir: string
  /** Set by the one process that owns the directory: removes what a dead one left half written. */
  recover?: boolean
  ids?: Pick<Ids, 'secret'>
  log?: Log
  follower?: HashFollower
}

async function prepare(options: LocalOptions): Promise<LocalParts> {
  const dir = resolve(options.dir)
  const layout = layoutOf(dir)
  await createRoot(dir)
  const ensureDirectory = durableDirectories(dir)
  await ensureDirectory(layout.objects)
  await ensureDirectory(layout.staging)
  if (options.recover) await removeTemporaries(layout)
  return {
    layout,
    ids: options.ids ?? randomIds,
    log: options.log ?? silentLog,
    slot: { busy: false },
    ensureDirectory,
  }
}

/** Opens the storage below `options.dir`. Throws the system's error when the directory cannot be used. */
export async function localDriver(options: LocalOptions): Promise<StorageDriver> {
  const parts = await prepare(options)
  const follower = options.follower ?? hashFollower(parts.log)
  return {
    name: 'local',
    ...localObjects(parts),
    ...localUploads(parts, follower),
    async freeBytes() {
      const { bavail, bsize } = await statfs(parts.layout.staging)
      return bavail * bsize
    },
    close: () => follower.close(),
  }
}
