/** Every error of a route ends here: made a Fault, worded by its dialect, logged when it is ours. */
import { type AnyElysia, ValidationError } from 'elysia'
import { Fault } from '../core/fault.ts'
import type { Log } from '../core/log.ts'
import { allowedMethods } from './allowed-methods.ts'
import { type Dialect, dialectOf, pathOf, type Reply } from './dialect.ts'
import { plainReply } from './plain.ts'

/** `code` is the framework's own name for what happened; only its own errors have one. */
export function toFault(error: unknown, code: unknown): Fault {
  if (error instanceof Fault) return error
  if (error instanceof Error && error.cause instanceof Fault) return error.cause
  if (code === 'NOT_FOUND') return new Fault('route_not_found')
  if (code === 'PARSE') return new Fault('invalid', 'The request body could not be read.', { cause: error })
  if (code === 'INVALID_COOKIE_SIGNATURE') return new Fault('unauthenticated', undefined, { cause: error })
  if (error instanceof ValidationError) return fromValidation(error)
  return new Fault('internal', undefined, { cause: error })
}

/** The message of a ValidationError quotes the submitted values, passwords among them: it goes nowhere. */
function fromValidation(error: ValidationError): Fault {
  const field = fieldOf(error)
  if (error.type === 'response') {
    const cause = new Error(`the answer of this route does not fit its schema at "${field ?? '/'}"`)
    return new Fault('internal', undefined, { cause })
  }
  const message = field ? `The value of "${field}" is not valid.` : 'The request is not valid.'
  return new Fault('invalid', message, { field })
}

/** Dotted path of the first wrong value. Its text comes from the schema or is a plain word. */
function fieldOf(error: ValidationError): string | undefined {
  const pointer: unknown = error.valueError?.path
  if (typeof pointer !== 'string' || !/^(\/[\w-]{1,40}){1,6}$/.test(pointer)) return undefined
  return pointer.slice(1).replaceAll('/', '.')
}

/** True for what reading a request throws when its client has left. */
export const isClientGone = (error: unknown, request: Request): boolean =>
  request.signal.aborted && !(error instanceof Fault)

export interface FaultWriter {
  /** The answer to a fault, in the dialect of the request's path. */
  write(fault: Fault, request: Request): Response
  /** The same in no dialect's wording: when one fails at wording. */
  writePlain(fault: Fault, request: Request): Response
}

export interface FaultWriterOptions {
  dialects: readonly Dialect[]
  log: Log
  /** The whole application, whose routes tell which methods a path allows. */
  app: () => AnyElysia
  /** Called for every fault that is our own failure. */
  onInternal?: () => void
}

/**
 * Chooses the dialect by path and adds what HTTP asks for whatever the wording: Retry-After, Allow, and the
 * closing of a connection whose body will never end.
 */
export function faultWriter(options: FaultWriterOptions): FaultWriter {
  const { dialects, log, app } = options
  const record = (fault: Fault, request: Request): void => {
    if (fault.code !== 'internal' && fault.code !== 'object_missing') return
    options.onInternal?.()
    log.error('internal_error', describe(fault, request))
  }
  return {
    write(fault, request) {
      record(fault, request)
      const path = pathOf(request)
      const reply = dialectOf(path, dialects)?.renderFault(fault, request) ?? plainReply(fault)
      const allowed = fault.code === 'method_not_allowed' ? allowedMethods(app(), path) : []
      return toResponse(withProtocolHeaders(reply, fault, allowed))
    },
    writePlain(fault, request) {
      record(fault, request)
      return toResponse(plainReply(fault))
    },
  }
}

function withProtocolHeaders(reply: Reply, fault: Fault, allowed: string[]): Reply {
  const headers: Record<string, string> = { ...reply.headers }
  if (fault.retryAfter !== undefined)
    headers['retry-after'] ??= String(Math.max(1, Math.ceil(fault.retryAfter)))
  if (allowed.length > 0) headers.allow = allowed.join(', ')
  if (fault.code === 'upload_stalled') headers.connection = 'close'
  return { ...reply, headers }
}

function describe(fault: Fault, request: Request): Record<string, unknown> {
  const cause = fault.cause
  const seen = cause instanceof Error ? (cause.stack ?? cause.message) : cause
  return { method: request.method, path: pathOf(request), code: fault.code, cause: seen ?? fault.stack }
}

/** Data to Response: JSON for objects, the given content type or plain text for text. */
export function toResponse(reply: Reply): Response {
  const headers = new Headers(reply.headers)
  const isData = reply.body !== null && typeof reply.body === 'object'
  const body = isData ? JSON.stringify(reply.body) : reply.body
  if (!headers.has('content-type') && body !== null) {
    headers.set('content-type', isData ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8')
  }
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  return new Response(body as string | null, { status: reply.status, headers })
}

/**
 * The one error hook of the application, to be added before any dialect: a hook added earlier wins over one
 * added later, and unknown routes only ever reach the root.
 */
export function onAnyError(app: AnyElysia, writer: FaultWriter, root: () => AnyElysia): void {
  app.onError({ as: 'global' }, ({ error, code, set, request }) => {
    const response = writer.write(settle(error, code, request, root()), request)
    // Both: with only one of them the framework rewrites a 200 to 500 or 404.
    set.status = response.status
    return response
  })
}

/** toFault, knowing the request: whether its client left, and whether its path has other methods. */
export function settle(error: unknown, code: unknown, request: Request, app: AnyElysia): Fault {
  if (isClientGone(error, request)) return new Fault('client_gone', undefined, { cause: error })
  const fault = toFault(error, code)
  if (fault.code !== 'route_not_found') return fault
  const allowed = allowedMethods(app, pathOf(request))
  return allowed.length > 0 && !allowed.includes(request.method) ? new Fault('method_not_allowed') : fault
}
