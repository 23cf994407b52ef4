/**
 * Password hashing off the main thread. argon2id with 19 MiB and two passes; one at a time, because many at
 * once would take the memory and the processor that files need.
 */
import { Fault } from './fault.ts'

export interface PasswordHasher {
  /** Fault: unavailable when too many are waiting. */
  hash(password: string): Promise<string>
  /** Faults: unavailable when too many are waiting; internal when `hash` is none. */
  verify(password: string, hash: string): Promise<boolean>
  /** What is waiting ends with unavailable, as does what comes later. */
  close(): void
}

export type PasswordJob =
  | { id: number; kind: 'hash'; password: string }
  | { id: number; kind: 'verify'; password: string; hash: string }
export type PasswordAnswer = { id: number; result?: string | boolean; error?: string }

/**
 * In a compiled executable an entry point keeps its path below the source root, as a `.js` file, and all
 * modules share the address of the bundle; in sources the worker lies beside this file.
 */
export const startPasswordWorker = (): Worker =>
  new Worker(
    Bun.isStandaloneExecutable
      ? `${import.meta.dir}/core/password-worker.js`
      : new URL('./password-worker.ts', import.meta.url),
  )

/** How many jobs may wait before further ones are refused. */
const QUEUE_LIMIT = 64

/** The worker is started by the first job, so an idle server does not pay for it. */
export function createPasswordHasher(startWorker: () => Worker): PasswordHasher {
  const waiting = new Map<number, { resolve(value: string | boolean): void; reject(error: unknown): void }>()
  let worker: Worker | null = null
  let closed = false
  let nextId = 1

  /** Ends a worker and what waits for it. After an error it is not trusted again: the next job starts another. */
  const end = (ended: Worker, cause: unknown): void => {
    if (worker !== ended) return
    worker = null
    ended.terminate()
    for (const job of waiting.values())
      job.reject(new Fault('unavailable', undefined, { cause, retryAfter: 5 }))
    waiting.clear()
  }
  const settle = ({ id, result, error }: PasswordAnswer): void => {
    const job = waiting.get(id)
    waiting.delete(id)
    if (waiting.size === 0) worker?.unref()
    if (error === undefined && result !== undefined) job?.resolve(result)
    else job?.reject(new Fault('internal', undefined, { cause: error }))
  }
  const start = (): Worker => {
    const started = startWorker()
    started.onmessage = (event: MessageEvent<PasswordAnswer>) => settle(event.data)
    started.onerror = (event) => end(started, event.message)
    started.onmessageerror = () => end(started, 'an answer could not be read')
    started.addEventListener('close', () => end(started, 'the worker stopped'))
    return started
  }
  const submit = (
    job: { kind: 'hash'; password: string } | { kind: 'verify'; password: string; hash: string },
  ) => {
    if (closed) throw new Fault('unavailable')
    if (waiting.size >= QUEUE_LIMIT) throw new Fault('unavailable', undefined, { retryAfter: 5 })
    worker ??= start()
    worker.ref()
    const id = nextId++
    return new Promise<string | boolean>((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      worker?.postMessage({ id, ...job } satisfies PasswordJob)
    })
  }
  return {
    hash: async (password) => String(await submit({ kind: 'hash', password })),
    verify: async (password, hash) => (await submit({ kind: 'verify', password, hash })) === true,
    close() {
      closed = true
      if (worker) end(worker, 'closed')
    },
  }
}
