/** What is different without an account: who sees the files, and how many bytes an address may upload in 24 hours. */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import type { GuestAllowance } from './metadata.ts'
import type { Visibility } from './model.ts'

/** Anonymous uploads are for everybody: nobody could ever change it. */
export const GUEST_VISIBILITY: Visibility = 2

const HOUR = 3600
const DAY = 24 * HOUR

/** For the record of a new anonymous file; nothing when `bytesPerDay` is 0, which means no limit. */
export const allowanceOf = (clock: Clock, bytesPerDay: number): { guestAllowance?: GuestAllowance } =>
  bytesPerDay === 0
    ? {}
    : { guestAllowance: { since: plusSeconds(clock.now(), -DAY), maxBytes: bytesPerDay } }

/** Room comes back as earlier files get a day old, a little at a time: it is worth asking again. */
export function laterForGuests(error: unknown): never {
  if (!isFault(error, 'guest_allowance_used')) throw error
  throw new Fault('guest_allowance_used', undefined, { retryAfter: HOUR, cause: error })
}
