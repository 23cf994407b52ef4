/** A bucket that is out of reach: every API says so in its own words, and nothing has to be restarted. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createPlace, type Place } from '../support/binary.ts'
import { newBucket, storageToml } from '../support/bucket.ts'
import { createContent } from '../support/content.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { formOf } from '../support/form.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import type { RunningServer } from '../support/server-process.ts'
import { createClient, downloadHash, downloadLink, uploadContent } from '../support/upload-client.ts'

const CONTENT = createContent(100_000, 'before the store went down')

describe.skipIf(!CEPH)('while the bucket is out of reach', () => {
  let proxy: FaultProxy
  let place: Place
  let kist: RunningServer
  let keys: { nating: string; flamenet: string; yetishare: object; uploader: string }
  let fileId: number

  beforeAll(async () => {
    const server = (await startS3()) as S3Server
    proxy = await startFaultProxy({ target: server.endpoints[0] ?? '' })
    place = createPlace({ settings: storageToml(await newBucket(server, proxy.url)) })
    kist = await place.serve()
    const nating = await place.token('ann')
    fileId = await uploadContent(createClient(kist.url, nating), CONTENT)
    keys = { nating, ...(await otherKeys()) }
  }, 60_000)
  afterAll(async () => {
    await place?.remove()
    await proxy?.stop()
  })

  const otherKeys = async () => {
    const add = (...kind: string[]) => place.lines(['token', 'add', '--user', 'ann', '--kind', ...kind])
    const [flamenet = ''] = await add('flamenet')
    const [key1, key2] = await add('yetishare')
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    const post = async (path: string, body: object): Promise<any> =>
      (
        await fetch(kist.url + path, { method: 'POST', body: JSON.stringify(body), headers: JSON_TYPE })
      ).json()
    const { data } = await post('/api/v2/authorize', { key1, key2 })
    const { accessToken } = await post('/api/register', { username: 'bob', password: 'a long password' })
    return { flamenet, yetishare: data, uploader: accessToken ?? '' }
  }
  const JSON_TYPE = { 'content-type': 'application/json' }

  const send = async (path: string, token: string, fields: object = {}) => {
    const parts = Object.entries(fields).map(([field, value]) => ({ field, body: String(value) }))
    const { body, headers } = formOf([
      ...parts,
      { ...FILE, field: path.includes('v2') ? 'upload_file' : 'file' },
    ])
    const authorization: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` }
    return fetch(kist.url + path, { method: 'POST', body, headers: { ...headers, ...authorization } })
  }
  const FILE = { filename: 'a.bin', body: new Uint8Array(1000).fill(7) }
  const uploads = (): Array<Promise<Response>> => [
    send('/api/flamenet/v1/files', keys.flamenet),
    send('/api/v2/file/upload', '', keys.yetishare),
    send('/api/upload', keys.uploader),
    fetch(`${kist.url}/api/v1/uploads/sessions`, {
      method: 'POST',
      body: JSON.stringify({ filename: 'a.bin', size: 1000 }),
      headers: { ...JSON_TYPE, authorization: `Bearer ${keys.nating}` },
    }),
  ]

  test('uploads and downloads are answered with 503 and when to come again, and go well afterwards', async () => {
    const link = await downloadLink(createClient(kist.url, keys.nating), fileId)
    await proxy.goDown('refused')
    const refused = await Promise.all([...uploads(), fetch(link), fetch(`${kist.url}/readyz`)])
    for (const answer of refused.slice(0, 5)) {
      const text = await answer.text()
      expect([answer.url, answer.status, text]).toEqual([answer.url, 503, expect.any(String)])
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(text).not.toContain(new URL(proxy.url).port)
    }
    expect(refused[5]?.status).toBe(503)
    expect((await fetch(`${kist.url}/healthz`)).status).toBe(200)
    await proxy.comeBack()
    expect(await downloadHash(link, CONTENT.size, 30_000)).toBe(CONTENT.sha256())
    const taken = await Promise.all(uploads())
    for (const answer of taken) expect([answer.url, Math.floor(answer.status / 100)]).toEqual([answer.url, 2])
    expect((await fetch(`${kist.url}/readyz`)).status).toBe(200)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  }, 120_000)

  test('a server starts all the same, and serves as soon as the bucket is back', async () => {
    expect(await kist.end('SIGTERM')).toBe(0)
    await proxy.goDown('unavailable')
    const before = performance.now()
    kist = await place.serve({ ready: false })
    expect(performance.now() - before).toBeLessThan(5000)
    expect((await fetch(`${kist.url}/readyz`)).status).toBe(503)
    await proxy.comeBack()
    const link = await downloadLink(createClient(kist.url, keys.nating), fileId)
    expect(await downloadHash(link, CONTENT.size, 30_000)).toBe(CONTENT.sha256())
    expect((await fetch(`${kist.url}/readyz`)).status).toBe(200)
  }, 120_000)
})
