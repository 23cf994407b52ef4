/** That an account still is what it was when somebody proved to be its owner. */
import { eq } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { AccountProof } from '../core/metadata.ts'
import { type Connection, row, type Work } from './database.ts'
import { accounts } from './schema.ts'

/**
 * To be asked in the transaction that writes a credential down. Faults: account_not_found; bad_credentials when the
 * account has another password or status than `proof` has.
 */
export function* requireProof(db: Connection, accountId: number, proof?: AccountProof): Work<void> {
  const { passwordHash, status } = accounts
  const found = yield* row(
    db.select({ passwordHash, status }).from(accounts).where(eq(accounts.id, accountId)),
  )
  if (!found) throw new Fault('account_not_found')
  const isSame = !proof || (found.passwordHash === proof.passwordHash && found.status === proof.status)
  if (!isSame) throw new Fault('bad_credentials')
}
