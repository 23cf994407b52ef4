/**
 * Safe retries: a request that carries a key is executed once; its answer is replayed for 24 hours.
 * The key belongs to an actor and an endpoint; another payload under the same key is refused.
 */
import { createHash } from 'node:crypto'
import { type Clock, plusSeconds } from './clock.ts'
import { Fault } from './fault.ts'
import type { Ids } from './ids.ts'
import type { IdempotencyKey, MetadataStore } from './metadata.ts'
import type { Principal } from './model.ts'

export interface Answer<Body> {
  status: number
  /** Fit for JSON, which is how it is kept. */
  body: Body
}

export interface IdempotentRequest {
  /** Null: the caller did not ask for it, and the request simply runs. */
  key: string | null
  endpoint: string
  principal: Principal
  payload: Record<string, unknown>
}

/** How a request is executed and how its stored answer is brought up to date. */
export interface Execution<Body> {
  /** `retried`: an earlier attempt was cut off and may have done its work. */
  execute(retried: boolean): Promise<Answer<Body>>
  /** What in a stored answer cannot be replayed as it is, such as URLs that expire. */
  refresh?(answer: Answer<Body>): Promise<Answer<Body>>
}

export interface Idempotency {
  /** Faults: request_in_flight, idempotency_mismatch, and those of the execution, which free the key. */
  run<Body extends object>(
    request: IdempotentRequest,
    execution: Execution<Body>,
  ): Promise<Answer<Body> & { replayed: boolean }>
}

/** Seconds after which an unfinished request may be taken over. */
const STALE_AFTER = 300

interface Deps {
  metadata: MetadataStore
  clock: Clock
  ids: Ids
  /** Seconds a stored answer is kept. */
  ttl: number
}

export function createIdempotency({ metadata, clock, ids, ttl }: Deps): Idempotency {
  const owner = ids.secret(8)
  const begin = (key: IdempotencyKey, payload: Record<string, unknown>) => {
    const now = clock.now()
    const window = { staleBefore: plusSeconds(now, -STALE_AFTER), expiredBefore: plusSeconds(now, -ttl) }
    return metadata.idempotency.begin({ ...key, payloadHash: payloadHash(payload), owner, now, ...window })
  }
  const executeOnce = async <Body extends object>(
    key: IdempotencyKey,
    execution: Execution<Body>,
    retried: boolean,
  ): Promise<Answer<Body>> => {
    try {
      const answer = await execution.execute(retried)
      await metadata.idempotency.finish(
        key,
        { status: answer.status, body: JSON.stringify(answer.body) },
        clock.now(),
      )
      return answer
    } catch (error) {
      await metadata.idempotency.release(key)
      throw error
    }
  }
  return {
    async run({ key, endpoint, principal, payload }, execution) {
      if (key === null) return { ...(await execution.execute(false)), replayed: false }
      const record = { key, endpoint, actor: principal.actor }
      const outcome = await begin(record, payload)
      switch (outcome.state) {
        case 'fresh':
        case 'taken_over':
          return {
            ...(await executeOnce(record, execution, outcome.state === 'taken_over')),
            replayed: false,
          }
        case 'pending':
          throw new Fault('request_in_flight', undefined, { retryAfter: 1 })
        case 'mismatch':
          throw new Fault('idempotency_mismatch')
        case 'done': {
          const stored = { status: outcome.status, body: JSON.parse(outcome.body) }
          return { ...((await execution.refresh?.(stored)) ?? stored), replayed: true }
        }
      }
    },
  }
}

/** The same whatever the order of keys and the white space of the request. */
export function payloadHash(payload: unknown): string {
  return createHash('sha256').update(canonicalJson(payload)).digest('hex')
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    const sorted = Object.create(null)
    for (const name of Object.keys(inner).sort()) sorted[name] = inner[name]
    return sorted
  })
}
