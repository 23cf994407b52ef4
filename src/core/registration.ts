/** Accounts that visitors make for themselves. */
import type { AccountService } from './accounts.ts'
import { Fault } from './fault.ts'
import { REGISTRATION_CLOSED } from './login-tokens.ts'
import type { Account } from './model.ts'

export interface RegistrationService {
  readonly isOpen: boolean
  /** Faults: forbidden (visitors may not), invalid (name, password, email), name_taken, email_taken. */
  register(input: { name: string; password: string; email: string | null }): Promise<Account>
}

/** `isOpen` is asked each time: administrators change it while the server runs. */
export const createRegistration = (accounts: AccountService, isOpen: () => boolean): RegistrationService => ({
  get isOpen() {
    return isOpen()
  },
  async register(input) {
    if (!isOpen()) throw new Fault('forbidden', REGISTRATION_CLOSED)
    return accounts.create(input)
  },
})
