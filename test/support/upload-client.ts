/** The upload flow as a desktop client does it: over the network, parts in parallel, resumed after a fall. */
import { createHash } from 'node:crypto'
import type { Content } from './content.ts'
import { connectRaw, headerOf, type RawClient, statusOf } from './socket.ts'

export interface Answer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any
}

export interface Client {
  url: string
  token: string
  call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer>
}

export const createClient = (url: string, token: string): Client => ({
  url,
  token,
  async call(method, path, body, headers = {}) {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: body && JSON.stringify(body),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : null,
    }
  },
})

/** The answer, which must have this status. */
export async function must(status: number, answer: Promise<Answer>): Promise<Answer> {
  const seen = await answer
  if (seen.status !== status) throw new Error(`expected ${status}, got ${seen.status}: ${seen.text}`)
  return seen
}

export interface Upload {
  id: string
  content: Content
  partSize: number
  partCount: number
}

const sessionPath = (id: string): string => `/api/v1/uploads/sessions/${id}`

export async function openUpload(
  client: Client,
  content: Content,
  filename = 'archive.iso',
): Promise<Upload> {
  const body = { filename, size: content.size }
  const { json } = await must(201, client.call('POST', '/api/v1/uploads/sessions', body))
  const partSize: number = json.part_size_bytes
  return { id: json.session.public_id, content, partSize, partCount: Math.ceil(content.size / partSize) }
}

export const getUpload = async (client: Client, { id }: Upload) =>
  (await must(200, client.call('GET', sessionPath(id)))).json.session

export async function signPart(client: Client, { id }: Upload, number: number): Promise<string> {
  const body = { part_numbers: [number], expires_in: 3600 }
  const { json } = await must(200, client.call('POST', `${sessionPath(id)}/parts/sign`, body))
  return json.parts[0].url
}

/** First and last byte (not included) of a part. */
export const partRange = ({ content, partSize }: Upload, number: number): [start: number, end: number] => [
  (number - 1) * partSize,
  Math.min(number * partSize, content.size),
]

/** The connection of a PUT whose head is sent and whose body is the caller's. */
export async function beginPut(signedUrl: string, length: number): Promise<RawClient> {
  const { host, pathname, search } = new URL(signedUrl)
  const socket = await connectRaw(signedUrl)
  await socket.send(
    `PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`,
  )
  return socket
}

/** Sends a part without holding it in memory; its ETag. Rejects when it is not taken. */
export async function putPart(signedUrl: string, upload: Upload, number: number): Promise<string> {
  const [start, end] = partRange(upload, number)
  const socket = await beginPut(signedUrl, end - start)
  for (const piece of upload.content.read(start, end)) await socket.send(piece)
  const received = await socket.closed
  if (statusOf(received) !== 200) throw new Error(`part ${number}: ${received || 'no answer'}`)
  return headerOf(received, 'etag') ?? ''
}

export function reportPart(client: Client, upload: Upload, number: number, etag: string): Promise<Answer> {
  const [start, end] = partRange(upload, number)
  const body = { part_number: number, etag, part_size: end - start }
  return client.call('POST', `${sessionPath(upload.id)}/parts/report`, body)
}

/** Signs, sends and reports one part; its ETag. */
export async function sendPart(client: Client, upload: Upload, number: number): Promise<string> {
  const etag = await putPart(await signPart(client, upload, number), upload, number)
  await must(200, reportPart(client, upload, number, etag))
  return etag
}

/** Sends the parts in this order, several at a time. Rejects with the first failure, after all have ended. */
export async function sendParts(
  client: Client,
  upload: Upload,
  numbers: readonly number[],
  { parallel = 4, onPart }: { parallel?: number; onPart?(number: number): void } = {},
): Promise<void> {
  const waiting = [...numbers]
  const worker = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      await sendPart(client, upload, number)
      onPart?.(number)
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: parallel }, worker))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

/** Every part number, in an order that is neither sorted nor random. */
export function outOfOrder({ partCount }: { partCount: number }): number[] {
  const numbers = Array.from({ length: partCount }, (_, index) => index + 1)
  return numbers.sort((a, b) => ((a * 7919) % 101) - ((b * 7919) % 101) || b - a)
}

/** Numbers the server does not know as reported. */
export async function missingParts(client: Client, upload: Upload): Promise<number[]> {
  const { parts } = await getUpload(client, upload)
  const reported = (parts as Array<{ status: string; part_number: number }>).filter(
    ({ status }) => status === 'uploaded',
  )
  const there = new Set(reported.map(({ part_number }) => part_number))
  return outOfOrder(upload).filter((number) => !there.has(number))
}

/** True when the server kept bytes for this part: then it would accept the report of them. */
export async function keepsPart(client: Client, upload: Upload, number: number): Promise<boolean> {
  const [start, end] = partRange(upload, number)
  const hash = createHash('md5')
  for (const piece of upload.content.read(start, end)) hash.update(piece)
  const { status } = await reportPart(client, upload, number, hash.digest('hex'))
  if (status !== 200 && status !== 422) throw new Error(`report answered ${status}`)
  return status === 200
}

export const completeUpload = (client: Client, { id }: Upload, body: object = {}): Promise<Answer> =>
  client.call('POST', `${sessionPath(id)}/complete`, body)

/** All of it: the id of the file. */
export async function uploadContent(client: Client, content: Content, filename?: string): Promise<number> {
  const upload = await openUpload(client, content, filename)
  await sendParts(client, upload, outOfOrder(upload))
  return (await must(201, completeUpload(client, upload))).json.file_id
}

export const downloadLink = async (client: Client, fileId: number): Promise<string> =>
  (await must(200, client.call('GET', `/api/v1/downloads/${fileId}/link`))).json.url

/** Downloads by ranges of `piece` bytes and hashes what comes. Rejects on an answer that is no such range. */
export async function downloadHash(link: string, size: number, piece: number): Promise<string> {
  const hash = createHash('sha256')
  for (let start = 0; start < size; start += piece) {
    const end = Math.min(start + piece, size) - 1
    const response = await fetch(link, { headers: { range: `bytes=${start}-${end}` } })
    const range = response.headers.get('content-range')
    if (response.status !== 206 || range !== `bytes ${start}-${end}/${size}` || !response.body)
      throw new Error(`bytes=${start}-${end}: ${response.status} ${range}`)
    for await (const chunk of response.body) hash.update(chunk)
  }
  return hash.digest('hex')
}
