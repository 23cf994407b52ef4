/** Compares records with bytes and counters with records: what `kist check` shows. */
import { createHash } from 'node:crypto'
import { type Clock, plusSeconds } from './clock.ts'
import { isFault } from './fault.ts'
import { isBeingWritten } from './leftovers.ts'
import type { MetadataStore } from './metadata.ts'
import type { StoredObject } from './model.ts'
import type { StorageDriver } from './storage.ts'

export type ProblemKind =
  | 'missing_object'
  | 'truncated_object'
  | 'altered_object'
  | 'unreadable_object'
  | 'orphan_object'
  | 'missing_preview'
  | 'missing_staging'
  | 'orphan_staging'
  | 'wrong_counter'

export interface Problem {
  kind: ProblemKind
  /** The key, upload, account or folder it is about. */
  subject: string
  detail: string
  /** Done away with by this run. */
  repaired: boolean
}

export interface CheckService {
  /**
   * Reads every object whole whose hash is known. With `repair`, removes orphans, forgets previews that are gone
   * and sets counters right; lost or altered bytes
   * cannot be repaired. Safe beside a running server: what looks wrong is looked at again before it is told,
   * since it may have been on its way.
   */
  run(options: { repair: boolean }): AsyncGenerator<Problem, { objects: number; bytes: number }>
}

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  clock: Clock
}

const PAGE = 200
/** Seconds in which a running server may have made the file and not yet the record of a session. */
const STAGING_GRACE = 60

export function createCheck(deps: Deps): CheckService {
  return {
    async *run({ repair }) {
      const total = yield* checkObjects(deps)
      yield* checkPreviews(deps, repair)
      yield* checkOrphanObjects(deps, repair)
      yield* checkStaging(deps, repair)
      yield* checkCounters(deps, repair)
      yield* checkFolders(deps, repair)
      return total
    },
  }
}

async function* checkObjects({
  metadata,
  storage,
}: Deps): AsyncGenerator<Problem, { objects: number; bytes: number }> {
  const total = { objects: 0, bytes: 0 }
  let after = 0
  for (;;) {
    const page = await metadata.objects.page(after, PAGE)
    for (const object of page) {
      const problem = await checkObject(storage, object)
      if (problem && (await isLive(metadata, object))) yield problem
      total.objects++
      total.bytes += object.size
    }
    const last = page.at(-1)
    if (!last) return total
    after = last.id
  }
}

/** Not being removed by a running server, which takes the bytes away before the record. */
async function isLive(metadata: MetadataStore, { id }: StoredObject): Promise<boolean> {
  const [found] = await metadata.objects.page(id - 1, 1)
  return found?.id === id
}

async function checkObject(storage: StorageDriver, object: StoredObject): Promise<Problem | null> {
  const problem = (kind: ProblemKind, detail: string) => ({
    kind,
    subject: object.key,
    detail,
    repaired: false,
  })
  try {
    const found = await storage.head(object.key)
    if (!found) return problem('missing_object', `${object.size} bytes are gone`)
    if (found.size !== object.size)
      return problem('truncated_object', `${found.size} of ${object.size} bytes`)
    // What went past us into the store has no hash it could be compared with.
    if (object.sha256 === null) return null
    const sha256 = await hashObject(storage, object.key)
    return sha256 === object.sha256
      ? null
      : problem('altered_object', `SHA-256 is ${sha256}, recorded ${object.sha256}`)
  } catch (error) {
    if (isFault(error, 'object_missing')) return problem('missing_object', `${object.size} bytes are gone`)
    // A disk that fails in one place must not hide what is wrong in others.
    return problem('unreadable_object', `the storage says: ${String(error)}`)
  }
}

async function hashObject(storage: StorageDriver, key: string): Promise<string> {
  const body = await storage.open(key)
  const hash = createHash('sha256')
  for await (const chunk of body instanceof Blob ? body.stream() : body) hash.update(chunk)
  return hash.digest('hex')
}

