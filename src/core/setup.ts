/** The first admin, made in the browser by whoever can read the server's output. */
import type { AccountService } from './accounts.ts'
import { Fault } from './fault.ts'
import type { Ids } from './ids.ts'
import type { Account } from './model.ts'
import { fingerprint } from './signer.ts'

export interface SetupService {
  /** The one-time token of this process, or null when there is an admin already. */
  token(): Promise<string | null>
  /** Fault: signature_invalid for a wrong or used-up token. */
  verify(token: string): Promise<void>
  /** Makes the admin; the token is then used up. Faults: signature_invalid, and those of accounts.create. */
  createAdmin(token: string, name: string, password: string): Promise<Account>
}

export function createSetup({ accounts, ids }: { accounts: AccountService; ids: Ids }): SetupService {
  const secret = ids.secret(24)
  let busy = false
  const verify = async (token: string): Promise<void> => {
    const matches = fingerprint(token) === fingerprint(secret)
    if (!matches || (await accounts.hasAdmin())) throw new Fault('signature_invalid')
  }
  return {
    token: async () => ((await accounts.hasAdmin()) ? null : secret),
    verify,
    async createAdmin(token, name, password) {
      if (busy) throw new Fault('conflict')
      busy = true
      try {
        await verify(token)
        return await accounts.create({ name, password, isAdmin: true })
      } finally {
        busy = false
      }
    },
  }
}
