/** The bytes of a source as one stream, whatever happens to the connections that carry them. */
import { pause } from './pause.ts'
import { RemoteError, type RemoteFetcher, type RemoteFile } from './remote.ts'

/** Breaks in a row that brought less than this are given up after a few. */
const WORTHWHILE_BYTES = 1024 ** 2
const MAX_FRUITLESS_BREAKS = 5

export interface ResumingBodyDeps {
  fetcher: RemoteFetcher
  signal: AbortSignal
  /** Seconds before the first continuation; each fruitless one doubles it. */
  resumeSeconds: number
  received(bytes: number): void
}

/**
 * All bytes of the source, beginning with the opened one. A broken connection is continued where it broke as
 * long as the source vouches that it is the same content; RemoteError otherwise, retryable: a new attempt
 * starts over.
 */
export async function* resumingBody(
  { fetcher, signal, resumeSeconds, received }: ResumingBodyDeps,
  url: string,
  first: RemoteFile,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0
  let worthwhileAt = 0
  let fruitless = 0
  let source: RemoteFile | null = first
  for (;;) {
    try {
      source ??= await reopen(fetcher, url, first, at, signal)
      for await (const chunk of source.body) {
        at += chunk.byteLength
        received(chunk.byteLength)
        yield chunk
      }
      if (first.size !== null && at < first.size) throw endedEarly()
      return
    } catch (error) {
      signal.throwIfAborted()
      if (!isBreak(error) || first.validator === null) throw error
      fruitless = at - worthwhileAt >= WORTHWHILE_BYTES ? 1 : fruitless + 1
      if (fruitless > MAX_FRUITLESS_BREAKS) throw error
      if (fruitless === 1) worthwhileAt = at
      source = null
      await pause(error.retryAfter ?? resumeSeconds * 2 ** (fruitless - 1), signal)
      signal.throwIfAborted()
    }
  }
}

const endedEarly = () =>
  new RemoteError('The source ended before all announced bytes had arrived.', { retryable: true })

/** What the source wants to be left alone for long is not waited for with the import half done. */
const LONGEST_WAIT_SECONDS = 30

const isBreak = (error: unknown): error is RemoteError =>
  error instanceof RemoteError &&
  !(error instanceof SourceChanged) &&
  error.retryable &&
  (error.retryAfter ?? 0) <= LONGEST_WAIT_SECONDS

class SourceChanged extends RemoteError {
  constructor() {
    super('The source changed while it was being downloaded.', { retryable: true })
  }
}

async function reopen(
  fetcher: RemoteFetcher,
  url: string,
  first: RemoteFile,
  offset: number,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const source = await fetcher.open(url, { offset, ifRange: first.validator, signal })
  const isSameSize = first.size === null || source.size === null || source.size === first.size
  if (source.offset !== offset || source.validator !== first.validator || !isSameSize)
    throw new SourceChanged()
  return source
}
