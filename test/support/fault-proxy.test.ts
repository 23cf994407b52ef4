import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createContent } from './content.ts'
import { type FaultProxy, type Mishap, startFaultProxy } from './fault-proxy.ts'
import { CEPH, type S3Server, s3Client, startS3 } from './s3.ts'
import { connectRaw, type RawClient } from './socket.ts'

const MIB = 2 ** 20

describe.skipIf(!CEPH)('a proxy that spoils requests to a store', () => {
  let server: S3Server
  let proxy: FaultProxy
  let direct: S3Client
  let through: S3Client
  let bucket: string

  beforeAll(async () => {
    server = (await startS3()) as S3Server
    bucket = await server.newBucket()
    proxy = await startFaultProxy({ target: server.endpoints[0] as string })
    direct = s3Client(server)
    through = s3Client(server, proxy.url, { maxAttempts: 1 })
  }, 60_000)
  afterEach(async () => {
    proxy.plan({ fractions: {} })
    await proxy.comeBack()
  })
  afterAll(async () => {
    await proxy?.stop()
    for (const client of [direct, through]) client?.destroy()
  })

  const put = (key: string, client = through) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'content' }))
  const exists = (key: string): Promise<boolean> =>
    direct.send(new HeadObjectCommand({ Bucket: bucket, Key: key })).then(
      () => true,
      (error: Error) => {
        if (error.name !== 'NotFound') throw error
        return false
      },
    )
  const signed = (command: PutObjectCommand | GetObjectCommand): Promise<string> =>
    getSignedUrl(through, command, { expiresIn: 600 })
  const signedPut = (key: string) => signed(new PutObjectCommand({ Bucket: bucket, Key: key }))
  const signedGet = (key: string) => signed(new GetObjectCommand({ Bucket: bucket, Key: key }))
  const last = () => proxy.requests.at(-1)

  test('passes on what was signed for its own address, whatever the key looks like', async () => {
    for (const key of ['plain', 'with space/ünïcode+plus%', 'dots/../a//b', "it's(1)*!~"]) {
      await put(key)
      // A URL has no way to say `..`.
      if (!key.includes('..')) expect((await fetch(await signedGet(key))).status).toBe(200)
      const answer = await through.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      expect(await answer.Body?.transformToString()).toBe('content')
    }
    expect(new Set(proxy.requests.map(({ mishap, status }) => `${mishap} ${status}`))).toEqual(
      new Set(['pass 200']),
    )
  })

  test('passes big bodies on and counts them', async () => {
    const size = 24 * MIB
    const content = createContent(size, 'big')
    const before = proxy.traffic()
    const body = Readable.from(content.read(0, size))
    const command = { Bucket: bucket, Key: 'big', Body: body, ContentLength: size }
    await through.send(new PutObjectCommand(command))
    const hash = createHash('sha256')
    for await (const chunk of (await fetch(await signedGet('big'))).body ?? []) hash.update(chunk)
    expect(hash.digest('hex')).toBe(content.sha256())
    const { sent, received } = proxy.traffic()
    expect(sent - before.sent).toBeGreaterThan(size)
    expect(sent - before.sent).toBeLessThan(size + 8192)
    expect(received - before.received).toBeGreaterThan(size)
    expect(received - before.received).toBeLessThan(size + 8192)
  }, 30_000)

  test('does not run ahead of a client that does not read', async () => {
    const url = new URL(await signedGet('big'))
    const before = proxy.requests.length
    const client = await connectRaw(url.origin)
    client.pause()
    await client.send(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`)
    while (proxy.requests.length === before || last()?.status === 0) await Bun.sleep(5)
    let seen = -1
    while (seen !== last()?.received) {
      seen = last()?.received ?? 0
      await Bun.sleep(200)
    }
    expect(seen).toBeLessThan(12 * MIB)
    client.cut()
  })

  test('answers that the store is busy, and the store sees nothing', async () => {
    proxy.next('slow-down')
    expect(await failure(put('busy'))).toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } })
    expect(await exists('busy')).toBe(false)
    expect(last()).toMatchObject({ mishap: 'slow-down', status: 503 })
  })

  test('answers that the store is busy when it has read a body of any size', async () => {
    proxy.next('slow-down')
    const answer = await fetch(await signedPut('busy'), { method: 'PUT', body: new Uint8Array(8 * MIB) })
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('<Code>SlowDown</Code>')
    expect(last()?.sent).toBeGreaterThan(8 * MIB)
  })

  const expecting = async (key: string): Promise<RawClient> => {
    const url = new URL(await signedPut(key))
    const client = await connectRaw(url.origin)
    const headers = `Host: ${url.host}\r\nContent-Length: 7\r\nExpect: 100-continue`
    await client.send(`PUT ${url.pathname}${url.search} HTTP/1.1\r\n${headers}\r\n\r\n`)
    return client
  }

  test('passes on the word that a client waits for with its body', async () => {
    const client = await expecting('expected')
    expect(await client.until(/\r\n\r\n/)).toStartWith('HTTP/1.1 100 ')
    await client.send('content')
    expect(await client.closed).toContain('\r\n\r\nHTTP/1.1 200 OK\r\n')
    expect(await exists('expected')).toBe(true)
  })

  test('spoils the request of a client that has not sent its body yet', async () => {
    proxy.next('slow-down')
    expect(await (await expecting('unexpected')).closed).toStartWith('HTTP/1.1 503 Slow Down\r\n')
    proxy.next('cut')
    const client = await expecting('unexpected')
    await client.until(/\r\n\r\n/)
    await client.send('content')
    const answer = (await client.closed).replace(/^HTTP\/1.1 100 [a-z]+\r\n\r\n/i, '')
    expect(answer).toStartWith('HTTP/1.1 200 OK\r\n')
    expect(answer).not.toContain('\r\n\r\n')
  })

  const spoiled: Array<[Mishap, boolean, string]> = [
    ['reset-before', false, 'ECONNRESET'],
    ['reset-after', true, 'ECONNRESET'],
    ['hang-before', false, 'TimeoutError'],
    ['hang-after', true, 'TimeoutError'],
  ]
  for (const [mishap, done, name] of spoiled) {
    test(`spoils a request by ${mishap}, ${done ? 'and' : 'but never when'} the store has done it`, async () => {
      proxy.next(mishap)
      const options = { method: 'PUT', body: 'content', signal: AbortSignal.timeout(1000) }
      const error = await failure(fetch(await signedPut(mishap), options))
      expect([error.name, error.code]).toContain(name)
      expect(await exists(mishap)).toBe(done)
      expect(last()).toMatchObject({ mishap, status: 0, received: 0 })
    })
  }

  test('ends an answer in the middle', async () => {
    await fetch(await signedPut('cut'), { method: 'PUT', body: new Uint8Array(MIB) })
    proxy.next('cut')
    const answer = await fetch(await signedGet('cut'))
    expect(answer.headers.get('content-length')).toBe(String(MIB))
    let arrived = 0
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) arrived += chunk.length
    })()
    await failure(reading)
    expect(arrived).toBeLessThanOrEqual(MIB / 2)
    expect(last()?.received).toBeLessThan(MIB / 2 + 2048)
  })

  test('ends an answer without a body in the middle of its head', async () => {
    proxy.next('cut')
    await failure(fetch(await signedPut('cut-head'), { method: 'PUT', body: 'content' }))
    expect(await exists('cut-head')).toBe(true)
  })

  test('cuts lists short', async () => {
    proxy.next('cut')
    await failure(through.send(new ListObjectsV2Command({ Bucket: bucket })))
    expect(last()).toMatchObject({ mishap: 'cut', status: 200 })
  })

  for (const [mishap, done] of [
    ['complete-fails-before', false],
    ['complete-fails-after', true],
  ] as const) {
    test(`answers 200 with an error to a completion, ${mishap}`, async () => {
      const upload = { Bucket: bucket, Key: mishap }
      const { UploadId } = await through.send(new CreateMultipartUploadCommand(upload))
      proxy.next(mishap)
      const part = { ...upload, UploadId, PartNumber: 1, Body: 'content' }
      const { ETag } = await through.send(new UploadPartCommand(part))
      expect(last()).toMatchObject({ mishap: 'pass', status: 200 })
      proxy.next(mishap)
      const parts = { MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }
      const complete = new CompleteMultipartUploadCommand({ ...upload, UploadId, ...parts })
      expect(await failure(through.send(complete))).toMatchObject({ name: 'InternalError' })
      expect(await exists(mishap)).toBe(done)
      if (done) return
      const { Parts } = await direct.send(new ListPartsCommand({ ...upload, UploadId }))
      expect(Parts).toHaveLength(1)
      await through.send(complete)
      expect(await exists(mishap)).toBe(true)
    })
  }

  test('goes away and comes back where it was', async () => {
    await proxy.goDown('refused')
    expect((await failure(fetch(proxy.url))).code).toBe('ECONNREFUSED')
    await proxy.comeBack()
    expect((await fetch(proxy.url)).status).toBe(200)
  })

  test('breaks what is under way when it goes away', async () => {
    proxy.next('hang-before')
    const waiting = failure(fetch(proxy.url))
    while (last()?.mishap !== 'hang-before') await Bun.sleep(5)
    await proxy.goDown('unavailable')
    await waiting
    const answer = await fetch(proxy.url)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('<Code>ServiceUnavailable</Code>')
  })

  test('breaks off when the store does', async () => {
    const broken = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        data(socket) {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun')
          socket.terminate()
        },
      },
    })
    const front = await startFaultProxy({ target: `http://127.0.0.1:${broken.port}` })
    await failure(fetch(front.url).then((answer) => answer.text()))
    broken.stop(true)
    await failure(fetch(front.url))
    await front.stop()
  })
})

