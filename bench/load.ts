/** What the benches of downloads share: a server with files, clients that throw away what they get, figures. */
import { readFileSync } from 'node:fs'
import { createPlace, type Place } from '../test/support/binary.ts'
import { createContent } from '../test/support/content.ts'
import { createClient, must, uploadContent } from '../test/support/upload-client.ts'

export interface Served {
  /** Path of its bytes by its slug alone. */
  path: string
  size: number
}

/** A public file of an account without limits. */
export async function serveFile(url: string, token: string, size: number): Promise<Served> {
  const client = createClient(url, token)
  const id = await uploadContent(client, createContent(size, `bench ${size}`), 'file.bin')
  const { json } = await must(200, client.call('GET', `/api/v1/files/${id}`))
  return { path: `/file/${json.file.short_id}`, size }
}

export interface Download {
  bytes: number
  seconds: number
}

export interface DownloadOptions {
  headers?: Record<string, string>
  /** Seconds after which it is cut. */
  most?: number
}

/** One GET on a connection of its own; what of its body came in which time. */
export async function download(
  url: string,
  { headers = {}, most = 3600 }: DownloadOptions = {},
): Promise<Download> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${lines.join('')}\r\n`
  const begun = performance.now()
  let head = ''
  let bytes = 0
  let length = Number.POSITIVE_INFINITY
  const done = Promise.withResolvers<void>()
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: (opened) => void opened.write(request),
      data(_socket, chunk) {
        if (length !== Number.POSITIVE_INFINITY) bytes += chunk.byteLength
        else {
          head += chunk.toString('latin1')
          const end = head.indexOf('\r\n\r\n')
          if (end < 0) return
          length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN)
          bytes = head.length - end - 4
          if (!/^HTTP\/1\.1 20[06] /.test(head)) done.reject(new Error(head.slice(0, 300)))
        }
        if (bytes >= length) done.resolve()
      },
      close: () => done.resolve(),
      error: (_socket, error) => done.reject(error),
    },
  })
  const cut = setTimeout(done.resolve, most * 1000)
  try {
    await done.promise
    return { bytes, seconds: (performance.now() - begun) / 1000 }
  } finally {
    clearTimeout(cut)
    socket.terminate()
  }
}

/** Seconds of processor time a process has used so far, in user mode and in the kernel. */
export function processorTime(pid: number): { user: number; system: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  const TICKS = 100
  return { user: Number(fields[11]) / TICKS, system: Number(fields[12]) / TICKS }
}

/** Runs `work` in a directory of its own that is removed whatever happens. */
export async function inPlace(settings: string, work: (place: Place) => Promise<void>): Promise<void> {
  const place = createPlace({ settings })
  try {
    await work(place)
  } finally {
    await place.remove()
  }
}

export const say = (name: string, text: string): void =>
  void process.stdout.write(`${name.padEnd(34)} ${text}\n`)

/** Connections that ask for small answers, again and again. */
const CONNECTIONS = 16

/** Answers per second on connections that stay open. */
export async function requestsPerSecond(url: string, count: number): Promise<number> {
  const { hostname, port, pathname, host } = new URL(url)
  const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  const begun = performance.now()
  const work = async (): Promise<void> => {
    const done = Promise.withResolvers<void>()
    let left = count / CONNECTIONS
    let head = ''
    let wanted = 0
    const socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open: (opened) => void opened.write(request),
        data(opened, chunk) {
          if (wanted === 0) {
            head += chunk.toString('latin1')
            const end = head.indexOf('\r\n\r\n')
            if (end < 0) return
            if (!head.startsWith('HTTP/1.1 200')) return done.reject(new Error(head.slice(0, end)))
            wanted = Number(/^content-length: (\d+)/im.exec(head)?.[1]) - (head.length - end - 4)
            head = ''
          } else wanted -= chunk.byteLength
          if (wanted > 0) return
          left -= 1
          if (left > 0) opened.write(request)
          else done.resolve()
        },
        close: () => done.reject(new Error('closed')),
        error: (_socket, error) => done.reject(error),
      },
    })
    await done.promise.finally(() => socket.terminate())
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  return count / ((performance.now() - begun) / 1000)
}
