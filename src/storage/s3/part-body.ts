/** One part straight from a client to the store: counted, hashed, and never finished unless it is exactly right. */
import { Fault } from '../../core/fault.ts'
import type { ByteSource, StoredPart } from '../../core/storage.ts'
import { sourceFault } from '../disk-faults.ts'
import { sendBytes } from './bytes.ts'
import type { Store } from './store.ts'
import { StoreError } from './store-error.ts'
import { watchedBody } from './watched-body.ts'

export interface PartTarget {
  key: string
  upload: string
  number: number
  size: number
}

/**
 * Gives the source on while it counts and hashes. The last chunk is held back until the source has ended, so that
 * a body which is too long or breaks leaves the request unfinished and the store without the part.
 */
class CheckedBody {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #size: number
  readonly #md5 = new Bun.CryptoHasher('md5')
  #held: Uint8Array | null = null
  #received = 0
  #ended = false
  #pulling = false
  /** What the source, not the store, failed with. */
  failure: { error: unknown } | null = null

  constructor(source: ByteSource, size: number) {
    this.#source = source[Symbol.asyncIterator]()
    this.#size = size
  }

  /** The next bytes to send, null after the last. */
  async next(): Promise<Uint8Array | null> {
    try {
      for (let chunk = await this.#pull(); chunk; chunk = await this.#pull()) {
        const before = this.#held
        this.#held = chunk
        if (before) return before
      }
      const last = this.#held
      this.#held = null
      return last
    } catch (error) {
      this.failure ??= { error: sourceFault(error) }
      throw error
    }
  }

  async #pull(): Promise<Uint8Array | null> {
    if (this.#ended) return null
    this.#pulling = true
    const { value, done } = await this.#source.next()
    this.#pulling = false
    if (done) {
      this.#ended = true
      if (this.#received < this.#size) throw new Fault('part_too_small')
      return null
    }
    if (this.#received + value.byteLength > this.#size) throw new Fault('part_too_large')
    this.#received += value.byteLength
    this.#md5.update(value)
    return value.byteLength === 0 ? this.#pull() : value
  }

  md5(): string {
    return this.#md5.digest('hex')
  }

  /** Lets go of a source that was not read to its end. One that is being waited for is not waited for here. */
  async cancel(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    const returned = this.#source.return?.()
    if (!this.#pulling) await returned
    else returned?.catch(() => {})
  }
}

/** Faults: part_too_large, part_too_small, and those of the source. Throws StoreError. */
export async function streamPart(store: Store, target: PartTarget, source: ByteSource): Promise<StoredPart> {
  const { key, upload, number, size } = target
  const checked = new CheckedBody(source, size)
  const watched = watchedBody(store.settings.timeouts.idle, () => checked.next())
  try {
    const query = { partNumber: String(number), uploadId: upload }
    const sent = { operation: 'UploadPart', key, query, size, body: watched.body }
    const etag = await sendBytes(store, sent, watched.signal)
    return { number, etag: agreed(etag, checked.md5()), size }
  } catch (error) {
    throw checked.failure ? checked.failure.error : error
  } finally {
    watched.end()
    await checked.cancel()
  }
}

/** The ETag, which must be the MD5 of what was sent. */
function agreed(etag: string, md5: string): string {
  if (etag !== md5) throw new StoreError('UploadPart', 'BadDigest', 400)
  return etag
}
