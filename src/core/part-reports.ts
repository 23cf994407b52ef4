/** What a client says of its parts, compared with what is there: in our records, or in the store they went to. */
import { type Clock, plusSeconds } from './clock.ts'
import { BYTES_LOST } from './completion.ts'
import { Fault, isFault } from './fault.ts'
import type { MetadataStore } from './metadata.ts'
import type { UploadSession } from './model.ts'
import { isPartNumber } from './part-plan.ts'
import type { DirectAccess, StorageDriver, StoredPart } from './storage.ts'
import { directAccess, isOpen, uploadRef } from './upload-session.ts'

/** Parts recorded at one time. */
const BATCH = 100

export type ReportedPart = StoredPart & { checksumSha256: string | null }

export interface PartReports {
  /** Repeating it is fine. Faults: parts_closed, part_number_invalid, part_mismatch, unavailable. */
  report(session: UploadSession, part: ReportedPart): Promise<UploadSession>
  /** Likewise, of many parts, for which the store is asked once. */
  reportAll(session: UploadSession, parts: StoredPart[]): Promise<void>
  /**
   * Records what the store has of the parts that went past us and that nobody has reported yet: a client that goes
   * on after an interruption need not send them again. Faults: parts_closed, unavailable.
   */
  recall(session: UploadSession): Promise<void>
}

interface Deps {
  metadata: Pick<MetadataStore, 'uploads'>
  storage: Pick<StorageDriver, 'direct'>
  clock: Clock
  /** Seconds a session lives after its last sign of life. */
  sessionTtl: number
}

/** The store does not know the upload any more. */
const asClosed = (error: unknown): never => {
  throw isFault(error, 'upload_not_found') ? new Fault('parts_closed', BYTES_LOST) : error
}

export function createPartReports({ metadata: { uploads }, storage, clock, sessionTtl }: Deps): PartReports {
  const expiry = (): Date => plusSeconds(clock.now(), sessionTtl)
  const note = (id: string, part: ReportedPart): Promise<UploadSession> =>
    uploads.reportPart(id, part, clock.now(), expiry())
  const save = (id: string, part: StoredPart): Promise<number> =>
    uploads.savePart(id, part, clock.now(), expiry())

  /**
   * The store's word counts. What is recorded already stays as it is: a part must not be missing for a moment to a
   * caller who completes.
   */
  const noteDirect = async (
    direct: DirectAccess,
    session: UploadSession,
    reported: ReportedPart,
  ): Promise<UploadSession> => {
    const stored = await direct.findPart(uploadRef(session), reported.number).catch(asClosed)
    if (stored?.etag !== reported.etag || stored.size !== reported.size) throw new Fault('part_mismatch')
    try {
      return await note(session.id, reported)
    } catch (error) {
      if (!isFault(error, 'part_mismatch')) throw error
      await save(session.id, stored)
      return note(session.id, reported)
    }
  }

  const recall = async (session: UploadSession): Promise<void> => {
    const direct = directAccess(storage, session)
    if (!direct || !isOpen(session)) return
    const known = new Map((await uploads.parts(session.id)).map((part) => [part.number, part]))
    const isNew = ({ number, etag, size }: StoredPart): boolean => {
      const part = known.get(number)
      return isPartNumber(session, number) && (part?.etag !== etag || part.size !== size)
    }
    const found = (await direct.listParts(uploadRef(session)).catch(asClosed)).filter(isNew)
    for (let from = 0; from < found.length; from += BATCH)
      await Promise.all(found.slice(from, from + BATCH).map((part) => save(session.id, part)))
  }

  return {
    async report(session, part) {
      if (!isOpen(session)) throw new Fault('parts_closed')
      if (!isPartNumber(session, part.number)) throw new Fault('part_number_invalid')
      const direct = directAccess(storage, session)
      return direct ? noteDirect(direct, session, part) : note(session.id, part)
    },
    async reportAll(session, parts) {
      await recall(session)
      const known = new Set(
        (await uploads.parts(session.id)).filter(({ reported }) => reported).map(({ number }) => number),
      )
      const news = parts.filter(({ number }) => !known.has(number))
      if (news.some(({ number }) => !isPartNumber(session, number))) throw new Fault('part_number_invalid')
      for (let from = 0; from < news.length; from += BATCH)
        await Promise.all(
          news.slice(from, from + BATCH).map((part) => note(session.id, { ...part, checksumSha256: null })),
        )
    },
    recall,
  }
}
