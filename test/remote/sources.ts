/** Other people's servers: proper ones, and ones that send exactly the bytes a test wants them to. */
import { afterEach } from 'bun:test'
import { createServer, type Server, type Socket } from 'node:net'
import type { RemoteFile } from '../../src/core/remote.ts'

export interface RawSource {
  url: string
  port: number
  /** Requests as they came in, one text each. */
  requests: string[]
  /** Connections made, also those that sent nothing. */
  connections(): number
}

export interface Sources {
  /** Answers each request with what `handle` writes; the connection is the handler's to end. */
  raw(handle: (socket: Socket, request: string, count: number) => void, host?: string): Promise<RawSource>
  serve(fetch: (request: Request) => Response | Promise<Response>, tls?: { key: string; cert: string }): URL
}

/** Sources that are closed after each test. */
export function sourcesUnderTest(): Sources {
  const closing: Array<() => Promise<void> | void> = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  return {
    async raw(handle, host = '127.0.0.1') {
      const requests: string[] = []
      const sockets = new Set<Socket>()
      let connections = 0
      const server = createServer((socket) => {
        connections++
        sockets.add(socket)
        let head = ''
        socket.on('error', () => socket.destroy())
        socket.on('close', () => sockets.delete(socket))
        socket.on('data', (chunk: Buffer) => {
          if (head.includes('\r\n\r\n')) return
          head += chunk.toString('latin1')
          if (!head.includes('\r\n\r\n')) return
          requests.push(head)
          handle(socket, head, requests.length)
        })
      })
      const port = await listen(server, host)
      closing.push(() => {
        for (const socket of sockets) socket.destroy()
        server.close()
      })
      return { url: `http://${host}:${port}`, port, requests, connections: () => connections }
    },
    serve(fetch, tls) {
      const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch, ...(tls && { tls }) })
      closing.push(() => server.stop(true))
      return server.url
    },
  }
}

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The source has no port.')
  return address.port
}

/** A header of a request as it came in. */
export const sentHeader = (request: string, name: string): string | null =>
  new RegExp(`^${name}: (.*)\\r$`, 'im').exec(request)?.[1] ?? null

/** The whole body. */
export async function readAll(file: RemoteFile): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of file.body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Bytes that differ everywhere. */
export const pattern = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 0xff)
