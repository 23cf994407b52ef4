/** An object as a stream that outlives broken connections to the store. */
import { Fault } from '../../core/fault.ts'
import type { ByteRange } from '../../core/storage.ts'
import { requestBytes } from './bytes.ts'
import type { Store } from './store.ts'
import { faultOf, isMissingObject, isStoreError, StoreError, storeError } from './store-error.ts'

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read'>

/** One answer of the store, with the timer that ends it when nothing comes. */
interface Source {
  reader: Reader | null
  etag: string
  /** Bytes the answer promises. */
  length: number
  end(): void
}

/** Runs `work`, and ends the connection when it takes longer than `limit` milliseconds. */
async function within<T>(limit: number, connection: AbortController, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => connection.abort(new DOMException('too slow', 'TimeoutError')), limit)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}

class ResumedRead {
  readonly #store: Store
  readonly #key: string
  readonly #connection = { current: new AbortController() }
  #range: ByteRange | undefined
  #source: Source | null = null
  #etag = ''
  #left = 0
  #isCancelled = false

  constructor(store: Store, key: string, range: ByteRange | undefined) {
    this.#store = store
    this.#key = key
    this.#range = range
  }

  /** Resolves when the store has begun to answer. */
  async begin(): Promise<void> {
    const source = await this.#store.retried(() => this.#connect())
    this.#etag = source.etag
    this.#left = source.length
    if (this.#range && source.length !== this.#range.end - this.#range.start + 1)
      throw new StoreError('GetObject', 'InvalidRange', 416)
    this.#range ??= { start: 0, end: source.length - 1 }
  }

  async #connect(): Promise<Source> {
    // Without a code that may pass: nobody reads on, so there is nothing to repeat.
    if (this.#isCancelled) throw new Fault('client_gone')
    const { settings } = this.#store
    const connection = new AbortController()
    this.#connection.current = connection
    const wanted = { range: this.#range, ifMatch: this.#etag }
    const response = await this.#store.inSlot(() =>
      within(settings.timeouts.request, connection, () =>
        requestBytes(this.#store, this.#key, wanted, connection.signal),
      ),
    )
    const source = {
      reader: response.body?.getReader() ?? null,
      etag: response.headers.get('etag') ?? '',
      length: Number(response.headers.get('content-length') ?? Number.NaN),
      end: () => connection.abort(),
    }
    this.#source = source
    if (!Number.isSafeInteger(source.length)) throw new StoreError('GetObject', 'MissingContentLength', 502)
    return source
  }

  /** The next bytes, or null at the end. */
  next(): Promise<Uint8Array | null> {
    return this.#left === 0 ? Promise.resolve(null) : this.#store.retried(() => this.#read())
  }

  async #read(): Promise<Uint8Array> {
    const source = this.#source ?? (await this.#connect())
    try {
      const chunk = await within(this.#store.settings.timeouts.idle, this.#connection.current, () =>
        this.#chunkOf(source),
      )
      this.#took(chunk.byteLength)
      return chunk
    } catch (error) {
      this.end()
      // The store is not to blame for what its reader has ended.
      throw this.#isCancelled ? new Fault('client_gone') : storeError('GetObject', error)
    }
  }

  async #chunkOf({ reader }: Source): Promise<Uint8Array> {
    const { value, done } = reader ? await reader.read() : { value: undefined, done: true }
    if (done || !value) throw new StoreError('GetObject', 'ConnectionClosed')
    if (value.byteLength > this.#left) throw new StoreError('GetObject', 'TooManyBytes', 502)
    return value
  }

  #took(bytes: number): void {
    this.#left -= bytes
    if (this.#range) this.#range = { start: this.#range.start + bytes, end: this.#range.end }
  }

  end(): void {
    this.#source?.end()
    this.#source = null
  }

  /** Nobody reads on. What is being waited for ends at once, and no connection is made any more. */
  cancel(): void {
    this.#isCancelled = true
    this.#connection.current.abort()
    this.end()
  }
}

function translated(store: Store, error: unknown): unknown {
  if (isMissingObject(error)) return new Fault('object_missing')
  // Replaced while it was read: the rest of what was begun is no more.
  if (isStoreError(error, 'PreconditionFailed'))
    return new Fault('object_missing', undefined, { cause: error })
  return faultOf(error, store.settings.log)
}

/**
 * The bytes of an object as the reader takes them. A connection that breaks is taken up where it broke, as long as
 * the object is the same. Faults: object_missing, unavailable.
 */
export async function readObject(
  store: Store,
  key: string,
  range?: ByteRange,
): Promise<ReadableStream<Uint8Array>> {
  const read = new ResumedRead(store, key, range)
  try {
    await read.begin()
  } catch (error) {
    read.end()
    throw translated(store, error)
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const chunk = await read.next()
          if (chunk) controller.enqueue(chunk)
          else controller.close()
        } catch (error) {
          throw translated(store, error)
        }
      },
      cancel: () => read.cancel(),
    },
    { highWaterMark: 0 },
  )
}
