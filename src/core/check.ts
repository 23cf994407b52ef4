/** Compares records with bytes and counters with records: what `kist check` shows. */
import { createHash } from 'node:crypto'
import { type Clock, plusSeconds } from './clock.ts'
import { isFault } from './fault.ts'
import type { MetadataStore } from './metadata.ts'
import type { StoredObject } from './model.ts'
import type { StorageDriver } from './storage.ts'

export type ProblemKind =
  | 'missing_object'
  | 'truncated_object'
  | 'altered_object'
  | 'orphan_object'
  | 'missing_staging'
  | 'orphan_staging'
  | 'wrong_counter'

export interface Problem {
  kind: ProblemKind
  /** The key, upload or account it is about. */
  subject: string
  detail: string
  /** Done away with by this run. */
  repaired: boolean
}

export interface CheckService {
  /**
   * Reads every object whole. With `repair`, removes orphans and sets counters right; lost or altered bytes
   * cannot be repaired. Safe beside a running server.
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
      yield* checkOrphanObjects(deps, repair)
      yield* checkStaging(deps, repair)
      yield* checkCounters(deps, repair)
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
      // Removed by a running server between the page and the look: not a problem.
      if (problem && (await metadata.objects.findByKey(object.key))) yield problem
      total.objects++
      total.bytes += object.size
    }
    const last = page.at(-1)
    if (!last) return total
    after = last.id
  }
}

async function checkObject(storage: StorageDriver, object: StoredObject): Promise<Problem | null> {
  const problem = (kind: ProblemKind, detail: string) => ({
    kind,
    subject: object.key,
    detail,
    repaired: false,
  })
  const found = await storage.head(object.key)
  if (!found) return problem('missing_object', `${object.size} bytes are gone`)
  if (found.size !== object.size) return problem('truncated_object', `${found.size} of ${object.size} bytes`)
  const sha256 = await hashObject(storage, object.key)
  if (sha256 === null) return problem('missing_object', `${object.size} bytes are gone`)
  return sha256 === object.sha256
    ? null
    : problem('altered_object', `SHA-256 is ${sha256}, recorded ${object.sha256}`)
}

async function hashObject(storage: StorageDriver, key: string): Promise<string | null> {
  try {
    const body = await storage.open(key)
    const hash = createHash('sha256')
    for await (const chunk of body instanceof Blob ? body.stream() : body) hash.update(chunk)
    return hash.digest('hex')
  } catch (error) {
    if (isFault(error, 'object_missing')) return null
    throw error
  }
}

async function* checkOrphanObjects({ metadata, storage }: Deps, repair: boolean): AsyncGenerator<Problem> {
  for await (const { key, size } of storage.list()) {
    // Asked in this order: a session on its way has its staging entry first and its object record afterwards.
    const staged = await metadata.uploads.staged()
    if (staged.some((upload) => upload.key === key) || (await metadata.objects.findByKey(key))) continue
    if (repair) await storage.delete(key)
    yield { kind: 'orphan_object', subject: key, detail: `${size} bytes without a record`, repaired: repair }
  }
}

async function* checkStaging({ metadata, storage, clock }: Deps, repair: boolean): AsyncGenerator<Problem> {
  const found = new Map<string, Date>()
  for await (const { upload, modifiedAt } of storage.listUploads()) found.set(upload, modifiedAt)
  for (const { upload, session, open } of await metadata.uploads.staged()) {
    if (!found.delete(upload) && open) {
      const detail = `the staged bytes of ${session} are gone`
      yield { kind: 'missing_staging', subject: upload, detail, repaired: false }
    }
  }
  const settled = plusSeconds(clock.now(), -STAGING_GRACE)
  for (const [upload, modifiedAt] of found) {
    if (modifiedAt > settled) continue
    if (repair) await storage.abortUpload({ key: '', upload })
    yield {
      kind: 'orphan_staging',
      subject: upload,
      detail: 'staged bytes without a session',
      repaired: repair,
    }
  }
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
