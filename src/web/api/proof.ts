/** Changes that whoever sits down at an open browser must not make: they ask for the password again. */
import { Elysia } from 'elysia'
import { Fault, isFault } from '../../core/fault.ts'
import type { WebDeps } from '../session.ts'
import { type Call, calls, changing } from './calls.ts'
import { optionalText, textField } from './read.ts'

type Prove = (call: Pick<Call, 'account' | 'principal' | 'session' | 'body'>) => Promise<void>

type ProofDeps = Pick<WebDeps, 'core' | 'limiter' | 'signInPerMinute'>

/** `password` of the body, whatever was proved before. Faults: invalid, wrong_password, rate_limited. */
const passwordProof =
  ({ core, limiter, signInPerMinute }: ProofDeps): Prove =>
  async ({ principal, session, body }) => {
    limiter.take([{ key: `web/proof/${session.id}`, limit: signInPerMinute }])
    await core.proofs.prove({ principal, session }, textField(body, 'password'))
  }

/**
 * `password` of the body when it is there, else a proof of the last 15 minutes. Faults: proof_required,
 * wrong_password, rate_limited (as often as one may sign in, and after five wrong ones).
 */
export const freshProof = (deps: ProofDeps): Prove => {
  const prove = passwordProof(deps)
  return async (call) => {
    if (call.body.password === undefined) deps.core.proofs.requireFresh(call.session)
    else await prove(call)
  }
}

/** For what can not be taken back: `password`, and `code` where there is a second factor, in any case. */
export const fullProof = (deps: ProofDeps): Prove => {
  const prove = passwordProof(deps)
  return async (call) => {
    await prove(call)
    const { core } = deps
    if (!(await core.secondFactors.isOn(call.account.id))) return
    await codeChecked(() =>
      core.secondFactors.require(call.account.id, optionalText(call.body, 'code') ?? ''),
    )
  }
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

/** Proves with `password`, or tells whether that is needed: `/web/account/proof`. */
export function proofRoutes(deps: WebDeps) {
  const prove = freshProof(deps)
  return new Elysia().post(
    '/web/account/proof',
    calls(deps)(async (given) => {
      await prove(given)
      return { status: 'ok' }
    }),
    changing,
  )
}
