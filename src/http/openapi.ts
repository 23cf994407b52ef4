/** Small builders for the `detail` of a route, where its schemas do not say it all. */
import { Fault, type FaultCode } from '../core/fault.ts'
import type { Reply } from './dialect.ts'

interface MediaType {
  schema?: object
  example?: unknown
  examples?: Record<string, { summary?: string; value: unknown }>
}

export interface DocumentedBody {
  description?: string
  required: boolean
  content: Record<string, MediaType>
}

export interface DocumentedResponse {
  description: string
  content?: Record<string, MediaType>
  headers?: Record<string, { description: string; schema: object }>
}

export type DocumentedResponses = Record<string, DocumentedResponse>

interface DocumentedParameter<Place extends 'path' | 'query'> {
  name: string
  in: Place
  required: boolean
  description: string
  schema: { type: 'integer' | 'string' }
  example: number | string
}

const parameter =
  <Place extends 'path' | 'query'>(place: Place) =>
  (name: string, description: string, example: number | string): DocumentedParameter<Place> => ({
    ...{ name, in: place, required: place === 'path', description },
    schema: { type: typeof example === 'number' ? 'integer' : 'string' },
    example,
  })

/** An entry of `detail.parameters`; the type is that of the example. */
export const pathParameter = parameter('path')
/** Likewise; never required. */
export const queryParameter = parameter('query')

/** `detail.requestBody` of a route that reads JSON itself (`parse: 'none'`). */
export const jsonBody = (schema: object, example: unknown, description?: string): DocumentedBody => ({
  ...(description === undefined ? {} : { description }),
  required: true,
  content: { 'application/json': { schema, example } },
})

/** `detail.requestBody` of a route that takes the bytes of a file. */
export const bytesBody = (description: string): DocumentedBody => ({
  description,
  required: true,
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
})

/** `detail.requestBody` of a route that takes one file by form. */
export const fileForm = (field: string): DocumentedBody => ({
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        properties: { [field]: { type: 'string', format: 'binary' } },
        required: [field],
      },
    },
  },
})

/** A JSON answer. */
export const jsonResponse = (description: string, schema: object, example?: unknown): DocumentedResponse => ({
  description,
  content: { 'application/json': example === undefined ? { schema } : { schema, example } },
})

/** An answer that is the bytes of a file. */
export const bytesResponse = (description: string): DocumentedResponse => ({
  description,
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
})

/** Of every route that sends bytes of files: the limits of the downloader's package. */
export const DOWNLOAD_LIMITS: DocumentedResponses = {
  403: { description: 'The file is larger than the package lets its people download' },
  429: {
    description:
      'A limit of the package: downloads at the same time or within 24 hours, bytes within 24 hours, the pause between two downloads. `Retry-After` says when to come back',
  },
}

/** A fault as a dialect words it. */
interface Worded {
  code: FaultCode
  message: string
  reply: Reply
}

/** The same few faults are described for hundreds of routes. */
const worded = new WeakMap<(fault: Fault) => Reply, Map<FaultCode, Worded>>()

function wordedFault(render: (fault: Fault) => Reply, code: FaultCode): Worded {
  const known = worded.get(render) ?? new Map<FaultCode, Worded>()
  worded.set(render, known)
  const found = known.get(code)
  if (found) return found
  const fault = new Fault(code)
  const reply = render(fault)
  const made = { code, message: messageOf(fault, reply), reply }
  known.set(code, made)
  return made
}

/**
 * The error answers of a route, worded by the dialect itself, so that they cannot drift from what is sent:
 * faults of one status stand together, each with its message and, under its code, an example of the body.
 */
export function faultResponses(
  render: (fault: Fault) => Reply,
  codes: readonly FaultCode[],
): DocumentedResponses {
  const byStatus = Map.groupBy(
    codes.map((code) => wordedFault(render, code)),
    ({ reply }) => reply.status,
  )
  return Object.fromEntries([...byStatus].map(([status, cases]) => [String(status), describeCases(cases)]))
}

function describeCases(cases: readonly Worded[]): DocumentedResponse {
  const description = cases.map(({ message }) => `- ${message}`).join('\n')
  const isData = cases.every(({ reply }) => typeof reply.body === 'object')
  const type = isData ? 'application/json' : (cases[0]?.reply.headers?.['content-type'] ?? 'text/plain')
  const examples = cases.map(({ code, reply }) => [code, { value: reply.body }])
  const schema = { type: isData ? 'object' : 'string' }
  return { description, content: { [type]: { schema, examples: Object.fromEntries(examples) } } }
}

/** The sentence the dialect really sends, when one of the usual fields has it. */
function messageOf(fault: Fault, { body }: Reply): string {
  if (typeof body !== 'object' || body === null) return fault.message
  const sent = ['error', 'message', 'response'].map((key) => (body as Record<string, unknown>)[key])
  return sent.find((value): value is string => typeof value === 'string') ?? fault.message
}
