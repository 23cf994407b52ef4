/**
 * Upload sessions: a state machine whose every step is a conditional change in the metadata store.
 *
 *   pending ──report──> uploading ──complete──> completing ──> completed
 *      └──────abort───────┴──> aborted              └─ wrong checksum ──> failed
 *   open and past its expiry ──> expired
 *
 * Bytes go to the storage part by part; nothing is assembled at the end.
 */
import { type Clock, plusSeconds } from './clock.ts'
import type { CompletedUpload, Completion } from './completion.ts'
import { Fault, isFault } from './fault.ts'
import { allowanceOf, laterForGuests } from './guest-allowance.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { FilePlace, MetadataStore } from './metadata.ts'
import type { Package, Part, Principal, UploadSession } from './model.ts'
import { isPartNumber, type PartPlan, partSizeFor } from './part-plan.ts'
import type { IncomingPart, PartReceiver } from './part-receiver.ts'
import { createPartReports } from './part-reports.ts'
import type { PartUrls, SignedPart } from './part-urls.ts'
import type { Signer } from './signer.ts'
import type { StorageDriver, StoredPart } from './storage.ts'
import { type CheckedRequest, readChecksum, type UploadRequest } from './upload-request.ts'
import { COMPLETION_TIMED_OUT, isOpen, type SessionLookup } from './upload-session.ts'

export interface SessionWithParts {
  session: UploadSession
  /** In order of number. */
  parts: Part[]
}

export interface UploadSettings {
  /** Bytes. */
  partSize: number
  /** Seconds a session lives after its last sign of life. */
  sessionTtl: number
  /** Bytes of the storage that uploads may not use. */
  minFree: number
  enabled: boolean
  guests: boolean
}

interface Settings extends UploadSettings {
  /** Bytes an address may upload without an account within 24 hours; 0: no limit. */
  guestBytesPerDay: number
}

export interface UploadService {
  /** Faults: uploads_disabled; unauthenticated for a guest where guests may not upload. */
  requireAllowed(by: Principal): void
  /** Fault: uploads_disabled. */
  requireEnabled(): void
  /**
   * Reserves the quota and opens a session. Faults: those of checkUploadRequest, too_many_uploads,
   * quota_exceeded, guest_allowance_used, no_space, storage_full.
   */
  create(by: Principal, request: UploadRequest): Promise<UploadSession>
  /**
   * Create and sign in one. The client cannot know the part count yet, so numbers outside it are left out;
   * part_number_invalid, and no session, when none remains.
   */
  createManaged(
    by: Principal,
    request: UploadRequest,
    numbers: number[],
    expiresIn: number,
  ): Promise<{ session: UploadSession; parts: SignedPart[] }>
  /** The caller's sessions that still take parts, the oldest first. A guest has none to list. */
  open(by: Principal): Promise<UploadSession[]>
  /** Keeps an open session alive. Someone else's is upload_not_found. */
  get(by: Principal, id: string): Promise<SessionWithParts>
  /** Faults: upload_not_found and those of PartUrls.sign. */
  sign(by: Principal, id: string, numbers: number[], expiresIn: number): Promise<SignedPart[]>
  /** URLs again for parts signed before, or null when the session takes no parts any more. */
  signAgain(by: Principal, id: string, numbers: number[], expiresIn: number): Promise<SignedPart[] | null>
  /** Faults: signature_invalid, signature_expired, upload_not_found and those of PartReceiver.receive. */
  putSignedPart(
    part: IncomingPart & { session: string; expires: number; signature: string },
  ): Promise<{ etag: string; size: number }>
  /** Faults: upload_not_found and those of PartReceiver.receive. */
  putPart(by: Principal, id: string, part: IncomingPart): Promise<{ etag: string; size: number }>
  /** As `get`, with what the store has of parts that went past us: nobody need send them again. Faults: and unavailable. */
  arrived(by: Principal, id: string): Promise<SessionWithParts>
  /** As `report`, of many parts at once; those that are reported already stay as they are. */
  reportAll(by: Principal, id: string, parts: StoredPart[]): Promise<void>
  /**
   * The client confirms a part; repeating it is fine. What it has sent past us is compared with what the store has.
   * Faults: upload_not_found, parts_closed, part_number_invalid, part_mismatch, unavailable.
   */
  report(
    by: Principal,
    id: string,
    part: { number: number; etag: string; size: number; checksumSha256: string | null },
  ): Promise<SessionWithParts>
  /** Faults: upload_not_found and those of Completion.complete. */
  complete(
    by: Principal,
    id: string,
    request: { checksumSha256: string | null; retried: boolean } & FilePlace,
  ): Promise<CompletedUpload>
  /** Ended without a file already: fine. Faults: upload_not_found, abort_closed. */
  abort(by: Principal, id: string): Promise<UploadSession>
}

