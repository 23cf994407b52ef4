/** One-shot uploads: a body of unknown length becomes an object, with the disk of two parts at most. */
import { Crc32 } from '../../core/crc32.ts'
import { Fault } from '../../core/fault.ts'
import type { ByteSource, ObjectDescription, StoredPart, WrittenObject } from '../../core/storage.ts'
import { sourceFault } from '../disk-faults.ts'
import { type SentBytes, sendBytes } from './bytes.ts'
import { abortMultipart, createMultipart, joinParts } from './multipart.ts'
import { describing, removeObject, sizeOf } from './objects.ts'
import { Spooled } from './spool.ts'
import type { Store } from './store.ts'
import { faultOf, StoreError } from './store-error.ts'
import { watchedBody } from './watched-body.ts'

const GiB = 1024 ** 3

/**
 * Bytes of part `number`: doubled every thousand parts up to 1 GiB, so that 10,000 parts starting at 32 MiB reach
 * the largest object of S3 (5 TiB) while small files need little disk. Stores that want all parts of an upload of
 * one size take files up to a thousand parts.
 */
export const ingestPartSize = (number: number, first: number): number =>
  Math.max(first, Math.min(GiB, first * 2 ** Math.floor((number - 1) / 1000)))

interface Filled {
  number: number
  spooled: Spooled
  md5: string
}

class Ingest {
  readonly #store: Store
  readonly #key: string
  readonly #description: ObjectDescription | undefined
  readonly #md5 = new Bun.CryptoHasher('md5')
  readonly #sha256 = new Bun.CryptoHasher('sha256')
  readonly #crc32 = new Crc32()
  #partMd5 = this.#md5
  #spooled: Spooled
  #number = 1
  #size = 0
  #upload: string | null = null
  #sending: Promise<void> = Promise.resolve()
  #sent: StoredPart[] = []

  constructor(store: Store, key: string, description: ObjectDescription | undefined) {
    this.#store = store
    this.#key = key
    this.#description = description
    this.#spooled = this.#newSpooled()
  }

  #newSpooled(): Spooled {
    return new Spooled(this.#store.settings.spoolDir, this.#store.settings.ids)
  }

  async take(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.byteLength; ) {
      const room = ingestPartSize(this.#number, this.#store.settings.ingestPartSize) - this.#spooled.size
      if (room === 0) {
        await this.#partFull()
        continue
      }
      const piece = chunk.subarray(done, done + room)
      await this.#write(piece)
      done += piece.byteLength
    }
  }

  async #write(piece: Uint8Array): Promise<void> {
    const written = this.#spooled.write(piece)
    try {
      this.#md5.update(piece)
      this.#sha256.update(piece)
      this.#crc32.update(piece)
      if (this.#partMd5 !== this.#md5) this.#partMd5.update(piece)
    } finally {
      await written
    }
    this.#size += piece.byteLength
  }

  /** The MD5 of the first part is that of the whole so far. */
  #filled(): Filled {
    return { number: this.#number, spooled: this.#spooled, md5: this.#partMd5.copy().digest('hex') }
  }

