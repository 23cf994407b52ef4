import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { createContent } from './content.ts'
import { CEPH, type S3Server, s3Client, startS3 } from './s3.ts'

const MIB = 2 ** 20
/** Milliseconds. */
const SLOW = 180_000

describe.skipIf(!CEPH)('the S3 server of the tests', () => {
  test('is one for all, with a bucket for each', async () => {
    const [one, other] = await Promise.all([startS3(), startS3()])
    expect(one).toBe(other)
    const server = one as S3Server
    const buckets = [await server.newBucket(), await server.newBucket()]
    expect(buckets[0]).not.toBe(buckets[1])
    const client = s3Client(server)
    for (const Bucket of buckets)
      expect((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0)
    await server.stop()
    expect((await client.send(new ListObjectsV2Command({ Bucket: buckets[0] }))).KeyCount).toBe(0)
    client.destroy()
  }, 60_000)

  test(
    'ends with the run, also when the run is killed',
    async () => {
      const code = `import { startS3 } from './s3.ts'; const { dir } = await startS3(); console.log(dir); setInterval(() => {}, 1000)`
      const child = Bun.spawn([process.execPath, '-e', code], { cwd: import.meta.dir, stdout: 'pipe' })
      const { value } = await child.stdout.getReader().read()
      const dir = new TextDecoder().decode(value).trim()
      expect(existsSync(join(dir, 's3.json'))).toBe(true)
      child.kill('SIGKILL')
      while (existsSync(dir)) await Bun.sleep(50)
    },
    SLOW,
  )
})

describe.skipIf(!CEPH)('a cluster whose daemons are killed', () => {
  const PART = 5 * MIB
  const PARTS = 15
  const content = createContent(PART * PARTS, 'cluster')
  let cluster: S3Server
  let clients: S3Client[]
  let Bucket: string

  beforeAll(async () => {
    cluster = (await startS3({ cluster: true })) as S3Server
    clients = cluster.endpoints.map((endpoint) => s3Client(cluster, endpoint, { maxAttempts: 1 }))
    Bucket = await cluster.newBucket()
  }, SLOW)
  afterAll(async () => {
    for (const client of clients ?? []) client.destroy()
    await cluster?.stop()
  }, SLOW)

  /** At the first gateway that answers. */
  const send = async <T>(call: (client: S3Client) => Promise<T>): Promise<T> => {
    const [first, second] = clients as [S3Client, S3Client]
    return call(first).catch((error: Error & { code?: string }) => {
      if (!['ECONNREFUSED', 'ECONNRESET'].includes(error.code ?? '')) throw error
      return call(second)
    })
  }
  const sha256Of = async (client: S3Client): Promise<string> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'big' }))
    const hash = createHash('sha256')
    for await (const chunk of Body as unknown as AsyncIterable<Uint8Array>) hash.update(chunk)
    return hash.digest('hex')
  }

  test(
    'takes an upload to its end without a disk, a monitor and a gateway',
    async () => {
      const upload = { Bucket, Key: 'big' }
      const { UploadId } = await send((client) => client.send(new CreateMultipartUploadCommand(upload)))
      const killed = { 4: 'osd.1', 7: 'mon.c', 10: 'rgw.a' } as const
      const Parts: Array<{ PartNumber: number; ETag: string | undefined }> = []
      for (let PartNumber = 1; PartNumber <= PARTS; PartNumber++) {
        const Body = Buffer.concat([...content.read((PartNumber - 1) * PART, PartNumber * PART)])
        const part = { ...upload, UploadId, PartNumber, Body }
        const sending = send((client) => client.send(new UploadPartCommand(part)))
        const daemon = killed[PartNumber as keyof typeof killed]
        if (daemon) await cluster.kill(daemon)
        Parts.push({ PartNumber, ETag: (await sending).ETag })
      }
      const complete = { ...upload, UploadId, MultipartUpload: { Parts } }
      await send((client) => client.send(new CompleteMultipartUploadCommand(complete)))
      expect(await sha256Of(clients[1] as S3Client)).toBe(content.sha256())
    },
    SLOW,
  )

  test(
    'has them back and the same content',
    async () => {
      for (const daemon of ['mon.c', 'osd.1', 'rgw.a'] as const) {
        const before = cluster.pid(daemon)
        await cluster.restart(daemon)
        expect(cluster.pid(daemon)).not.toBe(before)
      }
      expect(await sha256Of(clients[0] as S3Client)).toBe(content.sha256())
    },
    SLOW,
  )

  test(
    'reads on with two disks of three, of which one had been away',
    async () => {
      for (const daemon of ['osd.0', 'osd.2'] as const) await cluster.kill(daemon)
      await cluster.restart('osd.0')
      expect(await sha256Of(clients[1] as S3Client)).toBe(content.sha256())
    },
    SLOW,
  )
})
