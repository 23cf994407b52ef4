/** The compiled binary while its store is down: it says so in every language, stays healthy, and comes back. */
import { beforeAll, describe, expect, test } from 'bun:test'
import { createPlace, type Place } from '../support/binary.ts'
import { newBucket, storageToml } from '../support/bucket.ts'
import { Busy, type Door, type Doors, openDoors, type Receipt, succeeded } from '../support/doors.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import type { RunningServer } from '../support/server-process.ts'
import { sampleBytes, sha256 } from '../support/upload.ts'
import type { Answer } from '../support/upload-client.ts'

const MiB = 2 ** 20
const SETTINGS =
  '[uploads]\npart_size = "5MiB"\n[limits]\nrate_limits = false\n[remote_import]\nallow_private_addresses = true\n'
const SMALL = sampleBytes(70_000)
const BUSY = 'The service is busy. Try again shortly.'

/** How each language says that the store is down; an import waits instead. */
const SHAPES: Record<Exclude<Door, 'import'>, object> = {
  nating: { error: BUSY },
  yetishare: { response: BUSY, status: 'error', _status: 'error' },
  'yetishare, file first': { response: BUSY, status: 'error', _status: 'error' },
  uploader: { status: 'error', message: BUSY },
  flamenet: { code: 'unavailable', message: BUSY, data: { status: 503 } },
}
const TOLD = Object.keys(SHAPES) as Array<keyof typeof SHAPES>

interface Scene extends AsyncDisposable {
  proxy: FaultProxy
  place: Place
  kist: RunningServer
  doors: Doors
  /** SMALL, with a link that everybody has. */
  stored: Receipt & { slug: string }
}

/** Kist on a store behind a proxy, with one file in it. */
async function openScene(): Promise<Scene> {
  const store = (await startS3()) as S3Server
  const proxy = await startFaultProxy({ target: store.endpoints[0] ?? '' })
  const place = createPlace({ settings: SETTINGS + storageToml(await newBucket(store, proxy.url)) })
  const kist = await place.serve()
  const doors = await openDoors(place, kist.url)
  const stored = (await doors.put.uploader(SMALL, 'stored.bin')) as Scene['stored']
  return {
    ...{ proxy, place, kist, doors, stored },
    async [Symbol.asyncDispose]() {
      await place.remove()
      await proxy.stop()
    },
  }
}

async function ready({ url }: RunningServer): Promise<[number, object]> {
  const response = await fetch(`${url}/readyz`)
  const { status, checks } = (await response.json()) as { status: string; checks: Record<string, string> }
  return [response.status, { status, ...checks }]
}
const NOT_READY = [503, { status: 'unavailable', metadata: 'ok', storage: 'failed' }]
const READY = [200, { status: 'ok', metadata: 'ok', storage: 'ok' }]

const healthy = async ({ url }: RunningServer): Promise<number> => (await fetch(`${url}/healthz`)).status

/** One attempt, whose refusal is what the client is told. */
async function refusalOf({ doors }: Scene, door: keyof typeof SHAPES): Promise<Answer> {
  const session = { filename: 'never.bin', size: SMALL.length }
  try {
    if (door === 'nating') succeeded(await doors.client.call('POST', '/api/v1/uploads/sessions', session))
    else await doors.put[door](SMALL, 'never.bin')
  } catch (error) {
    if (error instanceof Busy) return error.answer
    throw error
  }
  throw new Error(`${door} was not refused`)
}

async function expectAllRefused(scene: Scene): Promise<void> {
  const { kist, stored } = scene
  const reads = Array.from({ length: 50 }, () => fetch(`${kist.url}/file/${stored.slug}`))
  const refusals = TOLD.map(async (door) => [door, await refusalOf(scene, door)] as const)
  expect(await ready(kist)).toEqual(NOT_READY as [number, object])
  expect(await healthy(kist)).toBe(200)
  for (const [door, { status, json, text, headers }] of await Promise.all(refusals)) {
    expect([door, status, json]).toEqual([door, 503, expect.objectContaining(SHAPES[door])])
    expect([door, headers.get('retry-after')]).toEqual([door, '10'])
    expect(text).not.toContain(new URL(scene.proxy.url).port)
  }
  for (const answer of await Promise.all(reads)) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10'])
    await answer.body?.cancel()
  }
}

