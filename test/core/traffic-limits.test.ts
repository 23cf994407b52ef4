/** The limits of a package, as they hold for many downloads, also at the same time. */
import { describe, expect, test } from 'bun:test'
import type { Fault, FaultCode } from '../../src/core/fault.ts'
import { isFault } from '../../src/core/fault.ts'
import type { FileRecord } from '../../src/core/model.ts'
import type { Transfer } from '../../src/core/transfer.ts'
import { coresUnderTest, faultOf } from './core-under-test.ts'
import { type Stage, trafficStage } from './traffic-under-test.ts'

const open = coresUnderTest()
const stage = async (limits: Record<string, number>): Promise<Stage> => {
  const made = await trafficStage(await open())
  await made.limit(limits)
  return made
}
const DAY = 86_400

/** Those that were admitted, and the codes of the others. */
async function outcomes(
  attempts: Array<Promise<Transfer>>,
): Promise<{ won: Transfer[]; codes: FaultCode[] }> {
  const settled = await Promise.allSettled(attempts)
  const won = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const codes = settled.flatMap((one) => {
    if (one.status === 'fulfilled') return []
    if (!isFault(one.reason)) throw one.reason
    return [one.reason.code]
  })
  return { won, codes }
}

const refusal = ({ code, retryAfter, limit }: Fault) => ({ code, retryAfter, limit })

describe('the size of a file', () => {
  test('may be as much as the package says, for a piece of it as well', async () => {
    const { file, guest, fetch } = await stage({ max_download_filesize_allowed: 1000 })
    await fetch(guest(), await file(1000))
    const more = await file(1001)
    for (const start of [0, 1000])
      expect(refusal(await faultOf(fetch(guest(), more, start), 'download_too_large'))).toEqual({
        code: 'download_too_large',
        retryAfter: undefined,
        limit: 1000,
      })
  })
})

describe('downloads at the same time', () => {
  test('are two for fifty who open, whether of one file or of many, and free again when one ends', async () => {
    const { file, guest, begin, product } = await stage({ concurrent_downloads: 2 })
    const film = await file(1000)
    const files = await Promise.all(Array.from({ length: 25 }, () => file(1000)))
    const targets = [...files, ...files.map(() => film)]
    const { won, codes } = await outcomes(targets.map((target) => begin(guest(), target)))
    expect([won.length, new Set(codes)]).toEqual([2, new Set(['too_many_downloads'])])
    expect(product.core.traffic.live()).toHaveLength(2)
    won[0]?.end({ bytes: 0, completed: false })
    const again = await outcomes(targets.slice(2).map((target) => begin(guest(), target)))
    expect(again.won).toHaveLength(1)
    await begin(guest('192.0.2.2'), film)
  })

  test('are one for all pieces of a file that are fetched together', async () => {
    const { file, guest, begin } = await stage({ concurrent_downloads: 1 })
    const [film, song] = [await file(1000), await file(10)]
    const starts = Array.from({ length: 50 }, (_, index) => index * 20)
    const { won } = await outcomes(starts.map((start) => begin(guest(), film, start, 20)))
    expect(won).toHaveLength(50)
    const refused = await faultOf(begin(guest(), song), 'too_many_downloads')
    expect(refused.retryAfter).toBeGreaterThan(0)
    for (const transfer of won) transfer.end({ bytes: 20, completed: true })
    await begin(guest(), song)
  })

  test('need a slot again to go on after a break', async () => {
    const { file, guest, begin } = await stage({ concurrent_downloads: 1 })
    const [film, song] = [await file(1000), await file(10)]
    const first = await begin(guest(), film)
    first.end({ bytes: 300, completed: false })
    const other = await begin(guest(), song)
    await faultOf(begin(guest(), film, 300), 'too_many_downloads')
    other.end({ bytes: 10, completed: true })
    await begin(guest(), film, 300)
  })

  test('hold for an account wherever it is, and for nobody else', async () => {
    const { product, file, begin, guest } = await stage({ concurrent_downloads: 1 })
    await product.core.packages.set('Free', { concurrent_downloads: '1' })
    const { id: accountId, packageId } = await product.account('ann', 'Free')
    const film = await file(1000)
    await begin({ accountId, packageId, ip: '192.0.2.1' }, film)
    await faultOf(begin({ accountId, packageId, ip: '192.0.2.2' }, film), 'too_many_downloads')
    await begin(guest('192.0.2.1'), film)
  })
})

