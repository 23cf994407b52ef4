/**
 * RemoteFetcher reaches other people's servers. It decides which of them may be reached at all; what the
 * bytes are good for is not its concern.
 */

export interface RemoteRequest {
  /** First byte wanted; 0 asks for all of it. */
  offset: number
  /** The validator that came with the earlier bytes; the source starts over when it holds no more. */
  ifRange: string | null
  /** Ends everything at once: looking up, connecting, waiting, reading. */
  signal: AbortSignal
}

/** A source that answered with bytes. Abort the request's signal to let go of it. */
export interface RemoteFile {
  /** Where the body begins: the offset asked for, or 0. */
  offset: number
  /** Bytes of the whole, null when the source does not say. */
  size: number | null
  /** What it may be called, best first: as others wrote it, fit for nothing before it is cleaned. */
  names: string[]
  mimeType: string | null
  /** Names this very content, so that a broken transfer can go on; null when it can not. */
  validator: string | null
  /** Throws RemoteError when the bytes end too early. Never more than was announced. */
  body: AsyncIterable<Uint8Array>
}

export interface RemoteFetcher {
  /** Fault: url_refused. Everything else that goes wrong is a RemoteError. */
  open(url: string, request: RemoteRequest): Promise<RemoteFile>
}

export interface RemoteErrorDetails {
  /** A later attempt may succeed. */
  retryable: boolean
  /** Seconds the source asks to be left alone. */
  retryAfter?: number | null
  /** What really happened; for the log, never for the account. */
  cause?: unknown
}

/** The source failed. `message` is shown to the account as it is: no address, no path of ours. */
export class RemoteError extends Error {
  readonly retryable: boolean
  readonly retryAfter: number | null

  constructor(message: string, { retryable, retryAfter = null, cause }: RemoteErrorDetails) {
    super(message, { cause })
    this.name = 'RemoteError'
    this.retryable = retryable
    this.retryAfter = retryAfter
  }
}
