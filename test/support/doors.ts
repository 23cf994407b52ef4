/** The ways in for files, over the network: a client of each that tries again while the server says so. */
import { createHash } from 'node:crypto'
import type { Place } from './binary.ts'
import { type FormPart, formOf } from './form.ts'
import { type Answer, type Client, createClient, must } from './upload-client.ts'

export const DOORS = [
  'nating',
  'yetishare',
  'yetishare, file first',
  'uploader',
  'flamenet',
  'import',
] as const
export type Door = (typeof DOORS)[number]

/** What a client has of a file after the server has said that it is there. */
export type Receipt = { fileId: number } | { slug: string }

export interface Doors {
  /** Speaks nating. */
  client: Client
  /** One attempt each, but for the calls of an upload in parts and the parts themselves. */
  put: Record<Door, (bytes: Uint8Array, name: string) => Promise<Receipt>>
  /** SHA-256 of the bytes the server gives for it. */
  download(receipt: Receipt): Promise<string>
}

/** The server said 503, or the store did: the same may well succeed later. */
export class Busy extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`${answer.status}: ${answer.text}`)
    this.answer = answer
  }
}

/** Of every account here. */
const PASSWORD = 'correct horse battery'
const MOST_TRIES = 40

/** Repeats what was answered with 503, as its Retry-After asks a client to, only sooner. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Busy) || tries === MOST_TRIES) throw error
      await Bun.sleep(20 * tries)
    }
  }
}

/** An account of package Admin with the credentials of all four languages. */
export async function openDoors(place: Place, url: string): Promise<Doors> {
  const user = ['user', 'add', 'ann', '--package', 'Admin', '--password-stdin']
  if ((await place.run(user, { input: PASSWORD })).code !== 0) throw new Error('no account was made')
  const token = ['token', 'add', '--user', 'ann', '--kind']
  const [nating = ''] = await place.lines([...token, 'nating', '--scopes', '*'])
  const [flamenet = ''] = await place.lines([...token, 'flamenet'])
  const client = createClient(url, nating)
  const post = (path: string, init: RequestInit) => answerOf(`${url}${path}`, { method: 'POST', ...init })
  const signIn = { body: new URLSearchParams({ username: 'ann', password: PASSWORD }) }
  const { access_token, account_id } = (await post('/api/v2/authorize', signIn)).json.data
  const keys = { access_token: String(access_token), account_id: String(account_id) }
  const login = { username: 'ann', password: PASSWORD }
  const jwt = (await must(200, createClient(url, '').call('POST', '/api/login', login))).json.accessToken
  const texts = Object.entries(keys).map(([field, body]) => ({ field, body }))
  const form = async (path: string, parts: FormPart[], authorization?: string) => {
    const { headers, body } = formOf(parts)
    const all = authorization === undefined ? headers : { ...headers, authorization }
    return (await post(path, { headers: all, body: new Uint8Array(body) })).json
  }
  const byYetishare = async (parts: FormPart[]): Promise<Receipt> => ({
    fileId: Number((await form('/api/v2/file/upload', parts)).data[0].file_id),
  })
  return {
    client,
    put: {
      nating: (bytes, name) => putParts(client, bytes, name),
      yetishare: (bytes, name) => byYetishare([...texts, fileOf('upload_file', bytes, name)]),
      'yetishare, file first': (bytes, name) => byYetishare([fileOf('upload_file', bytes, name), ...texts]),
      uploader: async (bytes, name) => ({
        slug: (await form('/api/upload', [fileOf('file', bytes, name)], `Bearer ${jwt}`)).file_url,
      }),
      flamenet: async (bytes, name) => ({
        fileId: (await form('/api/flamenet/v1/files', [fileOf('file', bytes, name)], `Bearer ${flamenet}`))
          .id,
      }),
      import: (bytes, name) =>
        importFrom(
          (path, fields) => post(path, { body: new URLSearchParams({ ...keys, ...fields }) }),
          bytes,
          name,
        ),
    },
    async download(receipt) {
      const link = 'slug' in receipt ? `${url}/file/${receipt.slug}` : await linkOf(client, receipt.fileId)
      const response = await fetch(link)
      if (response.status !== 200) throw new Busy(await read(response))
      const hash = createHash('sha256')
      for await (const chunk of response.body ?? []) hash.update(chunk)
      return hash.digest('hex')
    },
  }
}