describe('downloads within 24 hours', () => {
  test('are as many as the package says, also at once, and come back one by one', async () => {
    const { file, guest, begin, fetch, product } = await stage({ downloads_per_24_hours: 3 })
    const film = await file(1000)
    await fetch(guest(), film)
    product.clock.advance(100)
    const { won, codes } = await outcomes(Array.from({ length: 20 }, () => begin(guest(), film)))
    expect([won.length, new Set(codes)]).toEqual([2, new Set(['downloads_used_up'])])
    for (const transfer of won) transfer.end({ bytes: 1000, completed: true })
    const refused = await faultOf(begin(guest(), film), 'downloads_used_up')
    expect(refused.retryAfter).toBe(DAY - 100)
    product.clock.advance(DAY - 101)
    await faultOf(begin(guest(), film), 'downloads_used_up')
    product.clock.advance(1)
    await fetch(guest(), film)
    await faultOf(begin(guest(), film), 'downloads_used_up')
  })

  test('are not used up by going on, and survive a restart', async () => {
    const { file, guest, fetch, begin, product } = await stage({ downloads_per_24_hours: 1 })
    const [film, song] = [await file(1000), await file(10)]
    const first = await begin(guest(), film)
    first.end({ bytes: 300, completed: false })
    await product.core.traffic.close()
    const again = await trafficStage({ ...product, core: await product.restart() }, 'other')
    await again.fetch(guest(), film, 300)
    await again.fetch(guest(), film, 500)
    await faultOf(again.fetch(guest(), film), 'downloads_used_up')
    await faultOf(again.fetch(guest(), song), 'downloads_used_up')
    await again.product.core.traffic.close()
    expect(await product.metadata.traffic.usage(guest(), new Date(0))).toMatchObject({
      downloads: 1,
      bytes: 1500,
    })
    expect((await product.metadata.files.find(film.id))?.downloads).toBe(1)
    await faultOf(fetch(guest(), song), 'downloads_used_up')
  })

  test('are not had for nothing by leaving out the first byte, nor by asking for the rest again and again', async () => {
    const { file, guest, fetch } = await stage({ downloads_per_24_hours: 1 })
    const [film, song] = [await file(1000), await file(10)]
    await fetch(guest(), song, 1)
    await faultOf(fetch(guest(), film, 1), 'downloads_used_up')
    await fetch(guest(), song, 1)
    await fetch(guest(), song, 1)
    await faultOf(fetch(guest(), song, 1), 'downloads_used_up')
  })
})

describe('bytes within 24 hours', () => {
  test('are those that were really delivered', async () => {
    const { file, guest, begin, fetch, product } = await stage({ download_size_per_24_hours: 1000 })
    const film = await file(900)
    for (const bytes of [100, 300]) {
      const transfer = await begin(guest(), film)
      transfer.end({ bytes, completed: false })
    }
    product.clock.advance(10)
    await fetch(guest(), film, 0, 600)
    const refused = await faultOf(begin(guest(), film), 'traffic_used_up')
    expect(refused.retryAfter).toBeGreaterThan(DAY - 20)
    product.clock.advance(DAY - 10)
    await faultOf(begin(guest('192.0.2.1'), film), 'traffic_used_up')
    product.clock.advance(11)
    await fetch(guest(), film)
  })

  test('are promised to those under way, so that no more than one goes beyond', async () => {
    const { file, guest, begin } = await stage({ download_size_per_24_hours: 1000 })
    const files = await Promise.all(Array.from({ length: 30 }, () => file(400)))
    const { won, codes } = await outcomes(files.map((target) => begin(guest(), target)))
    expect([won.length, new Set(codes)]).toEqual([3, new Set(['traffic_used_up'])])
    // What the client did not take is free for the next one.
    won[0]?.end({ bytes: 0, completed: false })
    const [other] = files.slice(10)
    if (other) await begin(guest(), other)
  })

  test('do not stand in the way of the pieces of a file that was begun', async () => {
    const { file, guest, begin } = await stage({ download_size_per_24_hours: 1000 })
    const film = await file(5000)
    const { won } = await outcomes([0, 1000, 2000, 3000].map((start) => begin(guest(), film, start)))
    expect(won).toHaveLength(4)
    for (const transfer of won) transfer.end({ bytes: 300, completed: false })
    await faultOf(begin(guest(), film, 4000), 'traffic_used_up')
  })

  test('are known after a restart, and while they are being written down', async () => {
    const { file, guest, begin, fetch, product } = await stage({ download_size_per_24_hours: 1000 })
    const film = await file(600)
    const { traffic } = product.core
    await fetch(guest(), film)
    const writing = traffic.flush()
    await fetch(guest(), film, 0, 300)
    const asked = begin(guest(), await file(600))
    await writing
    const transfer = await asked
    await faultOf(begin(guest(), await file(1)), 'traffic_used_up')
    transfer.end({ bytes: 100, completed: false })
    await traffic.close()
    const again = await trafficStage({ ...product, core: await product.restart() }, 'other')
    await faultOf(again.begin(guest(), await again.file(1)), 'traffic_used_up')
  })
})

