/**
 * SHA-256 of uploads, hashed while they arrive. A thread reads the staging file behind the parts that are
 * recorded; a question at the end then waits for the tail only. The thread is started when first needed and
 * ended when idle; whatever happens to it, a question is answered, at worst by reading the whole file here.
 */
import type { Log } from '../../core/log.ts'
import { hashFile } from './hash-file.ts'
import { type Digest, type HashThread, startHashThread } from './hash-thread.ts'

/** An idle thread costs memory; ending it costs reading unfinished uploads again from their start. */
const IDLE_UNFINISHED_MS = 15 * 60_000
const IDLE_MS = 10_000
/** A thread that cannot live here is not started for ever. */
const MAX_DEATHS = 3

export interface HashFollower {
  /** The first `to` bytes of the upload are final, but for parts being written now. */
  advance(upload: string, path: string, to: number): void
  /** Bytes from `from` on change until the returned function is called. */
  writing(upload: string, from: number): () => void
  /** SHA-256 of the first `to` bytes of the file. Throws the system's error when it cannot be read. */
  digest(upload: string, path: string, to: number): Promise<Digest>
  /** The upload is over. */
  drop(upload: string): void
  close(): Promise<void>
}

/** Parts being written, so that hashing stops before them even if an older message says they are final. */
function writersInFlight() {
  const writers = new Map<string, number[]>()
  return {
    add: (upload: string, from: number): void => {
      writers.set(upload, [...(writers.get(upload) ?? []), from])
    },
    remove: (upload: string, from: number): void => {
      const left = writers.get(upload) ?? []
      left.splice(left.indexOf(from), 1)
      if (left.length === 0) writers.delete(upload)
    },
    finalBytes: (upload: string, to: number): number => Math.min(to, ...(writers.get(upload) ?? [])),
  }
}

export function hashFollower(log: Log): HashFollower {
  const writers = writersInFlight()
  const unfinished = new Set<string>()
  let thread: HashThread | null = null
  let deaths = 0
  let asked = 0
  let idle: Timer | undefined

  const end = async (): Promise<void> => {
    clearTimeout(idle)
    const ending = thread
    thread = null
    unfinished.clear()
    await ending?.end()
  }
  const restAfterwards = (): void => {
    clearTimeout(idle)
    if (!thread || asked > 0) return
    idle = setTimeout(() => void end(), unfinished.size > 0 ? IDLE_UNFINISHED_MS : IDLE_MS)
    idle.unref()
  }
  const died = (error: unknown): void => {
    thread = null
    unfinished.clear()
    deaths++
    log.error('hash_worker.died', { error: String(error), deaths })
  }
  const use = (): HashThread | null => {
    if (thread || deaths >= MAX_DEATHS) return thread
    try {
      const started = startHashThread((error) => {
        if (thread === started) died(error)
      })
      thread = started
    } catch (error) {
      died(error)
    }
    return thread
  }
  const ask = async (upload: string, path: string, to: number): Promise<Digest> => {
    try {
      const answer = await use()?.digest(upload, path, to)
      if (answer) return answer
    } catch (error) {
      log.warn('hash_worker.no_answer', { upload, error: String(error) })
    }
    return { sha256: await hashFile(path, to), read: to }
  }
  return {
    advance(upload, path, to) {
      const final = writers.finalBytes(upload, to)
      if (final <= 0) return
      use()?.send({ kind: 'advance', upload, path, to: final })
      unfinished.add(upload)
      restAfterwards()
    },
    writing(upload, from) {
      writers.add(upload, from)
      thread?.send({ kind: 'withdraw', upload, from })
      return () => writers.remove(upload, from)
    },
    async digest(upload, path, to) {
      asked++
      clearTimeout(idle)
      try {
        return await ask(upload, path, to)
      } finally {
        asked--
        restAfterwards()
      }
    },
    drop(upload) {
      unfinished.delete(upload)
      thread?.send({ kind: 'drop', upload })
      restAfterwards()
    },
    close: end,
  }
}