const linkOf = async ({ call }: Client, fileId: number): Promise<string> =>
  (await must(200, call('GET', `/api/v1/downloads/${fileId}/link`))).json.url

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null }
}

/** The answer of a request that must succeed. */
async function answerOf(url: string, init: RequestInit): Promise<Answer> {
  const answer = await read(await fetch(url, init))
  return succeeded(answer)
}

/** Throws when it is none of success. */
export function succeeded(answer: Answer): Answer {
  if (answer.status === 503) throw new Busy(answer)
  if (answer.status >= 400 || answer.json?._status === 'error')
    throw new Error(`${answer.status}: ${answer.text}`)
  return answer
}

/** Every call and every part is repeated by itself. */
async function putParts(
  { call, url: origin }: Client,
  bytes: Uint8Array,
  filename: string,
): Promise<Receipt> {
  const ask = (method: string, path: string, body?: object) =>
    patiently(async () => succeeded(await call(method, `/api/v1/uploads/${path}`, body)))
  const { json } = await ask('POST', 'sessions', {
    filename,
    size: bytes.length,
    mime_type: typeOf(filename),
  })
  const session = `sessions/${json.session.public_id}`
  const size: number = json.part_size_bytes
  const count = Math.ceil(bytes.length / size)
  const part_numbers = Array.from({ length: count }, (_, index) => index + 1)
  const signed = (await ask('POST', `${session}/parts/sign`, { part_numbers })).json.parts
  await Promise.all(
    part_numbers.map(async (part_number) => {
      const part = bytes.subarray((part_number - 1) * size, part_number * size)
      const { url } = signed.find((other: { part_number: number }) => other.part_number === part_number)
      const etag = await patiently(() => putPart(new URL(url, origin).href, part))
      await ask('POST', `${session}/parts/report`, { part_number, etag, part_size: part.length })
    }),
  )
  return { fileId: (await ask('POST', `${session}/complete`, {})).json.file_id }
}

/** Whoever does not hear of a part sends it again. */
async function putPart(url: string, part: Uint8Array): Promise<string> {
  try {
    const signal = AbortSignal.timeout(5000)
    const response = await fetch(url, { method: 'PUT', body: new Uint8Array(part), signal })
    const answer = await read(response)
    const etag = response.headers.get('etag')
    if (response.status === 200 && etag) return etag
    throw new Busy(answer)
  } catch (error) {
    if (error instanceof Busy) throw error
    throw new Busy({ status: 0, headers: new Headers(), text: String(error), json: null })
  }
}

const fileOf = (field: string, body: Uint8Array, filename: string): FormPart => ({
  ...{ field, filename, body },
  type: typeOf(filename),
})

/** As browsers know it by the ending of the name. */
const typeOf = (name: string): string => Bun.file(name).type

type Post = (path: string, fields: Record<string, string>) => Promise<Answer>

/** Fetched by the server from a server of its own; until it says how that went. */
async function importFrom(post: Post, bytes: Uint8Array, name: string): Promise<Receipt> {
  const source = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => new Response(new Uint8Array(bytes), { headers: { 'content-type': typeOf(name) } }),
  })
  try {
    const file_url_base64 = btoa(`${source.url.origin}/${name}`)
    const { data } = (await post('/api/v2/file/url_upload_add', { file_url_base64 })).json
    for (;;) {
      const fields = { scheduled_item_id: String(data.scheduled_item_id) }
      const item = (await post('/api/v2/file/url_upload_status', fields)).json.data
      if (item.status === 'complete') return { fileId: Number(item.downloaded_file.file_id) }
      if (item.status === 'failed')
        throw new Busy({ status: 503, headers: new Headers(), text: JSON.stringify(item), json: item })
      await Bun.sleep(100)
    }
  } finally {
    await source.stop(true)
  }
}
