/** Which requests are one download, what it counts for, and how its speed is shared. */
import { describe, expect, test } from 'bun:test'
import type { FileRecord } from '../../src/core/model.ts'
import { coresUnderTest, failOnce, faultOf } from './core-under-test.ts'
import { type Stage, trafficStage } from './traffic-under-test.ts'

const open = coresUnderTest()
const stage = async (): Promise<Stage> => trafficStage(await open())
const HOUR = 3600

describe('a download counts', () => {
  test('once, when it begins at the first byte, whatever comes after it', async () => {
    const { file, guest, fetch, now } = await stage()
    const film = await file(1000)
    const steps: Array<[start: number, length: number, downloads: number]> = [
      [500, 500, 0],
      [0, 250, 1],
      [250, 200, 1],
      [0, 250, 1],
      [999, 1, 1],
      [0, 250, 2],
    ]
    for (const [start, length, downloads] of steps) {
      await fetch(guest(), film, start, length)
      expect([start, (await now(film)).downloads]).toEqual([start, downloads])
    }
  })

  test('once when a manager fetches its pieces at the same time', async () => {
    const { file, guest, begin, now, product } = await stage()
    const film = await file(1000)
    const pieces = await Promise.all([0, 250, 500, 750].map((start) => begin(guest(), film, start, 250)))
    await Promise.all([begin(guest(), film, 0, 10), begin(guest(), film, 0, 10)])
    for (const piece of pieces) piece.end({ bytes: 250, completed: true })
    expect((await now(film)).downloads).toBe(1)
    expect(await product.core.traffic.statistics(film.id)).toEqual([
      { day: '2030-01-01', downloads: 1, bytes: 1000, completed: 1 },
    ])
  })

  test('again when the whole file is asked for again, at the same time as well', async () => {
    const { file, guest, fetch, begin, now } = await stage()
    const film = await file(1000)
    await fetch(guest(), film)
    await fetch(guest(), film)
    await begin(guest(), film)
    await begin(guest(), film)
    await fetch(guest('192.0.2.2'), film)
    expect((await now(film)).downloads).toBe(5)
  })

  test('not again after a probe, nor when it is begun anew because it was cut', async () => {
    const { file, guest, fetch, begin, now } = await stage()
    const film = await file(1000)
    await fetch(guest(), film, 0, 2)
    const first = await begin(guest(), film)
    first.end({ bytes: 400, completed: false })
    await fetch(guest(), film)
    expect((await now(film)).downloads).toBe(1)
    await fetch(guest(), film)
    expect((await now(film)).downloads).toBe(2)
  })

  test('again six hours after its last byte', async () => {
    const { file, guest, fetch, now, product } = await stage()
    const film = await file(1000)
    await fetch(guest(), film, 0, 100)
    product.clock.advance(6 * HOUR)
    await fetch(guest(), film, 0, 100)
    expect((await now(film)).downloads).toBe(1)
    product.clock.advance(6 * HOUR + 1)
    await fetch(guest(), film, 0, 100)
    expect((await now(film)).downloads).toBe(2)
  })

  test('for everybody by himself: an account from anywhere, a guest by address', async () => {
    const { file, guest, fetch, now, product } = await stage()
    const film = await file(1000)
    const { id, packageId } = await product.account('ann')
    for (const client of [
      guest('192.0.2.1'),
      guest('192.0.2.2'),
      { accountId: id, packageId, ip: '192.0.2.1' },
      { accountId: id, packageId, ip: '192.0.2.9' },
    ])
      await fetch(client, film, 0, 100)
    expect((await now(film)).downloads).toBe(3)
  })

  test('as often as it is fetched when the file is empty', async () => {
    const { file, guest, fetch, now, product } = await stage()
    const nothing = await file(0)
    await fetch(guest(), nothing)
    await fetch(guest(), nothing)
    expect((await now(nothing)).downloads).toBe(2)
    expect(await product.core.traffic.statistics(nothing.id)).toMatchObject([{ downloads: 2, completed: 2 }])
  })

  test('nowhere when its bytes cannot be opened, and then can be tried again', async () => {
    const { file, guest, fetch, now, product } = await stage()
    const film = await file(1000)
    const { traffic } = product.core
    const lost = () => Promise.reject(new Error('gone'))
    await expect(traffic.begin(guest(), film, { start: 0, length: 1000 }, lost)).rejects.toThrow('gone')
    expect([traffic.live(), await traffic.statistics(film.id)]).toEqual([[], []])
    await fetch(guest(), film)
    expect((await now(film)).downloads).toBe(1)
  })
})

