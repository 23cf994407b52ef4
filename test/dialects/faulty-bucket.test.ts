/** A bucket that fails every third request: what was acknowledged is there, what was not leaves nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Answer, createTestApp, type TestAccount, type TestApp } from '../support/app.ts'
import { newBucket } from '../support/bucket.ts'
import { type FaultProxy, type MishapPlan, startFaultProxy } from '../support/fault-proxy.ts'
import { fixedClock } from '../support/fixed-clock.ts'
import { formOf } from '../support/form.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import { complete, openUpload, putPart, reportPart, sampleBytes, sha256 } from '../support/upload.ts'

const FRACTIONS: MishapPlan['fractions'] = {
  'slow-down': 0.1,
  'reset-before': 0.05,
  'reset-after': 0.05,
  cut: 0.04,
  'complete-fails-before': 0.03,
  'complete-fails-after': 0.03,
}
const FILES = 24
const SESSIONS = 6

describe.skipIf(!CEPH)('on a bucket that fails every third request', () => {
  let proxy: FaultProxy
  let app: TestApp
  let ann: TestAccount
  const clock = fixedClock(new Date().toISOString())
  beforeAll(async () => {
    const server = (await startS3()) as S3Server
    proxy = await startFaultProxy({ target: server.endpoints[0] ?? '' })
    app = await createTestApp({ config: { storage: (await newBucket(server, proxy.url)).storage }, clock })
    ann = await app.account('ann', { packageName: 'Admin' })
    proxy.plan({ fractions: FRACTIONS })
  }, 60_000)
  afterAll(async () => {
    await app?.close()
    await proxy?.stop()
  })

  /** As a client does it: what has failed in passing is tried again. */
  const again = async (attempt: () => Promise<Answer>): Promise<Answer> => {
    for (let tries = 1; ; tries++) {
      const answer = await attempt().catch(() => null)
      if (answer && answer.status < 500) return answer
      if (tries === 20) throw new Error(`still ${answer?.status ?? 'no answer'} after ${tries} attempts`)
    }
  }

  const sendForm = async (flamenet: string, data: Uint8Array): Promise<number> => {
    const form = formOf([{ filename: 'a.bin', body: data }])
    return (await again(() => app.request('POST', '/api/flamenet/v1/files', { token: flamenet, ...form })))
      .json.id
  }

  const sendInParts = async (data: Uint8Array): Promise<number> => {
    const upload = await openUpload(app, ann.token, data)
    const send = async (number: number) => {
      expect((await again(() => putPart(app, upload, number))).status).toBe(200)
      const reported = await again(() => reportPart(app, ann.token, upload, number))
      // The store has other bytes than were sent: they are sent again.
      if (reported.status === 422) await send(number)
    }
    for (const { part_number } of upload.parts) await send(part_number)
    const done = await again(() => complete(app, ann.token, upload.id, { checksum_sha256: sha256(data) }))
    expect([done.status, done.text]).toEqual([201, done.text])
    return done.json.file_id
  }

  test('every acknowledged file is whole, and a sweep leaves nothing else in it', async () => {
    const flamenet = (await app.core.tokens.issue(ann.account, { kind: 'flamenet' })).secrets[0] ?? ''
    const files = new Map<number, Uint8Array>()
    await Promise.all(
      Array.from({ length: FILES }, async (_, index) => {
        const data = sampleBytes(1 + index * 3000, index + 1)
        files.set(await sendForm(flamenet, data), data)
      }),
    )
    for (let index = 0; index < SESSIONS; index++) {
      const data = sampleBytes(5 * 2 ** 20 + 1 + index, 100 + index)
      files.set(await sendInParts(data), data)
    }
    for (const [id, data] of files) {
      const link = (await app.request('GET', `/api/v1/downloads/${id}/link`, { token: ann.token })).json.url
      const answer = await again(() => app.request('GET', link))
      expect([id, sha256(answer.bytes)]).toEqual([id, sha256(data)])
    }
    const spoiled = proxy.requests.filter(({ mishap }) => mishap !== 'pass').length
    expect(spoiled / proxy.requests.length).toBeGreaterThan(0.15)

    proxy.plan({ fractions: {} })
    // What is of an object that is there might be a move of it: that has a day.
    clock.advance(86_401 + 7201)
    await app.core.sweeper.sweep()
    expect(await Array.fromAsync(app.storage.listUploads())).toEqual([])
    expect(await Array.fromAsync(app.storage.list())).toHaveLength(files.size)
    expect(await app.core.files.listAll(ann.account)).toHaveLength(files.size)
    expect(await app.problems()).toEqual([])
  }, 120_000)
})
