import { expect, test } from 'bun:test'
import type { DownloadNews } from '../../../src/core/metadata.ts'
import type { Downloader, DownloadRecord } from '../../../src/core/model.ts'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addOneShot,
  at,
  countDownload,
  expectFault,
  NOON,
  newCopy,
  newFolder,
  settled,
} from './records.ts'

const GUEST: Downloader = { accountId: null, ip: '192.0.2.1' }
const DAY = 86_400
const LONG_AGO = at(-10 * DAY)

let drawn = 0
const news = (fileId: number, changes: Partial<DownloadNews> = {}): DownloadNews => ({
  id: `download-${drawn++}`,
  fileId,
  ...GUEST,
  startedAt: NOON,
  endedAt: at(10),
  bytes: 100,
  counted: true,
  completed: true,
  shareLinkId: null,
  ...changes,
})

/** By which link it came is not kept of a single download. */
const recorded = ({ shareLinkId, ...record }: DownloadNews): DownloadRecord => record

const NOTHING = {
  downloads: 0,
  bytes: 0,
  lastStartedAt: null,
  firstStartedAt: null,
  firstEndedAt: null,
}

export function trafficCases(stage: Stage): void {
  test('a download is recorded as it is, and goes on under the same id', async () => {
    const { store } = stage()
    const { id } = await addOneShot(store, null)
    const first = news(id, { counted: true, completed: false })
    await store.traffic.record([first])
    expect(await store.traffic.findLatest(GUEST, id, LONG_AGO)).toEqual(recorded(first))
    await store.traffic.record([
      { ...first, startedAt: at(5), endedAt: at(20), bytes: 11, counted: false, completed: true },
    ])
    expect(await store.traffic.findLatest(GUEST, id, LONG_AGO)).toEqual({
      ...recorded(first),
      endedAt: at(20),
      bytes: 111,
      completed: true,
    })
    await store.traffic.record([])
  })

  test('usage is what a client had since a moment: an account from everywhere, a guest by address', async () => {
    const { store } = stage()
    const { id: accountId } = await addAccount(store)
    const one = { accountId, ip: '192.0.2.1' }
    await store.traffic.record([
      news(1, { startedAt: at(-100), endedAt: at(0), bytes: 1 }),
      news(1, { startedAt: at(-50), endedAt: at(30), bytes: 20 }),
      news(2, { startedAt: at(5), endedAt: at(20), bytes: 300, counted: false }),
      news(1, { ...one, startedAt: at(6), endedAt: at(7), bytes: 4000 }),
      news(1, { ...one, ip: '192.0.2.9', startedAt: at(7), endedAt: at(8), bytes: 4000 }),
      news(1, { ip: '192.0.2.2', bytes: 50_000 }),
    ])
    expect(await store.traffic.usage(GUEST, at(0))).toEqual({
      downloads: 1,
      bytes: 320,
      lastStartedAt: at(5),
      firstStartedAt: at(5),
      firstEndedAt: at(20),
    })
    expect(await store.traffic.usage(GUEST, LONG_AGO)).toMatchObject({
      downloads: 3,
      bytes: 321,
      firstStartedAt: at(-100),
      firstEndedAt: at(0),
    })
    expect(await store.traffic.usage({ accountId, ip: '::1' }, at(0))).toMatchObject({
      downloads: 2,
      bytes: 8000,
    })
    expect(await store.traffic.usage(GUEST, at(30))).toEqual(NOTHING)
    expect(await store.traffic.usage({ accountId: 99, ip: '192.0.2.1' }, LONG_AGO)).toEqual(NOTHING)
  })

  test('the latest download of a file by a client is found while it is not too long ago', async () => {
    const { store } = stage()
    const [old, late] = [news(7, { endedAt: at(10) }), news(7, { endedAt: at(20) })]
    await store.traffic.record([late, old, news(8, { endedAt: at(30) })])
    expect((await store.traffic.findLatest(GUEST, 7, at(0)))?.id).toBe(late.id)
    expect(await store.traffic.findLatest(GUEST, 7, at(20))).toBeNull()
    expect(await store.traffic.findLatest({ accountId: null, ip: '192.0.2.2' }, 7, at(0))).toBeNull()
    expect(await store.traffic.findLatest({ accountId: 1, ip: GUEST.ip }, 7, at(0))).toBeNull()
  })

  test('the downloads of a file add up day by day, also of many at once, and go with the file', async () => {
    const { store } = stage()
    const { id: accountId } = await addAccount(store)
    const file = await addOneShot(store, accountId)
    const other = await addOneShot(store, accountId)
    const early = NOON.toISOString().slice(0, 10)
    const next = at(DAY).toISOString().slice(0, 10)
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.traffic.record([
          news(file.id, { completed: index % 2 === 0, counted: index % 4 === 0 }),
          news(file.id, { endedAt: at(DAY), bytes: 7 }),
          news(999),
        ]),
      ),
    )
    expect(await store.traffic.days(file.id, early)).toEqual([
      { day: next, downloads: 20, bytes: 140, completed: 20 },
      { day: early, downloads: 5, bytes: 2000, completed: 10 },
    ])
    expect(await store.traffic.days(file.id, next)).toHaveLength(1)
    expect(await store.traffic.days(other.id, early)).toEqual([])
    await store.files.remove(accountId, file.id)
    expect(await store.traffic.days(file.id, early)).toEqual([])
    expect((await store.traffic.usage(GUEST, at(0))).bytes).toBe(20 * 207)
  })

  test('old downloads and old days are removed, the others stay', async () => {
    const { store } = stage()
    const { id } = await addOneShot(store, null)
    await store.traffic.record([
      news(id, { endedAt: at(-DAY), startedAt: at(-DAY) }),
      news(id, { endedAt: at(5) }),
    ])
    const today = NOON.toISOString().slice(0, 10)
    expect(await store.traffic.purge(at(5), today)).toBe(2)
    expect(await store.traffic.purge(at(5), today)).toBe(0)
    expect((await store.traffic.usage(GUEST, LONG_AGO)).downloads).toBe(1)
    expect(await store.traffic.days(id, '0000-00-00')).toHaveLength(1)
  })

  test('uses are taken one by one, no more than there are, and used-up files stay while a cut download may go on', async () => {
    const { store } = stage()
    const numbered = await addOneShot(store, null, { usesLeft: 3 })
    const endless = await addOneShot(store, null)
    const taken = await Promise.all(Array.from({ length: 30 }, () => store.files.takeUse(numbered.id)))
    expect(taken.filter(Boolean)).toHaveLength(3)
    expect((await store.files.find(numbered.id))?.usesLeft).toBe(0)
    expect(await store.files.takeUse(endless.id)).toBe(false)
    expect(await store.files.purgeUsedUp(at(0), [numbered.id], 10)).toBe(0)
    const cut = news(numbered.id, { endedAt: at(60), completed: false })
    await store.traffic.record([cut, news(numbered.id, { endedAt: at(70) })])
    expect(await store.files.purgeUsedUp(at(59), [], 10)).toBe(0)
    expect(await store.files.purgeUsedUp(at(60), [endless.id], 10)).toBe(1)
    expect(await store.files.find(numbered.id)).toBeNull()
  })

  test('files of a package nobody was interested in go to the trash, never-fetched ones first', async () => {
    const { store } = stage()
    const { id: accountId, packageId } = await addAccount(store)
    const folder = await store.folders.create(newFolder(accountId, 'f'))
    const [never, once, fresh, gone] = [
      await addOneShot(store, accountId, { createdAt: at(0), folderId: folder.id }),
      await addOneShot(store, accountId, { createdAt: at(0) }),
      await addOneShot(store, accountId, { createdAt: at(100) }),
      await addOneShot(store, accountId, { createdAt: at(0) }),
    ]
    await addOneShot(store, null, { createdAt: at(0) })
    await countDownload(store, once.id, at(50))
    await store.files.trash(accountId, gone.id, at(1))
    const trash = (before: number, limit = 10) =>
      store.files.trashInactive(packageId, at(before), limit, at(200))
    expect(await store.files.trashInactive(packageId + 1, at(500), 10, at(200))).toBe(0)
    expect(await trash(60, 1)).toBe(1)
    expect(await store.files.find(never.id)).toMatchObject({ status: 'trashed', trashedAt: at(200) })
    expect((await store.folders.find(folder.id))?.fileCount).toBe(0)
    expect(await trash(50)).toBe(0)
    expect(await trash(51)).toBe(1)
    expect((await store.files.find(once.id))?.status).toBe('trashed')
    expect((await store.files.find(fresh.id))?.status).toBe('active')
    expect((await store.files.find(gone.id))?.trashedAt).toEqual(at(1))
    expect(await store.folders.wrongCounters()).toEqual([])
  })

  test('a copy begins its own count of days and downloads', async () => {
    const { store } = stage()
    const { id: accountId } = await addAccount(store)
    const file = await addOneShot(store, accountId)
    await store.traffic.record([news(file.id)])
    const copy = await store.files.copy(accountId, file.id, newCopy(null), { maxStorageBytes: 0 })
    expect(await store.traffic.days(copy.id, '0000-00-00')).toEqual([])
    await expectFault(store.files.remove(accountId, 999), 'file_not_found')
    expect((await settled([store.traffic.record([news(copy.id)])])).won).toBe(1)
  })
}
