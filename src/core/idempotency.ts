/**
 * Safe retries: a request that carries a key is executed once; its answer is replayed for 24 hours.
 * The key belongs to an actor and an endpoint; another payload under the same key is refused.
 */
import { createHash } from 'node:crypto'
import { type Clock, plusSeconds } from './clock.ts'
import { Fault } from './fault.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
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
  /**
   * Faults: request_in_flight, idempotency_mismatch, and those of the execution, which free the key. An answer
   * that could not be kept is given all the same: the work is done, and its key is not free.
   */
  run<Body extends object>(
    request: IdempotentRequest,
    execution: Execution<Body>,
  ): Promise<Answer<Body> & { replayed: boolean }>
}

/** Seconds after which an unfinished request may be taken over, unless it still runs here. */
const STALE_AFTER = 300
const NEVER = new Date(0)

interface Deps {
  metadata: MetadataStore
  clock: Clock
  ids: Ids
  log: Log
  /** Seconds a stored answer is kept. */
  ttl: number
}

export function createIdempotency({ metadata, clock, ids, log, ttl }: Deps): Idempotency {
  const owner = ids.secret(8)
  /** A large file may take longer to complete than an abandoned request is waited for. */
  const running = new Set<string>()

  const begin = (key: IdempotencyKey, payload: Record<string, unknown>) => {
    const now = clock.now()
    const window = running.has(nameOf(key))
      ? { staleBefore: NEVER, expiredBefore: NEVER }
      : { staleBefore: plusSeconds(now, -STALE_AFTER), expiredBefore: plusSeconds(now, -ttl) }
    return metadata.idempotency.begin({ ...key, payloadHash: payloadHash(payload), owner, now, ...window })
  }
  /** What cannot be written down goes to the log: the caller has to learn how its own request ended. */
  const note = async (event: string, { endpoint, actor }: IdempotencyKey, write: () => Promise<void>) => {
    try {
      await write()
    } catch (error) {
      log.error(event, { endpoint, actor, cause: String(error) })
    }
  }
  const execute = async <Body extends object>(
    key: IdempotencyKey,
    execution: Execution<Body>,
    retried: boolean,
  ): Promise<Answer<Body>> => {
    const answer = await execution.execute(retried).catch(async (error: unknown) => {
      await note('idempotency_key_not_freed', key, () => metadata.idempotency.release(key))
      throw error
    })
    const kept = { status: answer.status, body: JSON.stringify(answer.body) }
    await note('idempotent_answer_not_kept', key, () => metadata.idempotency.finish(key, kept, clock.now()))
    return answer
  }
  const executeOnce: typeof execute = async (key, execution, retried) => {
    const name = nameOf(key)
    running.add(name)
    try {
      return await execute(key, execution, retried)
    } finally {
      running.delete(name)
    }
  }
  return {
    async run({ key, endpoint, principal, payload }, execution) {
      if (key === null) return { ...(await execution.execute(false)), replayed: false }
      const record = { key, endpoint, actor: principal.actor }
      const outcome = await begin(record, payload)
      switch (outcome.state) {
        case 'fresh':
        case 'taken_over': {
          const retried = outcome.state === 'taken_over'
          return { ...(await executeOnce(record, execution, retried)), replayed: false }
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

const nameOf = ({ key, endpoint, actor }: IdempotencyKey): string => JSON.stringify([key, endpoint, actor])

/** SHA-256 as hex, the same whatever the order of keys and the white space of the request. */
export function payloadHash(payload: unknown): string {
  return createHash('sha256').update(canonicalJson(payload)).digest('hex')
}

/** JSON with sorted keys. Not recursive: a request may be nested deeper than the stack reaches. */
function canonicalJson(payload: unknown): string {
  const text: string[] = []
  const waiting: Piece[] = [{ value: payload }]
  for (let piece = waiting.pop(); piece; piece = waiting.pop()) {
    if ('text' in piece) text.push(piece.text)
    else if (piece.value !== null && typeof piece.value === 'object')
      for (const inner of pieces(piece.value).reverse()) waiting.push(inner)
    else text.push(JSON.stringify(piece.value) ?? 'null')
  }
  return text.join('')
}

/** JSON text as it is, or a value that is still to be written. */
type Piece = { text: string } | { value: unknown }

function pieces(composite: object): Piece[] {
  if (Array.isArray(composite)) {
    const items = composite.flatMap((value): Piece[] => [{ text: ',' }, { value }])
    return [{ text: '[' }, ...items.slice(1), { text: ']' }]
  }
  const names = Object.keys(composite).sort()
  const values = composite as Record<string, unknown>
  const members = names.flatMap((name): Piece[] => [
    { text: ',' },
    { text: `${JSON.stringify(name)}:` },
    { value: values[name] },
  ])
  return [{ text: '{' }, ...members.slice(1), { text: '}' }]
}