  /** The part goes out while the next one comes in; before that the one before it has arrived. */
  async #partFull(): Promise<void> {
    await this.#sending
    this.#upload ??= await this.#create()
    this.#sending = this.#send(this.#filled(), this.#upload)
    // Heard of at the next part or the end.
    this.#sending.catch(() => {})
    this.#spooled = this.#newSpooled()
    this.#partMd5 = new Bun.CryptoHasher('md5')
    this.#number++
  }

  async #create(): Promise<string> {
    const upload = await createMultipart(this.#store, this.#key, this.#description)
    this.#store.ingesting.add(upload)
    return upload
  }

  async #send({ number, spooled, md5 }: Filled, uploadId: string): Promise<void> {
    const { size } = spooled
    try {
      await sendSpooled(this.#store, {
        operation: 'UploadPart',
        key: this.#key,
        query: { partNumber: String(number), uploadId },
        spooled,
        md5,
      })
      this.#sent.push({ number, etag: md5, size })
    } finally {
      await spooled.discard()
    }
  }

  async finish(): Promise<WrittenObject> {
    await this.#sending
    const last = this.#filled()
    if (this.#upload) await this.#join(last, this.#upload)
    else await this.#putWhole(last)
    await this.#verify()
    const hashes = { md5: this.#md5.digest('hex'), sha256: this.#sha256.digest('hex') }
    return { size: this.#size, ...hashes, crc32: this.#crc32.value }
  }

  async #putWhole({ spooled, md5 }: Filled): Promise<void> {
    const { ContentType, ContentDisposition } = describing(this.#description)
    await sendSpooled(this.#store, {
      operation: 'PutObject',
      key: this.#key,
      headers: { 'content-type': ContentType, 'content-disposition': ContentDisposition },
      spooled,
      md5,
    })
  }

  async #join(last: Filled, upload: string): Promise<void> {
    await this.#send(last, upload)
    await joinParts(this.#store, { key: this.#key, upload }, this.#sent)
  }

  async #verify(): Promise<void> {
    const stored = await sizeOf(this.#store, this.#key)
    if (stored === this.#size) return
    if (stored !== null) await removeObject(this.#store, this.#key)
    throw new StoreError('HeadObject', 'WrongSize', 502)
  }

  /** Nothing of this upload is left on the disk. Parts under way have ended. */
  async end(): Promise<void> {
    await this.#sending.catch(() => {})
    await this.#spooled.discard()
    if (this.#upload) this.#store.ingesting.delete(this.#upload)
  }

  /** Nothing is left in the store either; what it does not let go of now the sweeper finds. */
  async abandon(): Promise<void> {
    await this.#sending.catch(() => {})
    if (!this.#upload) return
    try {
      await abortMultipart(this.#store, { key: this.#key, upload: this.#upload })
    } catch (error) {
      this.#store.settings.log.warn('storage.upload_left', { key: this.#key, error: String(error) })
    }
  }
}

interface SpooledRequest {
  operation: string
  key: string
  query?: Record<string, string>
  headers?: Record<string, string>
  spooled: Spooled
  /** 32 hex digits. */
  md5: string
}

/** One attempt. A file is watched on its way, so that a store that hangs is not waited for by its size. */
async function sendOnce(store: Store, sent: Omit<SentBytes, 'body'>, spooled: Spooled): Promise<string> {
  const whole = await spooled.body()
  if (!(whole instanceof Blob)) return sendBytes(store, { ...sent, body: whole })
  const reader = whole.stream().getReader()
  const watched = watchedBody(store.settings.timeouts.idle, async () => (await reader.read()).value ?? null)
  try {
    return await sendBytes(store, { ...sent, body: watched.body }, watched.signal)
  } finally {
    watched.end()
    await reader.cancel()
  }
}

/** PUTs spooled bytes, again while that may help; the store checks their MD5 and we its ETag. Throws StoreError. */
export async function sendSpooled(store: Store, request: SpooledRequest): Promise<void> {
  const { spooled, md5, operation, key, query } = request
  const headers = { ...request.headers, 'content-md5': Buffer.from(md5, 'hex').toString('base64') }
  const sent = { operation, key, query, headers, size: spooled.size }
  await store.retried(async () => {
    const etag = await store.inSendSlot(() => sendOnce(store, sent, spooled))
    // A store that encrypts gives an ETag of another kind, and has checked the MD5 all the same.
    if (/^[0-9a-f]{32}$/.test(etag) && etag !== md5) throw new StoreError(operation, 'BadDigest', 400)
  })
}

/** Faults: file_too_large, client_gone, storage_full, unavailable; those of the body. */
export async function ingest(
  store: Store,
  target: { key: string; description?: ObjectDescription },
  body: ByteSource,
  limit: number,
): Promise<WrittenObject> {
  const run = new Ingest(store, target.key, target.description)
  try {
    await takeAll(run, body, limit)
    return await run.finish()
  } catch (error) {
    await run.abandon()
    throw faultOf(error, store.settings.log)
  } finally {
    await run.end()
  }
}

/** Errors of the source are the client's, errors of the store stay the store's. */
async function takeAll(run: Ingest, body: ByteSource, limit: number): Promise<void> {
  let size = 0
  for await (const chunk of named(body)) {
    size += chunk.byteLength
    if (size > limit) throw new Fault('file_too_large')
    await run.take(chunk)
  }
}

/** The body, its own errors as Faults; cancelled when it is not read on. */
export async function* named(body: ByteSource): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw sourceFault(error)
  }
}
