/** One file on its way: its parts, some at a time, each tried again when something passing went wrong. */
import type { UploadedFile } from '../../wire/uploaded.ts'
import { type OpenUpload, Refusal, type Server } from './server.ts'

const AT_A_TIME = 3
/** Addresses that are asked for in one call. */
const SIGNED_AT_ONCE = 50
const TRIES = 6
const LONGEST_WAIT = 30_000

/** Resolves with the finished file. Rejects with a Refusal, or the signal's reason; then nothing is left behind. */
export async function transfer(
  server: Server,
  file: File,
  signal: AbortSignal,
  progress: (sent: number) => void,
): Promise<UploadedFile> {
  const upload = await again(() => server.open(file, signal), signal)
  try {
    await sendParts({ server, upload, file, signal, progress })
    return await again(() => server.complete(upload, signal), signal)
  } catch (error) {
    // The session ends by itself when even that does not reach the server.
    await server.abort(upload).catch(() => {})
    throw error
  }
}

interface Sending {
  server: Server
  upload: OpenUpload
  file: File
  signal: AbortSignal
  progress(sent: number): void
}

async function sendParts(sending: Sending): Promise<void> {
  const { upload, file, progress, signal } = sending
  const count = Math.ceil(file.size / upload.partSize)
  const sent = new Map<number, number>()
  const note = (number: number, bytes: number): void => {
    sent.set(number, bytes)
    progress([...sent.values()].reduce((sum, each) => sum + each, 0))
  }
  const urls = addresses(sending, count)
  let next = 1
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const work = async (): Promise<void> => {
    while (next <= count) {
      const number = next++
      await sendPart({ ...sending, signal: either }, number, urls, (bytes) => note(number, bytes))
    }
  }
  const workers = Array.from({ length: Math.min(AT_A_TIME, count) }, work)
  try {
    await Promise.all(workers)
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(workers)
    throw error
  }
}

/** Signed in batches, each asked for once; an address that did not work is asked for anew. */
function addresses({ server, upload, signal }: Sending, count: number) {
  const batches = new Map<number, Promise<Map<number, string>>>()
  const ask = async (numbers: number[]): Promise<Map<number, string>> => {
    const parts = await again(() => server.sign(upload, numbers, signal), signal)
    return new Map(parts.map(({ part_number, url }) => [part_number, url]))
  }
  return async (number: number, isFirst: boolean): Promise<string> => {
    if (!isFirst) return (await ask([number])).get(number) ?? ''
    const first = number - ((number - 1) % SIGNED_AT_ONCE)
    const numbers = Array.from({ length: Math.min(SIGNED_AT_ONCE, count - first + 1) }, (_, n) => first + n)
    const batch = batches.get(first) ?? ask(numbers)
    batches.set(first, batch)
    return (await batch).get(number) ?? ''
  }
}

async function sendPart(
  { server, upload, file, signal }: Sending,
  number: number,
  addressOf: (number: number, isFirst: boolean) => Promise<string>,
  progress: (sent: number) => void,
): Promise<void> {
  const start = (number - 1) * upload.partSize
  const bytes = file.slice(start, start + upload.partSize)
  let isFirst = true
  const etag = await again(async () => {
    const url = await addressOf(number, isFirst)
    isFirst = false
    progress(0)
    return server.send(url, bytes, signal, progress)
  }, signal)
  progress(bytes.size)
  await again(() => server.report(upload, { number, etag, size: bytes.size }, signal), signal)
}

/** Waits twice as long from try to try, or as long as the server asks for. */
async function again<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Refusal) || !error.isPassing || tries === TRIES) throw error
      const wait = Math.max(error.retryAfter * 1000, 500 * 2 ** tries)
      if (error.status === 429 && wait > LONGEST_WAIT * 3) throw error
      await pause(Math.min(wait, LONGEST_WAIT * 3), signal)
    }
  }
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
  })
