/** One request over one new connection to one address, which was judged before. */
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http'
import { request as encryptedRequest } from 'node:https'
import { isIP } from 'node:net'
import { RemoteError } from '../core/remote.ts'
import type { Target } from './target.ts'
import { transportError } from './transport-errors.ts'

/** In seconds. */
export interface Timeouts {
  /** For one connection, its encryption included. */
  connect: number
  /** From the connection to the end of the answer's headers. */
  answer: number
  /** In which some bytes of the body must arrive. */
  idle: number
}

export interface ExchangeOptions {
  timeouts: Timeouts
  signal: AbortSignal
  /** Certificates trusted instead of the built-in ones. */
  authorities?: string
}

export interface Exchange {
  response: IncomingMessage
  /** What broke the connection since the headers arrived. */
  failure(): unknown
  /** Closes the connection; repeating it is fine. */
  close(): void
}

const MAX_HEADER_BYTES = 32 * 1024

/**
 * Sends a GET and resolves with the headers. node:http, as it asks no proxy of the environment, decodes
 * nothing, follows nothing, and connects to the address it is given. Rejects with RemoteError.
 */
export function exchange(
  target: Target,
  address: string,
  headers: Record<string, string>,
  { timeouts, signal, authorities }: ExchangeOptions,
): Promise<Exchange> {
  const { promise, resolve, reject } = Promise.withResolvers<Exchange>()
  if (signal.aborted) return Promise.reject(transportError(signal.reason))
  const options = requestOptions(target, address, headers, authorities)
  const request = target.isEncrypted ? encryptedRequest(options) : plainRequest(options)
  let failure: unknown
  const note = (error: unknown): void => {
    failure ??= error
  }
  const close = (): void => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    request.destroy()
  }
  const fail = (error: unknown): void => {
    note(error)
    reject(transportError(error))
    close()
  }
  const abort = (): void => fail(signal.reason)
  const expectWithin = (seconds: number) => setTimeout(() => fail(unanswered()), seconds * 1000)
  let timer = expectWithin(timeouts.connect)
  signal.addEventListener('abort', abort)
  request.on('socket', (socket) =>
    socket.once(target.isEncrypted ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      timer = expectWithin(timeouts.answer)
    }),
  )
  request.once('error', fail)
  request.once('response', (response) => {
    clearTimeout(timer)
    // What breaks from now on must not cut off bytes that have arrived; whoever reads them asks for it.
    request.off('error', fail).on('error', note)
    response.on('error', note)
    resolve({ response, failure: () => failure, close })
  })
  request.end()
  return promise
}

const unanswered = () => new RemoteError('The source did not answer in time.', { retryable: true })

function requestOptions(
  { url, isEncrypted, host, port }: Target,
  address: string,
  headers: Record<string, string>,
  authorities: string | undefined,
): RequestOptions & { servername?: string; ca?: string; rejectUnauthorized?: boolean } {
  const options = {
    host: address,
    port,
    path: url.pathname + url.search,
    headers: { host: url.host, ...headers },
    setHost: false,
    agent: false as const,
    maxHeaderSize: MAX_HEADER_BYTES,
  }
  if (!isEncrypted) return options
  // Said explicitly, as an environment variable can turn the checking of certificates off.
  const encrypted = { ...options, rejectUnauthorized: true, ...(authorities && { ca: authorities }) }
  // Addresses have no server name, and certificates no dot at the end of theirs.
  return isIP(host) === 0 ? { ...encrypted, servername: host.replace(/\.$/, '') } : encrypted
}
