/**
 * An answer whose body is a stream and whose length is known all the same. Bun sends every stream in chunks and
 * drops the Content-Length with which a client shows progress and notices a cut, so the answer is written to the
 * connection here, by a second socket on a descriptor of our own; the server sees a request that is never answered
 * and whose connection ends.
 */
import type { HeldSocket } from './sockets.ts'

export interface MeasuredAnswer {
  /** Of the client's connection; closed here. */
  fd: number
  response: Response
  /** Bytes of the body, which the headers promise. */
  size: number
  /** Of the request: aborted when the client or the server ends the connection. */
  signal: AbortSignal
  /** Another hold of it: what waits in the kernel, and its end at once, where what is missing would look sent. */
  held: Pick<HeldSocket, 'sent' | 'cut'>
}

const LOOK_MILLISECONDS = 20

/** Sends it all, then closes the connection; resolves when that is over, well or not. Never throws. */
export async function sendMeasured(answer: MeasuredAnswer): Promise<void> {
  const { response, size, signal, held } = answer
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader()
  const connection = writable(answer.fd)
  const onAbort = (): void => {
    connection.fail()
    // The source may pause for long, and is not to be held open for nobody.
    reader.cancel().catch(() => {})
  }
  signal.addEventListener('abort', onAbort)
  try {
    if (signal.aborted) throw new Error('the connection has ended')
    await connection.write(headOf(response))
    await pump(reader, connection, size)
    await delivered(held, signal)
    connection.end()
  } catch (error) {
    held.cut()
    connection.fail()
    await reader.cancel(error).catch(() => {})
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function pump(
  reader: Pick<ReadableStreamDefaultReader<Uint8Array>, 'read'>,
  connection: Writable,
  size: number,
): Promise<void> {
  let left = size
  for (let next = reader.read(); ; ) {
    const { done, value } = await next
    if (done) break
    left -= value.byteLength
    if (left < 0) throw new Error('the body is longer than its length')
    // Read while the connection takes the last piece. Whoever waits for it meets its error.
    next = reader.read()
    next.catch(() => {})
    await connection.write(value)
  }
  if (left > 0) throw new Error('the body is shorter than its length')
}

/**
 * Resolves when the client has confirmed all of it: whoever closes the connection before drops what waits in the
 * kernel. A client that takes nothing any more is found out where transfers are watched, and cut there.
 */
async function delivered(held: Pick<HeldSocket, 'sent'>, signal: AbortSignal): Promise<void> {
  for (;;) {
    const sent = held.sent()
    if (sent === null || sent.isClosed || signal.aborted) throw new Error('the connection has ended')
    if (sent.queued === 0) return
    await Bun.sleep(LOOK_MILLISECONDS)
  }
}

/** Nothing can come behind it on this connection. */
function headOf({ status, statusText, headers }: Response): Uint8Array {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`)
  const reason = statusText || REASONS[status] || ''
  return Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}connection: close\r\n\r\n`, 'latin1')
}

const REASONS: Record<number, string> = { 200: 'OK', 206: 'Partial Content' }

interface Writable {
  /** Resolves when the kernel has taken all of it. */
  write(bytes: Uint8Array): Promise<void>
  end(): void
  fail(): void
}

/** A connected socket of the kernel as one that can be waited for. */
function writable(fd: number): Writable {
  let isClosed = false
  let wake = Promise.withResolvers<void>()
  const close = (): void => {
    isClosed = true
    wake.resolve()
  }
  const opened = Bun.connect({
    fd,
    socket: {
      data() {},
      drain: () => wake.resolve(),
      close,
      error: close,
      connectError: close,
    },
  } as unknown as Parameters<typeof Bun.connect>[0]) as Promise<Bun.Socket>
  opened.catch(close)

  const open = (): void => {
    if (isClosed) throw new Error('the connection has ended')
  }
  return {
    async write(bytes) {
      const socket = await opened
      for (let at = 0; at < bytes.byteLength; ) {
        open()
        wake = Promise.withResolvers()
        const taken = socket.write(bytes.subarray(at))
        if (taken > 0) at += taken
        if (at < bytes.byteLength) await wake.promise
      }
    },
    end: () => void opened.then((socket) => socket.end()),
    fail() {
      close()
      opened.then((socket) => socket.terminate()).catch(() => {})
    },
  }
}