describe('the lots of the proxy', () => {
  const lotsOf = async (seed: number): Promise<string[]> => {
    const store = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('well') })
    const plan = { fractions: { 'slow-down': 0.3, 'reset-before': 0.1 } } as const
    const only = ({ target }: { target: string }) => target !== '/spared'
    const proxy = await startFaultProxy({ target: store.url.origin, seed, plan: { ...plan, only } })
    for (let n = 0; n < 200; n++) await fetch(`${proxy.url}/${n % 4 === 0 ? 'spared' : n}`).catch(() => null)
    await Promise.all([proxy.stop(), store.stop(true)])
    return proxy.requests.map(({ mishap, target }) => `${target} ${mishap}`)
  }

  test('depend on the seed alone, and spare what the plan spares', async () => {
    const [first, again, other] = [await lotsOf(7), await lotsOf(7), await lotsOf(8)]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    const of = (mishap: string) => first.filter((entry) => entry.endsWith(` ${mishap}`)).length
    expect(first.filter((entry) => entry === '/spared pass')).toHaveLength(50)
    expect(of('slow-down')).toBeWithin(30, 61)
    expect(of('reset-before')).toBeWithin(6, 26)
  })
})

/** The error it fails with; it has to fail. */
async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const error = await promise.then(
    () => null,
    (error: Error) => error,
  )
  if (error === null) throw new Error('it went well')
  return error
}
