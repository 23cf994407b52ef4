/** Changes that whoever sits down at an open browser must not make: they ask for the password again. */
import { Fault, isFault } from '../../core/fault.ts'
import type { WebDeps } from '../session.ts'
import type { Call } from './calls.ts'
import { optionalText, textField } from './read.ts'

type Prove = (call: Pick<Call, 'account' | 'body'>) => Promise<void>

/** `password` of the body. Faults: invalid, wrong_password, rate_limited (as often as one may sign in). */
export const passwordProof =
  ({ core, limiter, signInPerMinute }: Pick<WebDeps, 'core' | 'limiter' | 'signInPerMinute'>): Prove =>
  async ({ account, body }) => {
    limiter.take([{ key: `web/proof/${account.id}`, limit: signInPerMinute }])
    await core.accounts.requirePassword(account, textField(body, 'password'))
  }

/** Likewise, and `code` where there is a second factor. Faults: as above; invalid also for a wrong code. */
export const fullProof =
  (deps: Pick<WebDeps, 'core' | 'limiter' | 'signInPerMinute'>): Prove =>
  async (call) => {
    await passwordProof(deps)(call)
    const { core } = deps
    if (!(await core.secondFactors.isOn(call.account.id))) return
    await codeChecked(() =>
      core.secondFactors.require(call.account.id, optionalText(call.body, 'code') ?? ''),
    )
  }

/** A wrong code of somebody who is signed in is a field to put right: who is asking is known. */
export async function codeChecked<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isFault(error, 'second_factor_wrong')) throw new Fault('invalid', error.message, { field: 'code' })
    throw error
  }
}
