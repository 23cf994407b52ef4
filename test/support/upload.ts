/** The seed's upload flow against a test app. */
import { createHash } from 'node:crypto'
import { type Answer, type TestApp, toAnswer } from './app.ts'

/** `size` bytes that are the same in every run and repeat nowhere. */
export function sampleBytes(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size)
  let state = seed >>> 0 || 1
  for (let index = 0; index < size; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[index] = state
  }
  return bytes
}

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export interface OpenUpload {
  id: string
  data: Uint8Array
  partSize: number
  parts: Array<{ part_number: number; url: string; expected_size: number }>
}

/** Opens a managed session for `data` with all part URLs. */
export async function openUpload(
  app: TestApp,
  token: string,
  data: Uint8Array,
  fields: object = {},
): Promise<OpenUpload> {
  const count = Math.ceil(data.length / 65_536)
  const part_numbers = Array.from({ length: count }, (_, index) => index + 1)
  const answer = await app.request('POST', '/api/v1/uploads/managed', {
    token,
    body: { filename: 'archive.iso', size: data.length, part_numbers, ...fields },
  })
  if (answer.status !== 201) throw new Error(`managed: ${answer.status} ${answer.text}`)
  const { session, part_size_bytes, parts } = answer.json
  return { id: session.public_id, data, partSize: part_size_bytes, parts }
}

export const partBytes = ({ data, partSize }: OpenUpload, number: number): Uint8Array =>
  data.subarray((number - 1) * partSize, number * partSize)

/** PUTs one part to its signed URL. */
export function putPart(app: TestApp, upload: OpenUpload, number: number, bytes = partBytes(upload, number)) {
  const url = upload.parts.find((part) => part.part_number === number)?.url ?? ''
  return isElsewhere(url) ? putElsewhere(url, bytes) : app.request('PUT', url, { body: bytes })
}

/** Parts of the test server, which clients reach themselves; the app has a name. */
const isElsewhere = (url: string): boolean => url.startsWith('http://127.0.0.1:')

const putElsewhere = async (url: string, body: Uint8Array): Promise<Answer> =>
  toAnswer(await fetch(url, { method: 'PUT', body: new Uint8Array(body) }))

export function reportPart(app: TestApp, token: string, upload: OpenUpload, number: number): Promise<Answer> {
  const bytes = partBytes(upload, number)
  return app.request('POST', `/api/v1/uploads/sessions/${upload.id}/parts/report`, {
    token,
    body: { part_number: number, etag: `"${md5(bytes)}"`, part_size: bytes.length },
  })
}

export async function sendParts(
  app: TestApp,
  token: string,
  upload: OpenUpload,
  numbers?: number[],
): Promise<void> {
  for (const number of numbers ?? upload.parts.map((part) => part.part_number)) {
    const put = await putPart(app, upload, number)
    if (put.status !== 200) throw new Error(`put ${number}: ${put.status} ${put.text}`)
    const reported = await reportPart(app, token, upload, number)
    if (reported.status !== 200) throw new Error(`report ${number}: ${reported.status} ${reported.text}`)
  }
}

export const complete = (
  app: TestApp,
  token: string,
  id: string,
  body: object = {},
  headers: Record<string, string> = {},
) => app.request('POST', `/api/v1/uploads/sessions/${id}/complete`, { token, body, headers })

/** A whole file by the seed's flow; returns its id. */
export async function uploadFile(
  app: TestApp,
  token: string,
  data: Uint8Array,
  fields: object = {},
): Promise<number> {
  const upload = await openUpload(app, token, data, fields)
  await sendParts(app, token, upload)
  const done = await complete(app, token, upload.id)
  if (done.status !== 201) throw new Error(`complete: ${done.status} ${done.text}`)
  return done.json.file_id
}
