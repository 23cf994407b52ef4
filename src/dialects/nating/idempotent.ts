/** Runs a request once per Idempotency-Key and marks an answer that is replayed. */
import type { Core } from '../../core/core.ts'
import type { Execution } from '../../core/idempotency.ts'
import type { Caller } from './admission.ts'
import { readIdempotencyKey } from './read.ts'

interface Exchange {
  caller: Caller
  request: Request
  set: { headers: Record<string, string | number | undefined> }
}

/** `endpoint` keeps keys of different endpoints apart. Returns the body; the status is always 201. */
export async function once<Body extends object>(
  core: Core,
  endpoint: string,
  { caller, request, set }: Exchange,
  execution: {
    execute(retried: boolean): Promise<Body>
    refresh?(body: Body): Promise<Body>
  },
): Promise<Body> {
  const { execute, refresh } = execution
  const asAnswer: Execution<Body> = {
    execute: async (retried) => ({ status: 201, body: await execute(retried) }),
    ...(refresh && { refresh: async ({ status, body }) => ({ status, body: await refresh(body) }) }),
  }
  const key = readIdempotencyKey(request.headers)
  const identity = { key, endpoint, principal: caller.principal, payload: caller.body }
  const answer = await core.idempotency.run(identity, asAnswer)
  if (answer.replayed) set.headers['idempotency-replayed'] = 'true'
  return answer.body
}
