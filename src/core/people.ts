/** Who somebody is, and what proves it: accounts with their credentials, wired together. */
import { createAccessTokens } from './access-tokens.ts'
import { createAccounts } from './accounts.ts'
import { createAudit } from './audit.ts'
import type { Core, CoreDeps } from './core.ts'
import type { LiveSettings } from './live-settings.ts'
import { createLockout } from './lockout.ts'
import { createLoginTokens } from './login-tokens.ts'
import type { PackageService } from './packages.ts'
import { createProofs } from './proofs.ts'
import { createRegistration } from './registration.ts'
import { createSecondFactors } from './second-factors.ts'
import { createSetup } from './setup.ts'
import { createTokens } from './tokens.ts'
import { createWebSessions } from './web-sessions.ts'

export type People = Pick<
  Core,
  | 'accounts'
  | 'registration'
  | 'setup'
  | 'tokens'
  | 'accessTokens'
  | 'loginTokens'
  | 'webSessions'
  | 'secondFactors'
  | 'proofs'
  | 'audit'
>

interface Deps extends Pick<CoreDeps, 'metadata' | 'passwords' | 'clock' | 'ids' | 'log' | 'settings'> {
  packages: PackageService
  live: LiveSettings
}

/** Makes the key of login tokens where it is missing. */
export async function createPeople(deps: Deps): Promise<People> {
  const { metadata, packages, passwords, live, clock, ids, log, settings } = deps
  const jwtKey = await metadata.settings.findOrCreate('jwt_key', ids.secret(32))
  const { defaultPackage } = settings
  const accounts = createAccounts({ metadata, packages, passwords, clock, defaultPackage })
  const secondFactors = createSecondFactors({ metadata, lockout: createLockout(clock), clock, ids })
  const audit = createAudit({ metadata, clock, log })
  const tokens = createTokens({ metadata, packages, clock, ids, log })
  return {
    accounts,
    registration: createRegistration(accounts, () => live.now.registration),
    setup: createSetup({ accounts, ids }),
    tokens,
    accessTokens: createAccessTokens({ metadata, accounts, tokens, packages, audit, clock, ids }),
    loginTokens: createLoginTokens({
      ...{ metadata, accounts, audit, clock, ids },
      key: Buffer.from(jwtKey, 'hex'),
      registration: () => live.now.registration,
    }),
    webSessions: createWebSessions({ metadata, accounts, secondFactors, audit, clock, ids, log }),
    secondFactors,
    proofs: createProofs({ metadata, accounts, audit, lockout: createLockout(clock), clock }),
    audit,
  }
}
