/** What is known of one request and its answer while it is under way: for the log and the metrics. */

export interface Exchange {
  /** The client's address as the outside sees it, '' when unknown. */
  ip: string
  dialect: string
  /** Who asked, once that is known. */
  actor: string | null
  /** Bytes of the request body that were read. */
  bytesIn: number
  /** Bytes of the response body, when its size is known. */
  bytesOut: number | null
  /** The answer to a HEAD request, which the router would give a wrong length. */
  head: { status: number; headers: Headers } | null
  /** Sends an answer past the server, which would drop its length; null for all that are not streams. */
  send: ((response: Response) => Promise<Response>) | null
}

const exchanges = new WeakMap<Request, Exchange>()

/** The one record of this request. */
export function exchangeOf(request: Request): Exchange {
  const known = exchanges.get(request)
  if (known) return known
  const fresh: Exchange = {
    ...{ ip: '', dialect: '', actor: null, bytesIn: 0, bytesOut: null },
    ...{ head: null, send: null },
  }
  exchanges.set(request, fresh)
  return fresh
}