export interface UploadDeps {
  metadata: MetadataStore
  storage: StorageDriver
  sessions: SessionLookup
  urls: PartUrls
  receiver: PartReceiver
  completion: Completion
  signer: Signer
  clock: Clock
  ids: Ids
  log: Log
  /** Judges a request to begin, in the promised order. */
  check(by: Principal, request: UploadRequest): Promise<CheckedRequest>
  settings: Settings
}

export function createUploads(deps: UploadDeps): UploadService {
  const { metadata, sessions, urls, receiver, completion, signer, clock, settings } = deps
  const { sessionTtl } = settings
  const reports = createPartReports({ metadata, storage: deps.storage, clock, sessionTtl })
  const expiry = (): Date => plusSeconds(clock.now(), sessionTtl)
  const requireEnabled = (): void => {
    if (!settings.enabled) throw new Fault('uploads_disabled')
  }

  const extendWhenHalfGone = async (session: UploadSession): Promise<UploadSession> => {
    const remaining = session.expiresAt.getTime() - clock.now().getTime()
    if (!isOpen(session) || remaining >= settings.sessionTtl * 500) return session
    const expiresAt = expiry()
    await metadata.uploads.extend(session.id, expiresAt)
    return { ...session, expiresAt }
  }

  const sign = async (
    by: Principal,
    id: string,
    numbers: number[],
    expiresIn: number,
  ): Promise<SignedPart[]> => urls.sign(await sessions.own(by, id), numbers, expiresIn)

  return {
    requireEnabled,
    requireAllowed(by) {
      requireEnabled()
      if (!by.account && !settings.guests) throw new Fault('unauthenticated')
    },
    create: async (by, request) => openSession(deps, by, plan(deps, await deps.check(by, request))),
    async createManaged(by, request, numbers, expiresIn) {
      const planned = plan(deps, await deps.check(by, request))
      const valid = [...new Set(numbers)].filter((number) => isPartNumber(planned, number))
      if (valid.length === 0) throw new Fault('part_number_invalid')
      const session = await openSession(deps, by, planned)
      return { session, parts: await urls.sign(session, valid, expiresIn) }
    },
    open: async ({ account }) => (account ? metadata.uploads.open(account.id, clock.now()) : []),
    async get(by, id) {
      const session = await extendWhenHalfGone(await sessions.own(by, id))
      return { session, parts: await metadata.uploads.parts(id) }
    },
    sign,
    async signAgain(by, id, numbers, expiresIn) {
      const session = await sessions.own(by, id)
      return isOpen(session) ? urls.sign(session, numbers, expiresIn) : null
    },
    async putSignedPart({ session, expires, signature, ...part }) {
      signer.verify({ kind: 'part', session, number: part.number, expires }, signature)
      return receiver.receive(await sessions.find(session), part)
    },
    putPart: async (by, id, part) => receiver.receive(await sessions.own(by, id), part),
    async report(by, id, part) {
      const before = await sessions.own(by, id)
      const session = await reports.report(before, {
        ...part,
        checksumSha256: readChecksum(part.checksumSha256),
      })
      return { session, parts: await metadata.uploads.parts(id) }
    },
    reportAll: async (by, id, parts) => reports.reportAll(await sessions.own(by, id), parts),
    async arrived(by, id) {
      const session = await extendWhenHalfGone(await sessions.own(by, id))
      await reports.recall(session)
      return { session, parts: await metadata.uploads.parts(id) }
    },
    complete: async (by, id, request) =>
      completion.complete(by.account, await sessions.own(by, id), { ...request, ip: by.ip }),
    async abort(by, id) {
      await sessions.own(by, id)
      const session = await metadata.uploads.abort(id, clock.now())
      await completion.discard(session)
      return session
    },
  }
}

