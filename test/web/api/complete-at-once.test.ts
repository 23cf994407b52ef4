/** One upload that two pages complete at the same moment: both come to the same file, on any storage. */
import { afterAll, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import { createTestApp, type TestApp } from '../../support/app.ts'
import { newBucket } from '../../support/bucket.ts'
import { CEPH, type S3Server, startS3 } from '../../support/s3.ts'
import { sampleBytes, sha256 } from '../../support/upload.ts'
import { type Site, siteOf } from '../site.ts'
import { type Caller, callerOf } from './calls.ts'

const PART = 16 * 1024 * 1024
const BYTES = sampleBytes(PART + 1000)

const STORAGES: Array<[string, boolean, () => Promise<TestApp>]> = [
  ['the local disk', true, () => createTestApp()],
  [
    'a bucket',
    CEPH,
    async () =>
      createTestApp({ config: { storage: (await newBucket((await startS3()) as S3Server)).storage } }),
  ],
]

for (const [where, isThere, open] of STORAGES)
  describe.skipIf(!isThere)(`on ${where}`, () => {
    let given: Site
    let ann: Caller
    beforeAll(async () => {
      const app = await open()
      given = siteOf(app, (await app.account('ann')).account, (await app.account('bob')).account)
      ann = await callerOf(given)
    }, 60_000)
    afterAll(async () => {
      expect(await given?.app.problems()).toEqual([])
      await given?.app.close()
    })

    /** Every part has arrived, and nobody has reported one. */
    async function sent() {
      const wanted = { filename: 'film.mp4', size: BYTES.length }
      const { json } = await ann.post('/web/uploads', wanted)
      const parts: Array<{ number: number; size: number; etag: string }> = []
      for (const { number, url, size } of json.targets) {
        const body = BYTES.slice((number - 1) * PART, (number - 1) * PART + size)
        const isOurs = url.startsWith('/')
        const headers = { 'content-length': String(size) }
        const answer = isOurs
          ? await given.send('PUT', url, { body, headers })
          : await fetch(url, { method: 'PUT', body })
        expect(answer.status).toBe(200)
        parts.push({ number, size, etag: answer.headers.get('etag') ?? '' })
      }
      const complete = () => ann.post(`/web/uploads/${json.upload.id}/complete`, { parts })
      return { id: json.upload.id as string, complete }
    }

    /** As the page does it: what is busy is asked again. */
    async function patiently(complete: () => ReturnType<Caller['post']>) {
      for (;;) {
        const answer = await complete()
        if (answer.status !== 503) return answer
        expect(answer.headers.get('retry-after')).toBe('1')
        await Bun.sleep(20)
      }
    }

    test('four at once have the same file', async () => {
      const { complete } = await sent()
      const before = (await given.app.metadata.accounts.find(given.ann.id))?.storageUsed ?? 0
      const answers = await Promise.all(Array.from({ length: 4 }, () => patiently(complete)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      expect(new Set(answers.map(({ json }) => json.fileId)).size).toBe(1)
      const account = await given.app.metadata.accounts.find(given.ann.id)
      expect([account?.storageUsed, account?.storageReserved]).toEqual([before + BYTES.length, 0])
      const { cookie } = await given.signIn('ann')
      const download = await given.get(`/download/${answers[0]?.json.fileId}`, { cookie })
      expect(sha256(download.bytes)).toBe(sha256(BYTES))
    })

    test('who comes while the bytes are being joined is asked to come again, and then has the file', async () => {
      const { complete } = await sent()
      const { storage } = given.app
      const join = storage.completeUpload.bind(storage)
      const late: Array<Awaited<ReturnType<typeof complete>>> = []
      const spy = spyOn(storage, 'completeUpload').mockImplementationOnce(async (...what) => {
        late.push(await complete())
        const joined = await join(...what)
        late.push(await complete())
        return joined
      })
      const first = await complete()
      spy.mockRestore()
      expect(late.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
        [503, '1'],
        [503, '1'],
      ])
      expect(first.status).toBe(200)
      expect((await complete()).json).toEqual(first.json)
    })

    test('who has looked before the other was done has its file', async () => {
      const { complete } = await sent()
      const { uploads } = given.app.metadata
      const begin = uploads.beginComplete.bind(uploads)
      const first: Array<Awaited<ReturnType<typeof complete>>> = []
      const spy = spyOn(uploads, 'beginComplete').mockImplementationOnce(async (...what) => {
        first.push(await complete())
        return begin(...what)
      })
      const second = await complete()
      spy.mockRestore()
      expect([second.status, first.map(({ json }) => json)]).toEqual([200, [second.json]])
    })
  })
