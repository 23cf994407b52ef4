/** Requests that may be sent twice, as records. */

export interface IdempotencyKey {
  key: string
  endpoint: string
  actor: string
}

export interface IdempotencyRequest extends IdempotencyKey {
  payloadHash: string
  /** Names this process: pending records of another one are stale at once. */
  owner: string
  now: Date
  /** Pending records older than this may be taken over. */
  staleBefore: Date
  /** Stored answers older than this are forgotten. */
  expiredBefore: Date
}

export type IdempotencyOutcome =
  | { state: 'fresh' }
  /** An earlier attempt never ended; it may have done its work. */
  | { state: 'taken_over' }
  | { state: 'pending' }
  | { state: 'mismatch' }
  | { state: 'done'; status: number; body: string }

export interface IdempotencyStore {
  /** Inserts the pending record, or tells what is there; of two callers one gets `fresh`. */
  begin(request: IdempotencyRequest): Promise<IdempotencyOutcome>
  finish(key: IdempotencyKey, answer: { status: number; body: string }, now: Date): Promise<void>
  /** Frees the key: the request failed and may be sent again. */
  release(key: IdempotencyKey): Promise<void>
  purge(before: Date): Promise<number>
}