type PlannedUpload = Omit<CheckedRequest, 'size' | 'partSize'> & PartPlan

const plan = (
  { storage, settings }: UploadDeps,
  { size, partSize, ...checked }: CheckedRequest,
): PlannedUpload => ({
  ...checked,
  expectedSize: size,
  partSize: partSizeFor(size, partSize ?? settings.partSize, storage.minPartSize),
})

/**
 * Storage first, record second: a refusal by the record removes the empty staging again. What alone is more
 * than the storage can take is not staged at all; the record refuses it, after the reasons that come before.
 */
async function openSession(deps: UploadDeps, by: Principal, planned: PlannedUpload): Promise<UploadSession> {
  const { metadata, storage, clock, ids, log, settings } = deps
  const { pkg, ...wanted } = planned
  const { expectedSize: size, partSize } = planned
  const capacity = await room(storage, settings.minFree)
  const fits = capacity === null || size <= capacity
  const objectKey = ids.objectKey()
  const description = { name: planned.filename, mimeType: planned.mimeType ?? 'application/octet-stream' }
  const storageUpload = fits ? await storage.createUpload(objectKey, { size, partSize }, description) : ''
  const createdAt = clock.now()
  const times = { createdAt, expiresAt: plusSeconds(createdAt, settings.sessionTtl) }
  const session = {
    id: ids.uploadSession(),
    accountId: by.account?.id ?? null,
    ...wanted,
    objectKey,
    storageUpload,
  }
  const admission = { maxConcurrent: pkg.concurrentUploads, ...limitsOf(deps, by, pkg), capacity }
  try {
    const create = () => metadata.uploads.create({ ...session, ...times }, admission)
    return await afterExpiry(deps, create).catch(laterForGuests)
  } catch (error) {
    // The refusal is the answer; staging that cannot be removed now is found at the next start.
    const left = (cause: unknown) => log.warn('staging_left', { upload: storageUpload, cause: String(cause) })
    if (fits) await storage.abortUpload({ key: objectKey, upload: storageUpload }).catch(left)
    throw error
  }
}

/** An account has its quota, a guest what its address may send a day. */
function limitsOf({ clock, settings }: UploadDeps, { account, ip }: Principal, pkg: Package) {
  if (account) return { maxStorageBytes: pkg.maxStorageBytes }
  const { guestAllowance } = allowanceOf(clock, settings.guestBytesPerDay)
  const guest = guestAllowance && { guest: { ...guestAllowance, address: ip || null } }
  return { maxStorageBytes: 0, ...guest }
}

/** What stands in the way may be sessions that have expired and that nobody has looked at since. */
async function afterExpiry<T>({ metadata, clock }: UploadDeps, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!isFault(error, 'too_many_uploads', 'quota_exceeded', 'no_space')) throw error
    const ended = await metadata.uploads.expire(clock.now(), COMPLETION_TIMED_OUT)
    if (ended === 0) throw error
    return attempt()
  }
}

/** Bytes uploads may still take, null when endless. */
async function room(storage: StorageDriver, minFree: number): Promise<number | null> {
  const free = await storage.freeBytes()
  return free === null ? null : Math.max(0, free - minFree)
}
