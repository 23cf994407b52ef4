/** A second factor: who signs in with a password shows a code of an authenticator, too, or one kept on paper. */
import type { Clock } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import type { Ids } from './ids.ts'
import type { Lockout } from './lockout.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, SecondFactor } from './model.ts'
import { authenticatorUri, matchingStep, toBase32 } from './one-time-code.ts'
import { fingerprint } from './signer.ts'

const RECOVERY_CODES = 10

export interface SecondFactorState {
  isOn: boolean
  /** Unused ones. */
  recoveryCodesLeft: number
}

export interface SecondFactorService {
  state(account: Account): Promise<SecondFactorState>
  /** Whether a password alone is not enough. */
  isOn(accountId: number): Promise<boolean>
  /** A new secret for the authenticator; it counts once `confirm` has seen a code. Fault: conflict when it is on. */
  begin(account: Account, issuer: string): Promise<{ secret: string; uri: string }>
  /**
   * Turns it on; returns the recovery codes, shown now and never again. Faults: second_factor_wrong; conflict when it
   * is on, was never begun, or was begun anew meanwhile: the code was of another secret.
   */
  confirm(account: Account, code: string): Promise<string[]>
  /**
   * Accepts a code of the authenticator, each only once, or an unused recovery code.
   * Fault: second_factor_wrong, after five wrong ones for fifteen minutes whatever the code.
   */
  require(accountId: number, code: string): Promise<void>
  /** In place of all earlier ones. Faults: second_factor_wrong, conflict (set up anew meanwhile). */
  renewRecoveryCodes(account: Account, code: string): Promise<string[]>
  /** Faults: second_factor_wrong, conflict (set up anew meanwhile). */
  turnOff(account: Account, code: string): Promise<void>
  /** For an administrator, when the owner has lost both: without a code. */
  reset(accountId: number): Promise<void>
}

interface Deps {
  metadata: Pick<MetadataStore, 'secondFactors'>
  lockout: Lockout
  clock: Clock
  ids: Pick<Ids, 'secret'>
}

export function createSecondFactors({ metadata, lockout, clock, ids }: Deps): SecondFactorService {
  const { secondFactors } = metadata

  const newCodes = (): string[] =>
    Array.from({ length: RECOVERY_CODES }, () => ids.secret(5).replace(/^(.{5})/, '$1-'))

  const accept = async (accountId: number, given: string): Promise<SecondFactor> => {
    const code = given.replace(/[\s-]/g, '').toLowerCase()
    const factor = await secondFactors.find(accountId)
    if (!factor?.confirmedAt) throw new Fault('bad_credentials')
    const now = clock.now()
    const step = /^\d{6}$/.test(code) ? matchingStep(factor.secret, code, now) : null
    const isGood =
      step === null
        ? await secondFactors.takeCode(factor, hashOf(code), now)
        : await secondFactors.takeStep(factor, step)
    if (!isGood) throw new Fault('bad_credentials')
    return factor
  }

  /**
   * The factor that was proved. The lockout counts bad_credentials; whoever typed a code is told that it was the
   * code.
   */
  const prove = async (accountId: number, code: string): Promise<SecondFactor> => {
    try {
      return await lockout.attempt(`second-factor/${accountId}`, () => accept(accountId, code))
    } catch (error) {
      if (isFault(error, 'bad_credentials'))
        throw new Fault('second_factor_wrong', undefined, { cause: error.cause })
      throw error
    }
  }

  return {
    async state({ id }) {
      const factor = await secondFactors.find(id)
      const isOn = factor?.confirmedAt != null
      return { isOn, recoveryCodesLeft: isOn ? await secondFactors.codesLeft(id) : 0 }
    },
    isOn: async (accountId) => (await secondFactors.find(accountId))?.confirmedAt != null,
    async begin({ id, name }, issuer) {
      const secret = toBase32(Buffer.from(ids.secret(20), 'hex'))
      await secondFactors.begin({ accountId: id, secret, createdAt: clock.now() })
      return { secret, uri: authenticatorUri(secret, issuer, name) }
    },
    async confirm({ id }, code) {
      const factor = await secondFactors.find(id)
      if (!factor || factor.confirmedAt !== null)
        throw new Fault('conflict', 'There is no second factor to confirm.')
      const now = clock.now()
      const step = matchingStep(factor.secret, code.replace(/\s/g, ''), now)
      if (step === null) throw new Fault('second_factor_wrong')
      const codes = newCodes()
      await secondFactors.confirm(factor, step, codes.map(hashOf), now)
      return codes
    },
    require: async (accountId, code) => void (await prove(accountId, code)),
    async renewRecoveryCodes({ id }, code) {
      const factor = await prove(id, code)
      const codes = newCodes()
      await secondFactors.replaceCodes(factor, codes.map(hashOf))
      return codes
    },
    async turnOff({ id }, code) {
      const { secret } = await prove(id, code)
      await secondFactors.remove(id, secret)
    },
    reset: (accountId) => secondFactors.remove(accountId),
  }
}

/** However it was typed. */
const hashOf = (code: string): string => fingerprint(code.replace(/[\s-]/g, '').toLowerCase())
