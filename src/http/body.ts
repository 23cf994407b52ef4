/** Reads the small body of an API call, for routes with `parse: 'none'`. */
import { Fault } from '../core/fault.ts'
import { exchangeOf } from './exchange.ts'
import { isClientGone } from './faults.ts'

export type Fields = Record<string, unknown>

/**
 * The fields of a JSON object, a urlencoded form or a multipart form (its texts; files are left out). A body
 * that is empty, malformed, or no object gives {}: what is missing is then the caller's complaint. A form
 * field `name[]` is a list `name`. Faults: body_too_large (above `limit` bytes, counted while they arrive),
 * client_gone.
 */
export async function readBody(request: Request, limit: number): Promise<Fields> {
  const bytes = await readBytes(request, limit)
  const type = request.headers.get('content-type')?.trim().toLowerCase() ?? ''
  if (bytes.byteLength === 0) return {}
  if (type.startsWith('application/x-www-form-urlencoded'))
    return fromPairs(new URLSearchParams(decode(bytes)))
  if (type.startsWith('multipart/form-data'))
    return readForm(bytes, request.headers.get('content-type') ?? '')
  return parseObject(decode(bytes))
}

/** Bytes that are no UTF-8 become replacement characters; a byte order mark is dropped. */
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Faults: body_too_large, before a byte is read when the declared length says so; client_gone. */
async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw new Fault('body_too_large')
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength
      if (size > limit) throw new Fault('body_too_large')
      chunks.push(chunk)
    }
  } catch (error) {
    throw isClientGone(error, request) ? new Fault('client_gone', undefined, { cause: error }) : error
  } finally {
    exchangeOf(request).bytesIn += size
  }
  return Buffer.concat(chunks)
}

/** Malformed text, and nesting deeper than the parser's stack, are {} as documented at readBody. */
function parseObject(text: string): Fields {
  try {
    const value: unknown = /__proto__|\\u00/i.test(text) ? JSON.parse(text, withoutProto) : JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
  } catch {
    return {}
  }
}

/** A `__proto__` key is harmless until somebody merges the object; it has no use either. */
const withoutProto = (key: string, value: unknown): unknown => (key === '__proto__' ? undefined : value)

async function readForm(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<Fields> {
  const form = await new Response(bytes, { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => null)
  return form ? fromPairs(form) : {}
}

function fromPairs(pairs: Iterable<[string, unknown]>): Fields {
  const fields = new Map<string, unknown>()
  for (const [key, value] of pairs) {
    const name = key.endsWith('[]') ? key.slice(0, -2) : key
    if (typeof value !== 'string' || name === '__proto__') continue
    if (name === key) fields.set(name, value)
    else fields.set(name, [...listAt(fields, name), value])
  }
  return Object.fromEntries(fields)
}

function listAt(fields: Map<string, unknown>, name: string): unknown[] {
  const known = fields.get(name)
  return Array.isArray(known) ? known : []
}