describe('what is shown of a file', () => {
  test('has every download in it that has begun, whichever way the file is asked for', async () => {
    const { owner, file, guest, begin, product } = await stage()
    const { files, visits, downloads } = product.core
    const film = await file(1000)
    let begun = 0
    const shown: Array<() => Promise<FileRecord | undefined>> = [
      () => files.getById(owner, film.id),
      () => files.getBySlug(owner, film.slug),
      async () => (await downloads.view(film.slug, owner)).file,
      async () => (await visits.file(film.slug, null, film.deleteKey.replaceAll('-', ''))).file,
    ]
    for (const look of shown) {
      await begin(guest(), film)
      begun++
      expect((await look())?.downloads).toBe(begun)
    }
  })
})

describe('the speed of a package', () => {
  test('is divided among the connections of a client, and divided anew when one begins or ends', async () => {
    const { file, guest, begin, limit, product } = await stage()
    await limit({ download_speed: 1000 })
    const [film, song] = [await file(1000), await file(10)]
    const first = await begin(guest(), film)
    const told: number[] = []
    const stop = first.onSpeedChange(() => told.push(first.speed()))
    expect(first.speed()).toBe(1000)
    const second = await begin(guest(), film, 500)
    const third = await begin(guest(), song)
    const other = await begin(guest('192.0.2.2'), song)
    expect([first, second, third, other].map((transfer) => transfer.speed())).toEqual([333, 333, 333, 1000])
    second.end({ bytes: 10, completed: false })
    third.end({ bytes: 10, completed: true })
    stop()
    other.end({ bytes: 0, completed: false })
    await limit({ download_speed: 600 })
    const late = await begin(guest(), song)
    expect([told, first.speed(), late.speed()]).toEqual([[500, 333, 500, 1000], 300, 300])
    expect(product.core.traffic.live()).toHaveLength(2)
  })

  test('is never less than a byte, and none at all without a limit, also when that comes later', async () => {
    const { file, guest, begin, limit } = await stage()
    const film = await file(1000)
    await limit({ download_speed: 1 })
    const transfers = [await begin(guest(), film), await begin(guest(), film)]
    expect(transfers.map((transfer) => transfer.speed())).toEqual([1, 1])
    let told = 0
    transfers[0]?.onSpeedChange(() => told++)
    await limit({ download_speed: 0 })
    const free = await begin(guest(), film, 1)
    expect([...transfers, free].map((transfer) => transfer.speed())).toEqual([0, 0, 0])
    expect(told).toBe(1)
  })
})

describe('what is under way', () => {
  test('can be seen, with what was delivered of it, never more than it has', async () => {
    const { file, guest, begin, product } = await stage()
    const film = await file(1000)
    const transfer = await begin(guest(), film, 200, 300)
    for (const bytes of [100, 50, 9999]) transfer.delivered(bytes)
    expect(product.core.traffic.live()).toMatchObject([
      { file: { id: film.id }, accountId: null, ip: '192.0.2.1', start: 200, size: 300, delivered: 300 },
    ])
    transfer.end({ bytes: 250, completed: false })
    transfer.end({ bytes: 300, completed: true })
    transfer.delivered(1)
    expect(product.core.traffic.live()).toEqual([])
    expect(await product.core.traffic.statistics(film.id)).toMatchObject([{ bytes: 300, completed: 0 }])
  })
})

