/** The compiled binary on a store that fails three requests of ten: what it has acknowledged is there. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { createPlace, type Place } from '../support/binary.ts'
import { type Bucket, newBucket, storageToml } from '../support/bucket.ts'
import { DOORS, type Door, type Doors, openDoors, patiently, type Receipt } from '../support/doors.ts'
import { type FaultProxy, type MishapPlan, startFaultProxy } from '../support/fault-proxy.ts'
import { CEPH, type S3Server, s3Client, startS3 } from '../support/s3.ts'
import type { RunningServer } from '../support/server-process.ts'
import { sweepLater } from '../support/sweep.ts'
import { sampleBytes, sha256 } from '../support/upload.ts'

const MiB = 2 ** 20
const SETTINGS =
  '[uploads]\npart_size = "5MiB"\n[limits]\nrate_limits = false\n[remote_import]\nallow_private_addresses = true\nconcurrency = 4\n'

const ROUGH: MishapPlan['fractions'] = {
  'slow-down': 0.12,
  'reset-before': 0.05,
  'reset-after': 0.05,
  cut: 0.04,
  'complete-fails-before': 0.15,
  'complete-fails-after': 0.15,
}

interface Sent {
  door: Door
  receipt: Receipt
  sha256: string
}

/** Two parts and a rest by parts; by the others what is one request to the store, and once what is several. */
const SIZES: Record<Door, number[]> = {
  nating: [10 * MiB + 999, 5 * MiB, 1, 7 * MiB, 6 * MiB],
  yetishare: [300_000, 33 * MiB + 77, 70_000],
  'yetishare, file first': [1, 2 * MiB, 33 * MiB + 78],
  uploader: [0, 300_000, 2 * MiB, 70_000, 3 * MiB],
  flamenet: [0, 300_000, 2 * MiB, 70_000, 3 * MiB],
  import: [1, 300_000, 33 * MiB + 77, 70_000],
}

describe.skipIf(!CEPH)('on a store that fails three requests of ten', () => {
  let store: S3Server
  let bucket: Bucket
  let proxy: FaultProxy
  let place: Place
  let kist: RunningServer
  let doors: Doors
  beforeAll(async () => {
    store = (await startS3()) as S3Server
    proxy = await startFaultProxy({ target: store.endpoints[0] ?? '', seed: 6 })
    bucket = await newBucket(store, proxy.url)
    place = createPlace({ settings: SETTINGS + storageToml(bucket) })
    kist = await place.serve()
    doors = await openDoors(place, kist.url)
  }, 60_000)
  afterAll(async () => {
    await place?.remove()
    await proxy?.stop()
  })

  const acknowledged: Sent[] = []

  /** Sends one file until it is taken; the door is a client that may be told to come again. */
  const send = async (door: Door, size: number, seed: number): Promise<void> => {
    const bytes = sampleBytes(size, seed)
    const receipt = await patiently(() => doors.put[door](bytes, `${door} ${seed}.bin`))
    acknowledged.push({ door, receipt, sha256: sha256(bytes) })
  }

  test('every door takes files, and gives each back as it came', async () => {
    // One of each kind of silence at the beginning: Kist waits 20 s for the store.
    proxy.next('hang-before', 'pass', 'hang-after')
    proxy.plan({ fractions: ROUGH })
    let seed = 0
    await Promise.all(
      DOORS.flatMap((door) =>
        SIZES[door].map((size) => {
          seed += 1
          return send(door, size, seed)
        }),
      ),
    )
    const spoilt = proxy.requests.filter(({ mishap }) => mishap !== 'pass').length
    expect(spoilt / proxy.requests.length).toBeGreaterThan(0.15)
    for (const sent of acknowledged)
      expect([sent.door, await patiently(() => doors.download(sent.receipt))]).toEqual([
        sent.door,
        sent.sha256,
      ])
    expect(acknowledged).toHaveLength(Object.values(SIZES).flat().length)
  }, 120_000)

  test('reads are whole or are refused, however often the store breaks off', async () => {
    proxy.plan({ fractions: { cut: 0.3, 'reset-after': 0.1, 'slow-down': 0.1 } })
    const big = acknowledged.filter(({ door }) => door === 'nating' || door === 'yetishare')
    await Promise.all(big.map(async (sent) => expect(await doors.download(sent.receipt)).toBe(sent.sha256)))
  }, 60_000)

  test('after the sweep the bucket holds the files that were acknowledged and nothing else', async () => {
    proxy.plan({ fractions: {} })
    await sweepLater(place, bucket)
    const client = s3Client(store)
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket.name }))
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }))
    client.destroy()
    expect({ objects: Contents.length, uploads: Uploads }).toEqual({
      objects: acknowledged.length,
      uploads: [],
    })
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  }, 60_000)

  test('nobody met an error that Kist did not expect', async () => {
    const metrics = await (await fetch(`${kist.url}/metrics`)).text()
    expect(metrics).toMatch(/^kist_unhandled_errors_total 0$/m)
    expect(kist.logged('internal_error')).toEqual([])
  })
})
