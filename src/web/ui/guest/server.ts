/** The calls of an upload: a session, signed addresses for its parts, the parts, the end. */
import type { UploadedAnswer, UploadedFile } from '../../wire/uploaded.ts'

export interface OpenUpload {
  id: string
  /** Bytes of every part but the last. */
  partSize: number
}

export interface SignedPart {
  part_number: number
  url: string
}

/** What the server said no to; its message is for people. `retryAfter`: seconds after which it may say yes. */
export class Refusal extends Error {
  readonly status: number
  readonly retryAfter: number

  constructor(status: number, message: string, retryAfter: number) {
    super(message)
    this.status = status
    this.retryAfter = retryAfter
  }

  /** The same call may do better later: an earlier one, of which nobody heard, may still be at it (409). */
  get isPassing(): boolean {
    return [0, 408, 409, 429].includes(this.status) || this.status >= 500
  }
}

export interface Server {
  open(file: File, signal: AbortSignal): Promise<OpenUpload>
  sign(upload: OpenUpload, numbers: number[], signal: AbortSignal): Promise<SignedPart[]>
  /** The ETag of the part. */
  send(url: string, bytes: Blob, signal: AbortSignal, progress: (sent: number) => void): Promise<string>
  report(
    upload: OpenUpload,
    part: { number: number; etag: string; size: number },
    signal: AbortSignal,
  ): Promise<void>
  complete(upload: OpenUpload, signal: AbortSignal): Promise<UploadedFile>
  abort(upload: OpenUpload): Promise<void>
}

const SESSIONS = '/api/v1/uploads/sessions'
const SIGNED_SECONDS = 7200

/** `csrf` is the token of a signed-in browser; each answer brings the next. */
export function createServer(csrf: string | null): Server {
  let token = csrf
  const call = async (path: string, body: object | null, signal: AbortSignal | null, key?: string) => {
    const headers: Record<string, string> = body === null ? {} : { 'content-type': 'application/json' }
    if (token !== null) headers['x-csrf-token'] = token
    if (key !== undefined) headers['idempotency-key'] = key
    const method = body === null ? 'GET' : 'POST'
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal }).catch(
      (cause) => {
        if (signal?.aborted) throw cause
        throw new Refusal(0, 'The server can not be reached.', 2)
      },
    )
    token = answer.headers.get('x-csrf-token') ?? token
    return read(answer)
  }
  return {
    async open(file, signal) {
      const wanted = { filename: file.name, size: file.size, mime_type: file.type }
      const { session, part_size_bytes } = (await call(SESSIONS, wanted, signal)) as {
        session: { public_id: string }
        part_size_bytes: number
      }
      return { id: session.public_id, partSize: part_size_bytes }
    },
    async sign({ id }, numbers, signal) {
      const wanted = { part_numbers: numbers, expires_in: SIGNED_SECONDS }
      return ((await call(`${SESSIONS}/${id}/parts/sign`, wanted, signal)) as { parts: SignedPart[] }).parts
    },
    send: put,
    async report({ id }, { number, etag, size }, signal) {
      await call(`${SESSIONS}/${id}/parts/report`, { part_number: number, etag, part_size: size }, signal)
    },
    async complete({ id }, signal) {
      await call(`${SESSIONS}/${id}/complete`, {}, signal, `complete-${id}`)
      return ((await call(`/web/uploads/${id}`, null, signal)) as UploadedAnswer).file
    },
    async abort({ id }) {
      await call(`${SESSIONS}/${id}/abort`, {}, null)
    },
  }
}

async function read(answer: Response): Promise<unknown> {
  const text = await answer.text()
  const body = parse(text)
  if (answer.ok) return body
  const said = (body as { error?: string; message?: string } | null) ?? {}
  const message = said.error ?? said.message ?? 'The server did not accept it.'
  throw new Refusal(answer.status, message, Number(answer.headers.get('retry-after') ?? 2) || 2)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** fetch tells nothing of the bytes that have gone out; XMLHttpRequest does. */
function put(
  url: string,
  bytes: Blob,
  signal: AbortSignal,
  progress: (sent: number) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = (): void => request.abort()
    const refuse = (message: string): void => {
      const wait = Number(request.getResponseHeader('retry-after') ?? 2) || 2
      reject(new Refusal(request.status, message, wait))
    }
    request.open('PUT', url)
    request.upload.addEventListener('progress', ({ loaded }) => progress(loaded))
    request.addEventListener('load', () => {
      const etag = request.getResponseHeader('etag')?.replaceAll('"', '') ?? ''
      if (request.status === 200 && etag !== '') resolve(etag)
      else refuse('A part was not accepted.')
    })
    request.addEventListener('error', () => refuse('The connection broke.'))
    request.addEventListener('abort', () => reject(signal.reason ?? new DOMException('', 'AbortError')))
    request.addEventListener('loadend', () => signal.removeEventListener('abort', stop))
    signal.addEventListener('abort', stop)
    request.send(bytes)
  })
}