describe('the records', () => {
  test('get what ended within a second in one write, and lose nothing when they cannot be written', async () => {
    const { file, guest, fetch, product } = await stage()
    const film = await file(1000)
    await fetch(guest(), film, 0, 500)
    await fetch(guest(), film, 500, 500)
    failOnce(product.metadata.traffic, 'record')
    await product.core.traffic.flush()
    expect(product.log.events).toEqual(['warn downloads_not_recorded'])
    await fetch(guest('192.0.2.2'), film)
    await product.core.traffic.flush()
    const since = new Date(0)
    expect(await product.metadata.traffic.findLatest(guest(), film.id, since)).toMatchObject({
      bytes: 1000,
      counted: true,
      completed: true,
    })
    expect(await product.core.traffic.statistics(film.id)).toEqual([
      { day: '2030-01-01', downloads: 2, bytes: 2000, completed: 2 },
    ])
  })

  test('get the rest when the product stops', async () => {
    const { file, guest, fetch, product } = await stage()
    const film = await file(1000)
    await fetch(guest(), film)
    await product.core.traffic.close()
    expect(await product.metadata.traffic.days(film.id, '2030-01-01')).toHaveLength(1)
  })

  test('get what has arrived of downloads under way, once, for the statistics and for the limits', async () => {
    const { file, guest, begin, fetch, limit, product } = await stage()
    const { traffic } = product.core
    await limit({ download_size_per_24_hours: 1500 })
    const [film, song] = [await file(1000), await file(1000)]
    const transfer = await begin(guest(), film)
    transfer.delivered(400)
    expect(await traffic.statistics(film.id)).toMatchObject([{ downloads: 1, bytes: 400, completed: 0 }])
    transfer.delivered(700)
    expect(await traffic.statistics(film.id)).toMatchObject([{ downloads: 1, bytes: 700, completed: 0 }])
    expect(await traffic.statistics(film.id)).toMatchObject([{ downloads: 1, bytes: 700, completed: 0 }])
    await fetch(guest(), song, 0, 400)
    transfer.end({ bytes: 1000, completed: true })
    expect(await traffic.statistics(film.id)).toMatchObject([{ downloads: 1, bytes: 1000, completed: 1 }])
    await fetch(guest(), song, 400, 99)
    await fetch(guest(), song, 499, 1)
    expect((await faultOf(begin(guest(), song, 500), 'traffic_used_up')).retryAfter).toBeGreaterThan(0)
  })

  test('get what is delivered of a file that is gone meanwhile, for the limits alone', async () => {
    const { file, guest, begin, product } = await stage()
    const film = await file(1000)
    const transfer = await begin(guest(), film)
    await product.metadata.files.remove(film.accountId, film.id)
    transfer.end({ bytes: 700, completed: false })
    expect(await product.core.traffic.statistics(film.id)).toEqual([])
    expect((await product.metadata.traffic.usage(guest(), new Date(0))).bytes).toBe(700)
    expect(await product.problems()).toEqual([])
  })

  test('are not asked by whoever has no limits', async () => {
    const { file, guest, fetch, product } = await stage()
    const film = await file(1000)
    await fetch(guest(), film)
    const asked: string[] = []
    const { traffic, packages, accounts } = product.metadata
    for (const store of [traffic, packages, accounts] as unknown as Array<Record<string, () => unknown>>)
      for (const [name, method] of Object.entries(store))
        store[name] = (...given: []) => {
          asked.push(name)
          return method.apply(store, given)
        }
    await fetch(guest(), film)
    await fetch(guest('192.0.2.2'), film, 500)
    expect(asked).toEqual([])
  })
})

test('a file with numbered uses asks for one that is left', async () => {
  const { file, guest, fetch } = await stage()
  const film = await file(1000, 1)
  await fetch(guest(), film)
  await faultOf(fetch(guest('192.0.2.2'), film), 'file_not_found')
})
