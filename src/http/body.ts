/** Reads the small body of an API call, for routes with `parse: 'none'`. */
import { Fault, isFault } from '../core/fault.ts'
import { exchangeOf } from './exchange.ts'
import { isClientGone } from './faults.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { type FormLimits, readEntries } from './form-entries.ts'
import { boundaryOf } from './form-header.ts'
import { formParts } from './form-parts.ts'

export type { Fields } from './fields.ts'

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
    return fieldsOf(new URLSearchParams(decode(bytes)))
  if (type.startsWith('multipart/form-data'))
    return readForm(bytes, request.headers.get('content-type') ?? '')
  return parseObject(decode(bytes))
}

/**
 * The fields of a JSON object, for APIs that complain of what is none; an empty body is {}.
 * Faults: json_malformed, body_too_large, client_gone.
 */
export async function readJson(request: Request, limit: number): Promise<Fields> {
  const text = decode(await readBytes(request, limit))
  if (text.trim() === '') return {}
  const fields = parseObject(text)
  if (Object.keys(fields).length === 0 && !/^\s*\{\s*\}\s*$/.test(text)) throw new Fault('json_malformed')
  return fields
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

/** The body is bounded already. */
const NO_LIMITS: FormLimits = {
  parts: Number.POSITIVE_INFINITY,
  fields: Number.POSITIVE_INFINITY,
  nameBytes: Number.POSITIVE_INFINITY,
  valueBytes: Number.POSITIVE_INFINITY,
  totalBytes: Number.POSITIVE_INFINITY,
}

/** A form that is no form is {} as documented at readBody. */
async function readForm(bytes: Uint8Array, contentType: string): Promise<Fields> {
  try {
    const boundary = boundaryOf(contentType) ?? ''
    const parts = formParts(once(bytes), boundary, bytes.byteLength)
    return await readEntries(
      parts,
      NO_LIMITS,
      () => false,
      async () => {},
    )
  } catch (error) {
    if (isFault(error, 'invalid')) return {}
    throw error
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}
