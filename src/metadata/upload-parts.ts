/**
 * Parts of an upload session. The session's sums are kept by what each step changes, never counted anew:
 * a session may have 10 000 parts, and every one of them comes through here twice.
 */
import { Fault } from '../core/fault.ts'
import type { Part, UploadSession } from '../core/model.ts'
import type { StoredPart } from '../core/storage.ts'
import { type Connection, row, rows, run, type Work } from './database.ts'
import * as queries from './upload-part-queries.ts'
import { refuse, requireUpload } from './upload-states.ts'

/** In order of number. */
export const listParts = (db: Connection, id: string): Work<Part[]> => rows(queries.allParts(db), { id })

/** See UploadStore.signParts. */
export function* signParts(
  db: Connection,
  id: string,
  numbers: number[],
  now: Date,
  expiresAt: Date,
): Work<void> {
  const open = yield* row(queries.signing(db), { id, now, expiresAt })
  if (!open) return yield* refuse(db, id, 'sign_closed')
  for (const { from, to } of runsOf(numbers)) yield* run(queries.addSigned(db), { id, now, from, to })
}

/** The numbers as runs without a gap: clients sign all that is missing, which is a few runs of thousands. */
function runsOf(numbers: number[]): Array<{ from: number; to: number }> {
  const runs: Array<{ from: number; to: number }> = []
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last && number <= last.to + 1) last.to = number
    else runs.push({ from: number, to: number })
  }
  return runs
}

/** See UploadStore.withdrawPart. */
export function* withdrawPart(db: Connection, id: string, number: number, now: Date): Work<void> {
  const open = yield* row(queries.withdrawing(db), { id, now })
  if (!open) return yield* refuse(db, id, 'parts_closed')
  const part = yield* row(queries.partByNumber(db), { id, number })
  if (!part || part.etag === null) return
  yield* run(queries.forgetBytes(db), { id, number, now })
  yield* run(queries.countPart(db), { id, ...without(part), prefix: Math.min(open.prefixParts, number - 1) })
}

/** How the session's sums change when the bytes of this part are forgotten. */
const without = (part: Part | null) => ({
  stored: -(part?.size ?? 0),
  uploaded: part?.reported ? -part.size : 0,
  completed: part?.reported ? -1 : 0,
})

/**
 * See UploadStore.savePart. A session past its expiry still takes it as long as nobody has ended it: the
 * bytes began to arrive in time, and they are on disk.
 */
export function* savePart(
  db: Connection,
  id: string,
  part: StoredPart,
  now: Date,
  expiresAt: Date,
): Work<number> {
  const open = yield* row(queries.saving(db), { id, now, expiresAt })
  if (!open) return yield* refuse(db, id, 'parts_closed')
  const { number, etag, size } = part
  const known = yield* row(queries.partByNumber(db), { id, number })
  if (known?.etag === etag && known.size === size) return open.prefixParts
  const earlier = without(known)
  yield* run(queries.putPart(db), { id, number, etag, size, now })
  const prefix = yield* prefixWith(db, id, number, open.prefixParts)
  yield* run(queries.countPart(db), { id, ...earlier, stored: earlier.stored + size, prefix })
  return prefix
}

/** The gapless beginning of the session, now that this part is there. */
function* prefixWith(db: Connection, id: string, number: number, prefix: number): Work<number> {
  if (number !== prefix + 1) return prefix
  const end = yield* row(queries.endOfRun(db), { id, number })
  return end?.number ?? number
}

/** See UploadStore.reportPart. */
export function* reportPart(
  db: Connection,
  id: string,
  reported: StoredPart & { checksumSha256: string | null },
  now: Date,
  expiresAt: Date,
): Work<UploadSession> {
  const open = yield* row(queries.reporting(db), { id, now, expiresAt })
  if (!open) return yield* refuse(db, id, 'parts_closed')
  const { number, etag, size } = reported
  const part = yield* row(queries.partByNumber(db), { id, number })
  if (part?.etag !== etag || part.size !== size) throw new Fault('part_mismatch')
  const checksum = reported.checksumSha256 ?? part.checksumSha256
  if (!part.reported || checksum !== part.checksumSha256) {
    yield* run(queries.markReported(db), { id, number, checksum, now })
  }
  if (!part.reported) {
    const counted = { stored: 0, uploaded: size, completed: 1, prefix: open.prefixParts }
    yield* run(queries.countPart(db), { id, ...counted })
  }
  return yield* requireUpload(db, id)
}
