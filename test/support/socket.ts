/** A client that sends exactly the bytes it is told to, at the speed it is told to. */
import { connect, type Socket } from 'node:net'

export interface RawClient {
  /** Resolves when the kernel has taken the bytes: a slow server slows the client. */
  send(bytes: string | Uint8Array): Promise<void>
  /** Everything received so far, one character a byte. */
  received(): string
  /** Resolves with `received` as soon as it matches, or at the end of the connection. */
  until(pattern: RegExp): Promise<string>
  /** Resolves with `received` when the connection has ended, however. */
  closed: Promise<string>
  isOpen(): boolean
  /** Stops, and goes on, reading: the server finds its send buffer full. */
  pause(): void
  resume(): void
  /** Ends the connection at once, in the middle of whatever it is in. */
  cut(): void
}

/** Rejects when the connection is refused. */
export async function connectRaw(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return rawClient(socket)
}

function rawClient(socket: Socket): RawClient {
  let text = ''
  let open = true
  const closed = Promise.withResolvers<string>()
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const look of [...waiting]) look()
  }
  socket.on('error', () => socket.destroy()) // close follows
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    wake()
  })
  socket.on('end', () => socket.destroy())
  socket.on('close', () => {
    open = false
    closed.resolve(text)
    wake()
  })
  const waitFor = (isDone: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isDone()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  let writable = true
  socket.on('drain', () => {
    writable = true
    wake()
  })
  return {
    async send(bytes) {
      if (!open) return
      writable = socket.write(bytes)
      await waitFor(() => writable || !open)
    },
    received: () => text,
    async until(pattern) {
      await waitFor(() => pattern.test(text) || !open)
      return text
    },
    closed: closed.promise,
    isOpen: () => open,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    cut: () => void socket.destroy(),
  }
}

/** Status of the first answer in what a connection received; 0 when there is none. */
export const statusOf = (received: string): number =>
  Number(/^HTTP\/1\.[01] (\d{3})/.exec(received)?.[1] ?? 0)

/** Value of a header of the first answer. */
export const headerOf = (received: string, name: string): string | null =>
  new RegExp(`^${name}: (.*)\\r$`, 'im').exec(received.split('\r\n\r\n', 1)[0] ?? '')?.[1] ?? null
