/**
 * Fetches over http and https from the public internet. Every hop is judged before it is reached: its URL by
 * its letters, its name by all its addresses; the connection goes to an address that was judged, so that a
 * second look at the name can not lead elsewhere.
 */
import { RemoteError, type RemoteFetcher, type RemoteRequest } from '../core/remote.ts'
import { readAnswer, redirectOf } from './answer.ts'
import { readBody } from './body.ts'
import { type Exchange, exchange, type Timeouts } from './exchange.ts'
import { createJudge, type Resolver, reachableAddresses, systemResolver } from './resolve.ts'
import { readTarget, type Target } from './target.ts'
import { transportError } from './transport-errors.ts'

export interface HttpFetcherOptions {
  /** Lets URLs lead into private networks and to this machine. */
  allowPrivateAddresses: boolean
  /** What the sources are told. */
  userAgent?: string
  timeouts?: Partial<Timeouts & { resolve: number }>
  resolver?: Resolver
  /** Addresses that may be reached although they are not public. */
  exemptAddresses?: string[]
  /** Certificates (PEM) trusted instead of the built-in ones. */
  authorities?: string
}

const MAX_REDIRECTS = 5
const TIMEOUTS = { resolve: 10, connect: 10, answer: 30, idle: 60 }

export function httpFetcher(options: HttpFetcherOptions): RemoteFetcher {
  const timeouts = { ...TIMEOUTS, ...options.timeouts }
  const { resolver = systemResolver, userAgent = 'Kist', authorities } = options
  const mayReach = options.allowPrivateAddresses ? () => true : createJudge(options.exemptAddresses ?? [])

  const addressesOf = (target: Target, signal: AbortSignal): Promise<string[]> =>
    within(timeouts.resolve, signal, reachableAddresses(target.host, resolver, mayReach))

  /** The first address that lets itself be connected to. */
  const reach = async (target: Target, request: RemoteRequest): Promise<Exchange> => {
    const { signal } = request
    let last: unknown
    for (const address of await addressesOf(target, signal)) {
      try {
        return await exchange(target, address, requestHeaders(request, userAgent), {
          timeouts,
          signal,
          authorities,
        })
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof RemoteError && error.retryable)) throw error
        last = error
      }
    }
    throw transportError(last)
  }

  return {
    async open(url, request) {
      const asked = readTarget(url)
      let target = asked
      for (let redirects = 0; ; redirects++) {
        const answered = await reach(target, request)
        try {
          const location = redirectOf(answered.response)
          if (location === null) {
            const { length, ...file } = readAnswer(answered.response, [target.url, asked.url], request)
            const plan = { length, idleSeconds: timeouts.idle, signal: request.signal }
            return { ...file, body: readBody(answered, plan) }
          }
          if (redirects === MAX_REDIRECTS) throw tooManyRedirects()
          target = readTarget(location, target.url)
        } catch (error) {
          answered.close()
          throw error
        }
        answered.close()
      }
    },
  }
}

const tooManyRedirects = () => new RemoteError('The source redirects too often.', { retryable: false })

/** Nothing of ours goes along: no cookie, no authorization, no referrer. */
function requestHeaders({ offset, ifRange }: RemoteRequest, userAgent: string): Record<string, string> {
  return {
    'user-agent': userAgent,
    accept: '*/*',
    'accept-encoding': 'identity',
    connection: 'close',
    ...(offset > 0 && { range: `bytes=${offset}-` }),
    ...(offset > 0 && ifRange !== null && { 'if-range': ifRange }),
  }
}

/** Name servers can not be called back: what they answer later is ignored. */
async function within<T>(seconds: number, signal: AbortSignal, work: Promise<T>): Promise<T> {
  const ended = Promise.withResolvers<never>()
  const late = () =>
    ended.reject(
      new RemoteError('The host name of the source could not be looked up in time.', { retryable: true }),
    )
  const timer = setTimeout(late, seconds * 1000)
  const abort = (): void => ended.reject(signal.reason)
  signal.addEventListener('abort', abort)
  work.catch(() => {}) // what comes after the deadline is nobody's error
  try {
    signal.throwIfAborted()
    return await Promise.race([work, ended.promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}