async function expectSound({ kist, place }: Pick<Scene, 'kist' | 'place'>): Promise<void> {
  expect(kist.logged('internal_error')).toEqual([])
  expect(kist.logged('unhandled_rejection')).toEqual([])
  expect(await kist.end('SIGTERM')).toBe(0)
  expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
}

describe.skipIf(!CEPH)('while the store is down', () => {
  beforeAll(async () => void (await startS3()), 60_000)

  for (const how of ['refused', 'unavailable'] as const)
    test.concurrent(`uploads and reads are told to come again, and all is well once it is back (${how})`, async () => {
      await using scene = await openScene()
      const { proxy, kist, doors, stored } = scene
      await proxy.goDown(how)
      const idle = kist.memory().resident
      await expectAllRefused(scene)
      // Who comes later need not wait for the store as long as the first did.
      const begun = performance.now()
      await expectAllRefused(scene)
      expect(performance.now() - begun).toBeLessThan(8000)
      expect(kist.memory().resident - idle).toBeLessThan(64)
      await proxy.comeBack()
      expect(await ready(kist)).toEqual(READY as [number, object])
      const taken = await Promise.all(TOLD.map((door) => doors.put[door](SMALL, 'again.bin')))
      for (const receipt of [stored, ...taken]) expect(await doors.download(receipt)).toBe(sha256(SMALL))
      await expectSound(scene)
    }, 60_000)

  test.concurrent('a download and an upload that are under way outlive a short one', async () => {
    await using scene = await openScene()
    const { proxy, doors } = scene
    const bytes = sampleBytes(48 * MiB, 9)
    const receipt = await doors.put.yetishare(bytes, 'big.bin')
    const begun = proxy.traffic().received
    const download = doors.download(receipt)
    const upload = doors.put.yetishare(bytes, 'big too.bin')
    while (proxy.traffic().received < begun + MiB) await Bun.sleep(1)
    await proxy.goDown('refused')
    await Bun.sleep(1500)
    await proxy.comeBack()
    expect(await download).toBe(sha256(bytes))
    expect(await doors.download(await upload)).toBe(sha256(bytes))
    await expectSound(scene)
  }, 60_000)

  test.concurrent('a server that is started listens, is not ready, and serves when the store is back', async () => {
    await using scene = await openScene()
    const { proxy, place, stored } = scene
    await scene.kist.end('SIGTERM')
    await proxy.goDown('refused')
    const kist = await place.serve({ ready: false })
    expect(await healthy(kist)).toBe(200)
    expect(await ready(kist)).toEqual(NOT_READY as [number, object])
    await proxy.comeBack()
    expect(await ready(kist)).toEqual(READY as [number, object])
    const answer = await fetch(`${kist.url}/file/${stored.slug}`)
    expect([answer.status, sha256(await answer.bytes())]).toEqual([200, sha256(SMALL)])
    await expectSound({ kist, place })
  }, 60_000)

  for (const how of ['refused', 'hanging'] as const)
    test.concurrent(`a server that is told to stop does not wait for it (${how})`, async () => {
      await using scene = await openScene()
      const { proxy, place, stored } = scene
      await scene.kist.end('SIGTERM')
      if (how === 'refused') await proxy.goDown('refused')
      else proxy.plan({ fractions: { 'hang-before': 1 } })
      const kist = await place.serve({ ready: false, env: { KIST_LOG_LEVEL: 'debug' } })
      // By then the first round of the sweeper waits for the store.
      while (kist.logged('pages_released').length === 0) await Bun.sleep(10)
      const begun = performance.now()
      expect(await kist.end('SIGTERM')).toBe(0)
      expect(performance.now() - begun).toBeLessThan(5000)
      expect(kist.logged('unhandled_rejection')).toEqual([])
      proxy.plan({ fractions: {} })
      if (how === 'refused') await proxy.comeBack()
      const again = await place.serve()
      expect(sha256(await (await fetch(`${again.url}/file/${stored.slug}`)).bytes())).toBe(sha256(SMALL))
      await expectSound({ kist: again, place })
    }, 60_000)
})
