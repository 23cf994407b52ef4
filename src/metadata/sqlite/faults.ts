/** SQLite's errors as Faults, by code. */
import { Fault } from '../../core/fault.ts'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Another connection holds the lock; the same again may succeed. */
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))

/** What the caller is told: a Fault for what can happen to anybody, else the error itself (a bug of ours). */
export function toFault(error: unknown): unknown {
  const code = codeOf(error)
  // The shared index of the write-ahead log could not grow: a full disk as well.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') {
    return new Fault('storage_full', undefined, { cause: error })
  }
  if (isBusy(error)) return new Fault('unavailable', undefined, { cause: error, retryAfter: 1 })
  if (/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|FOREIGNKEY)$/.test(code)) {
    return new Fault('conflict', undefined, { cause: error })
  }
  return error
}
