/** The steps of an upload, one core call each. */
import type { Part, Principal, UploadSession } from '../../src/core/model.ts'
import { partCount } from '../../src/core/part-plan.ts'
import type { UploadRequest } from '../../src/core/upload-request.ts'
import { md5, sampleBytes } from '../support/upload.ts'
import { type CoreUnderTest, coresUnderTest, principalOf } from './core-under-test.ts'

/** Products that are closed after each test, empty or with the account of Ann. */
export function uploadsUnderTest() {
  const open = coresUnderTest()
  return {
    open,
    async withAccount() {
      const product = await open()
      return { product, by: principalOf(await product.account('ann')) }
    },
  }
}

/** What the storage keeps of uploads under way. */
export const staged = ({ storage }: CoreUnderTest) => Array.fromAsync(storage.listUploads())

export const requestFor = (size: number, fields: Partial<UploadRequest> = {}): UploadRequest => ({
  filename: 'archive.iso',
  size,
  mimeType: null,
  folderId: null,
  checksumSha256: null,
  ...fields,
})

export async function* bytesOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

/** A body that counts how often it is asked for a byte. */
export function watchedBody(...chunks: Uint8Array[]) {
  let asked = 0
  return {
    asked: () => asked,
    async *[Symbol.asyncIterator]() {
      asked++
      yield* chunks
    },
  }
}

/** A body that stops after its first chunk until the test goes on. */
export function pausedBody(first: Uint8Array, rest: Uint8Array) {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  async function* body() {
    yield first
    reached.resolve()
    await gate.promise
    yield rest
  }
  return { body: body(), reached: reached.promise, goOn: gate.resolve, fail: gate.reject }
}

export const partOf = (session: UploadSession, data: Uint8Array, number: number): Uint8Array =>
  data.subarray((number - 1) * session.partSize, number * session.partSize)

export async function begin(
  { core }: CoreUnderTest,
  by: Principal,
  size: number,
  fields: Partial<UploadRequest> = {},
): Promise<{ session: UploadSession; data: Uint8Array }> {
  const session = await core.uploads.create(by, requestFor(size, fields))
  return { session, data: sampleBytes(size) }
}

export function put(
  { core }: Pick<CoreUnderTest, 'core'>,
  by: Principal,
  session: UploadSession,
  number: number,
  bytes: Uint8Array,
) {
  const part = { number, length: bytes.length, body: bytesOf(bytes) }
  return core.uploads.putPart(by, session.id, part)
}

export function report(
  { core }: Pick<CoreUnderTest, 'core'>,
  by: Principal,
  session: UploadSession,
  number: number,
  bytes: Uint8Array,
) {
  const part = { number, etag: md5(bytes), size: bytes.length, checksumSha256: null }
  return core.uploads.report(by, session.id, part)
}

/** Sends and reports all parts, or the named ones. */
export async function send(
  product: Pick<CoreUnderTest, 'core'>,
  by: Principal,
  { session, data }: { session: UploadSession; data: Uint8Array },
  numbers?: number[],
): Promise<void> {
  const all = Array.from({ length: partCount(session) }, (_, index) => index + 1)
  for (const number of numbers ?? all) {
    const bytes = partOf(session, data, number)
    await put(product, by, session, number, bytes)
    await report(product, by, session, number, bytes)
  }
}

export const complete = (
  { core }: Pick<CoreUnderTest, 'core'>,
  by: Principal,
  session: UploadSession,
  { checksumSha256 = null, retried = false }: { checksumSha256?: string | null; retried?: boolean } = {},
) => core.uploads.complete(by, session.id, { checksumSha256, retried })

/** A whole file. */
export async function upload(
  product: CoreUnderTest,
  by: Principal,
  size: number,
  fields?: Partial<UploadRequest>,
) {
  const begun = await begin(product, by, size, fields)
  await send(product, by, begun)
  return { ...(await complete(product, by, begun.session)), data: begun.data }
}

export const states = (parts: Part[]): string[] =>
  parts.map(({ number, etag, reported }) => `${number}${etag ? ' stored' : ''}${reported ? ' reported' : ''}`)

/** The bytes of an object. */
export async function stored({ storage }: CoreUnderTest, key: string): Promise<Uint8Array> {
  const body = await storage.open(key)
  return new Uint8Array(await new Response(body as Blob).arrayBuffer())
}
