/** The one place that starts the hash worker and talks to it. */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Checksums, HashReply, HashRequest } from './hash-messages.ts'

/**
 * In a compiled executable all modules share the address of the bundle, and an entry point keeps its path
 * below the source root as a `.js` file; in sources the worker lies beside this file.
 */
const WORKER = Bun.isStandaloneExecutable
  ? `${import.meta.dir}/storage/local/hash-worker.js`
  : fileURLToPath(new URL('./hash-worker.ts', import.meta.url))

export interface Digest extends Checksums {
  /** Bytes that had to be read after the question. */
  read: number
}

export interface HashThread {
  send(request: Exclude<HashRequest, { kind: 'digest' }>): void
  /** Rejects when the file cannot be read or the thread ends. */
  digest(upload: string, path: string, to: number): Promise<Digest>
  end(): Promise<void>
}

interface Waiting {
  resolve(digest: Digest): void
  reject(error: Error): void
}

function settle(waiting: Waiting | undefined, reply: HashReply): void {
  if ('failed' in reply) waiting?.reject(Object.assign(new Error('hashing failed'), { code: reply.failed }))
  else waiting?.resolve({ sha256: reply.sha256, crc32: reply.crc32, read: reply.read })
}

/**
 * Starts the worker. It keeps the process alive only while a digest is awaited. `ended` is called once, when
 * the thread is gone for whatever reason; everything it knew is lost then.
 */
export function startHashThread(ended: (error: Error | null) => void): HashThread {
  const worker = new Worker(WORKER)
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let failure: Error | null = null
  worker.unref()
  worker.on('message', (reply: HashReply) => {
    settle(waiting.get(reply.id), reply)
    waiting.delete(reply.id)
    if (waiting.size === 0) worker.unref()
  })
  worker.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error))
  })
  worker.on('exit', () => {
    for (const { reject } of waiting.values()) reject(failure ?? new Error('the hash worker ended'))
    waiting.clear()
    ended(failure)
  })
  return {
    send: (request) => worker.postMessage(request),
    digest(upload, path, to) {
      const id = ++lastId
      worker.ref()
      worker.postMessage({ kind: 'digest', upload, path, to, id } satisfies HashRequest)
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
    },
    async end() {
      await worker.terminate()
    },
  }
}