/** Only that they are there with their size: a derived picture that is forgotten is made again. */
async function* checkPreviews({ metadata, storage }: Deps, repair: boolean): AsyncGenerator<Problem> {
  for (let after = 0; ; ) {
    const page = await metadata.previews.page(after, PAGE)
    for (const preview of page) {
      const { key, bytes } = preview
      if (key === null || (await storage.head(key))?.size === bytes) continue
      // Removed by a running server since it was listed.
      const still = await metadata.previews.of(preview.objectId)
      if (!still.some((other) => other.key === key) || (await storage.head(key))?.size === bytes) continue
      if (repair) {
        await storage.delete(key)
        await metadata.previews.remove(preview)
      }
      const detail = `${bytes} bytes of a preview are gone or others`
      yield { kind: 'missing_preview', subject: key, detail, repaired: repair }
    }
    const last = page.at(-1)
    if (!last) return
    after = last.objectId
  }
}

async function* checkOrphanObjects({ metadata, storage }: Deps, repair: boolean): AsyncGenerator<Problem> {
  for await (const { key, size } of storage.list()) {
    if (await metadata.objects.isKnownKey(key)) continue
    if (await isOnItsWay(metadata, key)) continue
    // Removed with its record since it was listed.
    if (!(await storage.head(key))) continue
    if (repair) await storage.delete(key)
    yield { kind: 'orphan_object', subject: key, detail: `${size} bytes without a record`, repaired: repair }
  }
}

/** In this order: an upload has its session first and the record of its object afterwards. */
async function isOnItsWay(metadata: MetadataStore, key: string): Promise<boolean> {
  const staged = await metadata.uploads.staged()
  return staged.some((upload) => upload.key === key) || metadata.objects.isKnownKey(key)
}

async function* checkStaging(deps: Deps, repair: boolean): AsyncGenerator<Problem> {
  const first = await compareStaging(deps)
  if (first.missing.size + first.unknown.size === 0) return
  const { missing, unknown } = await compareStaging(deps)
  for (const [upload, { session, key }] of missing) {
    // Sealed already, and completed by the next attempt.
    if (!first.missing.has(upload) || (await deps.storage.head(key))) continue
    const detail = `the staged bytes of ${session} are gone`
    yield { kind: 'missing_staging', subject: upload, detail, repaired: false }
  }
  for (const [upload, key] of unknown) {
    if (!first.unknown.has(upload)) continue
    if (repair) await deps.storage.abortUpload({ key, upload })
    const detail = 'staged bytes without a session'
    yield { kind: 'orphan_staging', subject: upload, detail, repaired: repair }
  }
}

/** One look at both sides. They are not read at the same moment, so only what two looks find is wrong. */
async function compareStaging({ metadata, storage, clock }: Deps) {
  const now = clock.now()
  const settled = plusSeconds(now, -STAGING_GRACE)
  const found = new Map<string, { key: string; modifiedAt: Date }>()
  for await (const { upload, key = '', modifiedAt } of storage.listUploads())
    found.set(upload, { key, modifiedAt })
  const staged = await metadata.uploads.staged()
  const missing = new Map(
    staged.filter(({ upload, open }) => open && !found.has(upload)).map((entry) => [entry.upload, entry]),
  )
  for (const { upload } of staged) found.delete(upload)
  const unknown = new Map<string, string>()
  for (const [upload, { key, modifiedAt }] of found) {
    if (modifiedAt > settled) continue
    if (key !== '' && (await isBeingWritten(metadata, key, { modifiedAt, now }))) continue
    unknown.set(upload, key)
  }
  return { missing, unknown }
}

async function* checkCounters({ metadata }: Deps, repair: boolean): AsyncGenerator<Problem> {
  for (const ledger of await metadata.accounts.ledgers()) {
    const { accountId, name, storageUsed, filesTotal, storageReserved, reservationsTotal } = ledger
    if (storageUsed === filesTotal && storageReserved === reservationsTotal) continue
    if (repair) await metadata.accounts.repairLedger(accountId)
    const detail = `used ${storageUsed}, files ${filesTotal}; reserved ${storageReserved}, sessions ${reservationsTotal}`
    yield { kind: 'wrong_counter', subject: name, detail, repaired: repair }
  }
}

async function* checkFolders({ metadata }: Deps, repair: boolean): AsyncGenerator<Problem> {
  for (const { id, detail } of await metadata.folders.wrongCounters()) {
    if (repair) await metadata.folders.repairCounters(id)
    yield { kind: 'wrong_counter', subject: `folder ${id}`, detail, repaired: repair }
  }
}
