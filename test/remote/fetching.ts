/** One request of the fetcher, with what tests leave as it is. */
import { RemoteError, type RemoteRequest } from '../../src/core/remote.ts'
import { type HttpFetcherOptions, httpFetcher } from '../../src/remote/http-fetcher.ts'
import { readAll } from './sources.ts'

const fetcher = (options: Partial<HttpFetcherOptions> = {}) =>
  httpFetcher({ allowPrivateAddresses: true, ...options })

export const open = (
  url: string | URL,
  request: Partial<RemoteRequest> = {},
  options?: Partial<HttpFetcherOptions>,
) =>
  fetcher(options).open(String(url), {
    offset: 0,
    ifRange: null,
    signal: new AbortController().signal,
    ...request,
  })

/** The RemoteError that an attempt ends with. */
export async function failure(attempt: Promise<unknown>): Promise<RemoteError> {
  try {
    await attempt
  } catch (error) {
    if (error instanceof RemoteError) return error
    throw error
  }
  throw new Error('It did not fail.')
}

/** The head of an answer, line by line. */
export const answer = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`

/** The whole body of an answer. */
export const fetchAll = async (...request: Parameters<typeof open>) => readAll(await open(...request))
