/** kist restore: an installation from what kist backup made of one. */
import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfig } from '../config.ts'
import { systemClock } from '../core/clock.ts'
import { lockDataDirectory } from '../metadata/lock.ts'
import { openMetadata } from '../metadata/open.ts'
import { localDriver } from '../storage/local/local-driver.ts'
import { CONFIG_OPTION, type Command, OperatorError } from './command.ts'
import { DATABASE, prepareDataDirectory, requireEmptyDirectory } from './data-directory.ts'
import { tabbed, writeLine } from './streams.ts'

export const command: Command = {
  action: {
    about:
      'Fills a data directory that is empty or not there from a backup. Uploads that were under way when the backup was\nmade have ended. Prints what was restored: files, bytes.',
    words: ['DIR'],
    options: CONFIG_OPTION,
    async run(given) {
      const from = resolve(given.words[0] ?? '')
      const { config } = loadConfig({ file: given.text('config') })
      if (!existsSync(join(from, DATABASE))) throw new OperatorError(`there is no backup in ${from}`)
      requireEmptyDirectory(config.data.dir, 'the data directory')
      prepareDataDirectory(config.data.dir)
      const lock = lockDataDirectory(config.data.dir)
      try {
        await restore(from, config.data.dir)
        return 0
      } finally {
        lock.release()
      }
    },
  },
}

/** The database comes last: without it there is no installation. */
async function restore(from: string, to: string): Promise<void> {
  const [source, target] = [await localDriver({ dir: from }), await localDriver({ dir: to })]
  let [objects, bytes] = [0, 0]
  for await (const { key, size } of source.list()) {
    const body = await source.open(key)
    await target.put(key, body instanceof Blob ? body.stream() : body)
    objects += 1
    bytes += size
  }
  await Promise.all([source.close(), target.close()])
  await restoreDatabase(join(from, DATABASE), to)
  writeLine(tabbed(['restored', objects, bytes]))
}

async function restoreDatabase(from: string, dir: string): Promise<void> {
  const half = join(dir, `${DATABASE}.half`)
  copyFileSync(from, half)
  const metadata = await openMetadata({ path: half })
  const now = systemClock.now()
  // Their bytes were not in the backup.
  await metadata.uploads.reopenInterrupted(now)
  for (const { session, open } of await metadata.uploads.staged())
    if (open) await metadata.uploads.abort(session, now)
  await metadata.close()
  sync(half)
  renameSync(half, join(dir, DATABASE))
  sync(dir)
}

function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
