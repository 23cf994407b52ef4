/**
 * SHA-256 and CRC-32 of uploads, hashed while they arrive. A thread reads the staging file behind the parts that are
 * recorded; a question at the end then waits for the tail only. Whatever happens to the thread, a question
 * is answered, at worst by reading the whole file here.
 */
import type { Log } from '../../core/log.ts'
import { hashFile } from './hash-file.ts'
import type { Digest } from './hash-thread.ts'
import { ThreadOnDemand } from './hash-thread-on-demand.ts'

export interface HashFollower {
  /** The first `to` bytes of the upload are final, but for parts being written now. */
  advance(upload: string, path: string, to: number): void
  /** Bytes from `from` on change until the returned function is called. */
  writing(upload: string, from: number): () => void
  /** Both of the first `to` bytes of the file. Throws the system's error when it cannot be read. */
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

/** Hashing that follows uploads. It never keeps the process alive, but while a digest is awaited. */
export function hashFollower(log: Log, thread = new ThreadOnDemand(log)): HashFollower {
  const writers = writersInFlight()
  const ask = async (upload: string, path: string, to: number): Promise<Digest> => {
    try {
      const answer = await thread.use()?.digest(upload, path, to)
      if (answer) return answer
    } catch (error) {
      log.warn('hash_worker.no_answer', { upload, error: String(error) })
    }
    return { ...(await hashFile(path, to)), read: to }
  }
  return {
    advance(upload, path, to) {
      const final = writers.finalBytes(upload, to)
      if (final <= 0) return
      thread.use()?.send({ kind: 'advance', upload, path, to: final })
      thread.keep(upload)
    },
    writing(upload, from) {
      writers.add(upload, from)
      thread.running?.send({ kind: 'withdraw', upload, from })
      return () => writers.remove(upload, from)
    },
    digest: (upload, path, to) => thread.during(() => ask(upload, path, to)),
    drop(upload) {
      thread.running?.send({ kind: 'drop', upload })
      thread.forget(upload)
    },
    close: () => thread.end(),
  }
}