describe('the pause between two downloads', () => {
  test('is kept from the beginning of the one to that of the next, but not within one', async () => {
    const { file, guest, begin, fetch, product } = await stage({ wait_between_downloads: 60 })
    const [film, song] = [await file(1000), await file(10)]
    await fetch(guest(), film, 0, 500)
    product.clock.advance(18.5)
    expect(refusal(await faultOf(begin(guest(), song), 'download_pause'))).toMatchObject({ retryAfter: 42 })
    await fetch(guest(), film, 500)
    product.clock.advance(41.5)
    const { won, codes } = await outcomes([1, 2, 3].map(() => begin(guest(), song)))
    expect([won.length, codes]).toEqual([1, ['download_pause', 'download_pause']])
  })

  test('locks nobody out when the clock is set back', async () => {
    const { file, guest, fetch, product } = await stage({ wait_between_downloads: 60 })
    const film = await file(1000)
    await fetch(guest(), film)
    product.clock.advance(-3600)
    await fetch(guest(), film)
  })
})

describe('a file with numbered uses', () => {
  test('is fetched ten times by a hundred clients, at the same address or not', async () => {
    for (const address of [() => '192.0.2.1', (index: number) => `192.0.2.${index}`]) {
      const { file, guest, begin, now } = await stage({})
      const film = await file(1000, 10)
      const { won, codes } = await outcomes(
        Array.from({ length: 100 }, (_, index) => begin(guest(address(index)), film)),
      )
      expect([won.length, new Set(codes)]).toEqual([10, new Set(['file_not_found'])])
      expect(await now(film)).toMatchObject({ usesLeft: 0, downloads: 10 })
    }
  })

  test('gives one use for all pieces and for going on, also after the last use and a restart', async () => {
    const { file, guest, begin, fetch, product, now } = await stage({})
    const film = await file(1000, 1)
    const pieces = await Promise.all([0, 250, 500].map((start) => begin(guest(), film, start, 250)))
    expect(await now(film)).toMatchObject({ usesLeft: 0, downloads: 1 })
    for (const piece of pieces) piece.end({ bytes: 200, completed: false })
    const { traffic } = product.core
    expect(await traffic.hasUse(guest(), film.id)).toBe(true)
    expect(await traffic.hasUse(guest('192.0.2.2'), film.id)).toBe(false)
    await fetch(guest(), film, 200, 50)
    await faultOf(fetch(guest('192.0.2.2'), film, 200), 'file_not_found')
    await traffic.close()
    const again = await trafficStage({ ...product, core: await product.restart() }, 'other')
    expect(await again.product.core.traffic.hasUse(guest(), film.id)).toBe(true)
    await again.fetch(guest(), film, 450)
    product.clock.advance(6 * 3600 + 1)
    expect(await again.product.core.traffic.hasUse(guest(), film.id)).toBe(false)
    await faultOf(again.fetch(guest(), film, 900), 'file_not_found')
  })

  test('gives no more for a use than its bytes, a piece at the end perhaps twice', async () => {
    const { file, guest, fetch, now } = await stage({})
    const film = await file(1000, 2)
    for (let times = 0; times < 2; times++) await fetch(guest(), film, 1)
    expect((await now(film)).usesLeft).toBe(1)
    await fetch(guest(), film, 1)
    expect((await now(film)).usesLeft).toBe(0)
  })
})

describe('guests of one network of IPv6', () => {
  const [one, other, stranger] = ['2001:db8:0:1::1', '2001:db8:0:1:a:b:c:d', '2001:db8:0:2::1']

  test('have the limits of a guest together, and go on with each other’s downloads', async () => {
    const { file, guest, begin, fetch } = await stage({ concurrent_downloads: 1, downloads_per_24_hours: 2 })
    const [film, song] = [await file(1000), await file(1000)]
    const first = await begin(guest(one), film, 0, 500)
    await faultOf(begin(guest(other), song), 'too_many_downloads')
    await fetch(guest(other), film, 500)
    await fetch(guest(stranger), song)
    first.end({ bytes: 500, completed: true })
    await fetch(guest(other), song)
    await faultOf(begin(guest(one), await file(10)), 'downloads_used_up')
    await fetch(guest(stranger), film)
  })

  test('are the same in the records of an earlier process', async () => {
    const { product, file, guest, fetch } = await stage({ downloads_per_24_hours: 1 })
    await fetch(guest(one), await file(1000))
    await product.core.traffic.flush()
    const { traffic } = await product.restart()
    const again = (ip: string, film: FileRecord) =>
      traffic.begin(guest(ip), film, { start: 0, length: 1000 }, async () => new Blob([]))
    const film = await file(1000)
    await faultOf(again(other, film), 'downloads_used_up')
    await again(stranger, film)
    await traffic.close()
  })

  test('share the speed, and are shown by the address each has', async () => {
    const { product, file, guest, begin } = await stage({ download_speed: 1000 })
    const film = await file(1000)
    const transfers = [await begin(guest(one), film, 0, 500), await begin(guest(other), film, 500)]
    expect(transfers.map((transfer) => transfer.speed())).toEqual([500, 500])
    expect(product.core.traffic.live().map(({ ip }) => ip)).toEqual([one, other])
  })
})
