/** Heads of HTTP/1.1 messages on bare sockets; what follows a head stays in its socket. */
import type { Socket } from 'node:net'

const END = Buffer.from('\r\n\r\n')
const MOST = 64 * 1024

export interface Head {
  /** With the empty line at its end. */
  bytes: Buffer
  /** The first line, in its parts: method, target, version; or version, status, reason. */
  line: [string, string, string]
  /** Bytes of the body; null when it goes on to the end of the connection or is chunked. */
  length: number | null
  has(header: string): boolean
}

/** Reads a head and pauses the socket behind it. Null when the socket ends or breaks before it is whole. */
export function takeHead(socket: Socket): Promise<Head | null> {
  const { promise, resolve } = Promise.withResolvers<Head | null>()
  let seen = Buffer.alloc(0)
  const more = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk])
    const end = seen.indexOf(END)
    if (end >= 0) finish(headOf(seen.subarray(0, end + END.length)), seen.subarray(end + END.length))
    else if (seen.length > MOST) finish(null, seen)
  }
  const none = (): void => finish(null, Buffer.alloc(0))
  const finish = (head: Head | null, rest: Buffer): void => {
    socket.off('data', more).off('end', none).off('close', none)
    socket.pause()
    if (rest.length > 0) socket.unshift(rest)
    resolve(head)
  }
  socket.on('data', more).on('end', none).on('close', none)
  if (socket.destroyed || socket.readableEnded) none()
  else socket.resume()
  return promise
}

function headOf(bytes: Buffer): Head {
  const text = bytes.toString('latin1')
  const [first = '', second = '', ...third] = text.slice(0, text.indexOf('\r\n')).split(' ')
  const header = (name: string): string | undefined =>
    new RegExp(`^${name}:[ \\t]*([^\\r]*?)[ \\t]*\\r$`, 'im').exec(text)?.[1]
  const length = header('content-length')
  return {
    bytes,
    line: [first, second, third.join(' ')],
    length: length === undefined ? null : Number(length),
    has: (name) => header(name) !== undefined,
  }
}

/** The head with `Connection: close`: whoever answers then ends the connection behind the answer. */
export function closing({ bytes }: Head): Buffer {
  const text = bytes.toString('latin1').replace(/^(connection|keep-alive):[^\n]*\n/gim, '')
  return Buffer.from(`${text.slice(0, -2)}Connection: close\r\n\r\n`, 'latin1')
}

/** A whole answer in the XML of S3. */
export function xmlAnswer(status: string, code: string, message: string): string {
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>${code}</Code><Message>${message}</Message><RequestId>fault-proxy</RequestId></Error>`
  const headers = `Content-Type: application/xml\r\nContent-Length: ${body.length}\r\nConnection: close`
  return `HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`
}
