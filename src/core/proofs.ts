/**
 * That it is still the owner who sits at a browser that has signed in: before what gives power, or takes it from
 * the owner, the password is asked again unless that was done a moment ago.
 */
import type { AccountService } from './accounts.ts'
import type { AuditService } from './audit.ts'
import type { Clock } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import { LOCKED_OUT, type Lockout } from './lockout.ts'
import type { MetadataStore } from './metadata.ts'
import type { SignedInBrowser } from './web-sessions.ts'

/** Seconds a proof counts; signing in is one. */
const PROOF_TTL = 15 * 60

export interface ProofService {
  /** Fault: proof_required when the last proof of the session is older than 15 minutes. */
  requireFresh(session: SignedInBrowser['session'], message?: string): void
  /**
   * The session has proved itself. Faults: wrong_password; rate_limited after five wrong ones of this session within
   * fifteen minutes, whatever the password. Other sessions of the account are not hindered: who guesses at a browser
   * that is not theirs must not keep the owner from signing it out.
   */
  prove(browser: SignedInBrowser, password: string): Promise<void>
}

interface Deps {
  metadata: Pick<MetadataStore, 'webSessions'>
  accounts: Pick<AccountService, 'requirePassword'>
  audit: Pick<AuditService, 'tries'>
  lockout: Lockout
  clock: Clock
}

export function createProofs({ metadata, accounts, audit, lockout, clock }: Deps): ProofService {
  /** The lockout counts bad_credentials. */
  const check = async ({ account }: SignedInBrowser['principal'], password: string): Promise<void> => {
    try {
      await accounts.requirePassword(account, password)
    } catch (error) {
      throw isFault(error, 'wrong_password') ? new Fault('bad_credentials') : error
    }
  }
  return {
    requireFresh({ provedAt }, message) {
      // A clock that was set back a little must not make a proof of this moment worthless.
      const age = provedAt === null ? Number.POSITIVE_INFINITY : clock.now().getTime() - provedAt.getTime()
      if (Math.abs(age) > PROOF_TTL * 1000) throw new Fault('proof_required', message)
    },
    async prove({ principal, session }, password) {
      const { name } = principal.account
      try {
        await audit.tries.watchProof({ door: 'Browser', name, ip: principal.ip }, () =>
          lockout.attempt(`proof/${session.id}`, () => check(principal, password)),
        )
      } catch (error) {
        throw isFault(error, 'bad_credentials') ? refusalOf(error) : error
      }
      await metadata.webSessions.prove(session.id, clock.now())
    },
  }
}

/** Who asks is known: it can be told. */
const refusalOf = ({ cause }: Fault): Fault =>
  cause === LOCKED_OUT
    ? new Fault('rate_limited', 'Too many wrong passwords. Wait a quarter of an hour.', {
        retryAfter: PROOF_TTL,
      })
    : new Fault('wrong_password')
