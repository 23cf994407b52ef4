/** kist backup: all that is needed to begin again elsewhere, taken while the server runs. */
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { OpenedCore } from '../app.ts'
import { loadConfig } from '../config.ts'
import type { MetadataStore } from '../core/metadata.ts'
import type { StoredObject } from '../core/model.ts'
import { moveObjects } from '../core/move.ts'
import type { StorageDriver } from '../core/storage.ts'
import { openMetadata, snapshotDatabase } from '../metadata/open.ts'
import { localDriver } from '../storage/local/local-driver.ts'
import { CONFIG_OPTION, type Command, OperatorError } from './command.ts'
import { DATABASE, requireEmptyDirectory } from './data-directory.ts'
import { tabbed, writeLine } from './streams.ts'
import { withCore } from './workplace.ts'

export const command: Command = {
  action: {
    about:
      'Copies the database with the signing key, and the files that are on the disk, into a directory that is empty or\nnot there, while the server runs. What is in a bucket stays there and is not copied. Uploads under way are not in\nit. Prints what was copied: files, bytes. kist restore reads it.',
    words: ['DIR'],
    options: CONFIG_OPTION,
    run(given) {
      const dir = resolve(given.words[0] ?? '')
      requireEmptyDirectory(dir, 'the directory for the backup')
      const { config } = loadConfig({ file: given.text('config') })
      return withCore(given, (_core, opened) => backUp(opened, join(config.data.dir, DATABASE), dir), {
        mustExist: true,
      })
    },
  },
}

async function backUp({ metadata, stores }: OpenedCore, database: string, dir: string): Promise<number> {
  const copy = await localDriver({ dir })
  try {
    await copyAll(metadata, stores.local, copy)
    const counted = await copyTheRest(stores, copy, database, join(dir, DATABASE))
    writeLine(tabbed(['copied', counted.objects, counted.bytes]))
    if (counted.elsewhere > 0)
      process.stderr.write(`${counted.elsewhere} files are in the bucket and not in this backup\n`)
    return 0
  } finally {
    await copy.close()
  }
}

/** Most of the bytes, before the moment that the backup is of. */
async function copyAll(metadata: MetadataStore, local: StorageDriver, copy: StorageDriver): Promise<void> {
  for await (const { key, outcome, reason } of moveObjects({
    metadata,
    from: local,
    to: copy,
    keepSource: true,
  })) {
    if (outcome === 'failed') throw new OperatorError(`cannot copy ${key}: ${reason}`)
  }
}

interface Counted {
  objects: number
  bytes: number
  /** In the bucket. */
  elsewhere: number
}

const ATTEMPTS = 5

/**
 * The database, and what it knows and has come since. What was removed right after that moment is gone: then the
 * backup is of a later moment.
 */
async function copyTheRest(
  stores: OpenedCore['stores'],
  copy: StorageDriver,
  database: string,
  into: string,
): Promise<Counted> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    snapshotDatabase(database, into)
    const snapshot = await openMetadata({ path: into })
    try {
      const counted = await completeFor(snapshot, stores, copy)
      if (counted) return counted
    } finally {
      await snapshot.close()
    }
    rmSync(into)
  }
  throw new OperatorError('objects that the database knows are missing: kist check says which')
}

/** Null when something is missing. */
async function completeFor(
  snapshot: MetadataStore,
  stores: OpenedCore['stores'],
  copy: StorageDriver,
): Promise<Counted | null> {
  const counted: Counted = { objects: 0, bytes: 0, elsewhere: 0 }
  for await (const object of objectsOf(snapshot)) {
    const place = await provide(object, stores, copy)
    if (place === 'missing') return null
    if (place === 'elsewhere') counted.elsewhere += 1
    else {
      counted.objects += 1
      counted.bytes += object.size
    }
  }
  for await (const { key } of copy.list())
    if (!(await snapshot.objects.isKnownKey(key))) await copy.delete(key)
  return counted
}

async function provide(
  { key }: StoredObject,
  { local, remote }: OpenedCore['stores'],
  copy: StorageDriver,
): Promise<'copied' | 'elsewhere' | 'missing'> {
  if (await copy.head(key)) return 'copied'
  if (await local.head(key)) {
    const body = await local.open(key)
    await copy.put(key, body instanceof Blob ? body.stream() : body)
    return 'copied'
  }
  return remote ? 'elsewhere' : 'missing'
}

const PAGE = 500

async function* objectsOf({ objects }: MetadataStore): AsyncGenerator<StoredObject> {
  for (let after = 0; ; ) {
    const page = await objects.page(after, PAGE)
    yield* page
    const last = page.at(-1)
    if (!last) return
    after = last.id
  }
}
