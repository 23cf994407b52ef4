import { expect, test } from 'bun:test'
import type {
  DownloadersOf,
  DownloadNews,
  ListedDownloader,
  MetadataStore,
} from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addOneShot, at, NOON } from './records.ts'

let drawn = 0
const news = (fileId: number, changes: Partial<DownloadNews> = {}): DownloadNews => ({
  ...{ id: `by-${drawn++}`, fileId, accountId: null, ip: '192.0.2.1', shareLinkId: null },
  ...{ startedAt: NOON, endedAt: at(10), bytes: 100, counted: true, completed: true },
  ...changes,
})

const newLink = (accountId: number, fileId: number) => ({
  ...{ accountId, fileId, folderId: null, token: 'a'.repeat(32), passwordHash: null },
  ...{ expiresAt: null, downloadsLeft: null, createdAt: at(3) },
})

const all = (store: MetadataStore, of: DownloadersOf): Promise<ListedDownloader[]> =>
  store.downloaders.page(of, { limit: 1000, before: null })

/** Who, by which link, how often, how much, when last; the newest first. */
const brief = async (store: MetadataStore, of: DownloadersOf) =>
  (await all(store, of)).map(({ sum, accountName }) => [
    accountName,
    sum.shareLinkId,
    sum.downloads,
    sum.bytes,
    sum.lastAt.getTime() - NOON.getTime(),
  ])

/** Ann, who has a file with a link, and Bob. */
async function owned(stage: Stage) {
  const { store } = stage()
  const ann = await addAccount(store)
  const bob = await addAccount(store, 'Bob')
  const file = await addOneShot(store, ann.id, { name: 'a.iso' })
  const link = await store.shareLinks.create(newLink(ann.id, file.id))
  return { store, ann, bob, file, link }
}

export function downloaderCases(stage: Stage): void {
  test('downloads add up for each account and for guests, by each link, from whatever address', async () => {
    const { store, ann, bob, file, link } = await owned(stage)
    await store.traffic.record([
      news(file.id, { startedAt: at(2), endedAt: at(4) }),
      news(file.id, { ip: '2001:db8::1', startedAt: at(1), endedAt: at(3), completed: false }),
      news(file.id, { accountId: bob.id, endedAt: at(30) }),
      news(file.id, { accountId: ann.id, endedAt: at(20) }),
      news(file.id, { shareLinkId: link.id, endedAt: at(40), bytes: 7 }),
    ])
    await store.traffic.record([news(file.id, { accountId: bob.id, shareLinkId: link.id, endedAt: at(50) })])
    await store.traffic.record([news(file.id, { accountId: bob.id, endedAt: at(60), completed: false })])
    expect(await brief(store, { fileId: file.id })).toEqual([
      ['Bob', null, 2, 200, 60_000],
      ['Bob', link.id, 1, 100, 50_000],
      [null, link.id, 1, 7, 40_000],
      ['Ann', null, 1, 100, 20_000],
      [null, null, 2, 200, 4000],
    ])
    const guests = (await all(store, { fileId: file.id })).at(-1)
    expect(guests?.sum).toMatchObject({ accountId: null, completed: 1, firstAt: at(1), lastAt: at(4) })
    expect(guests?.file).toEqual((await store.files.find(file.id)) ?? guests?.file)
    expect(guests?.link).toBeNull()
    const byLink = await all(store, { shareLinkId: link.id })
    expect(byLink.map((one) => [one.accountName, one.link])).toEqual([
      ['Bob', { token: link.token, createdAt: at(3) }],
      [null, { token: link.token, createdAt: at(3) }],
    ])
    expect(JSON.stringify(byLink)).not.toMatch(/192\.0\.2|2001:db8/)
  })

  test('many at once lose nothing', async () => {
    const { store, ann, file } = await owned(stage)
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => store.traffic.record([news(file.id, { endedAt: at(index) })])),
    )
    expect(await brief(store, { ownerId: ann.id })).toEqual([[null, null, 30, 3000, 29_000]])
  })

  test('a download that goes on counts once; one that delivered nothing leaves nothing', async () => {
    const { store, file } = await owned(stage)
    const cut = news(file.id, { completed: false })
    await store.traffic.record([cut])
    await store.traffic.record([{ ...cut, counted: false, completed: true, bytes: 11, endedAt: at(90) }])
    await store.traffic.record([news(file.id, { accountId: 99, counted: false, completed: false, bytes: 0 })])
    expect(await brief(store, { fileId: file.id })).toEqual([[null, null, 1, 111, 90_000]])
  })

  test('pieces from the middle alone are no download, but there', async () => {
    const { store, bob, file } = await owned(stage)
    await store.traffic.record([news(file.id, { accountId: bob.id, counted: false, completed: false })])
    expect(await brief(store, { fileId: file.id })).toEqual([['Bob', null, 0, 100, 10_000]])
  })

  test('files of an archive count for whoever fetched it', async () => {
    const { store, ann, bob, file } = await owned(stage)
    const sent = { fileId: file.id, downloads: 1, completed: 0, bytes: 0 }
    await store.traffic.countArchived(bob.id, [sent, { ...sent, fileId: 9999 }], at(5))
    await store.traffic.countArchived(bob.id, [{ ...sent, downloads: 0, completed: 1, bytes: 25 }], at(6))
    await store.traffic.countArchived(null, [sent], at(4))
    expect(await brief(store, { ownerId: ann.id })).toEqual([
      ['Bob', null, 1, 25, 6000],
      [null, null, 1, 0, 4000],
    ])
    expect((await store.files.find(file.id))?.downloads).toBe(2)
  })

  test('of files that nobody owns nothing is kept; from the claim on it is', async () => {
    const { store, ann } = await owned(stage)
    const file = await addOneShot(store, null)
    await store.traffic.record([news(file.id), news(9999)])
    expect(await brief(store, { fileId: file.id })).toEqual([])
    await store.files.claim(file.id, ann.id, { maxStorageBytes: 0 }, at(20))
    await store.traffic.record([news(file.id)])
    expect(await brief(store, { ownerId: ann.id })).toEqual([[null, null, 1, 100, 10_000]])
  })

  test('of an account that goes become those of guests, also what is written down later', async () => {
    const { store, ann, bob, file, link } = await owned(stage)
    await addAccount(store, 'Boss', true)
    const other = await addOneShot(store, bob.id)
    await store.traffic.record([
      news(file.id, { startedAt: at(3), endedAt: at(4) }),
      news(file.id, { accountId: bob.id, startedAt: at(1), endedAt: at(30), completed: false }),
      news(file.id, { accountId: bob.id, shareLinkId: link.id, endedAt: at(20) }),
      news(other.id, { accountId: ann.id }),
      news(other.id, { accountId: bob.id }),
    ])
    await store.accounts.delete(bob.id, at(40))
    await store.traffic.record([news(file.id, { accountId: bob.id, shareLinkId: link.id, endedAt: at(50) })])
    expect(await brief(store, { ownerId: ann.id })).toEqual([
      [null, link.id, 2, 200, 50_000],
      [null, null, 2, 200, 30_000],
    ])
    expect((await all(store, { fileId: file.id })).at(-1)?.sum).toMatchObject({
      ...{ completed: 1, firstAt: at(1) },
    })
    expect(await brief(store, { fileId: other.id })).toEqual([])
    expect(await brief(store, { ownerId: bob.id })).toEqual([])
  })

  test('outlive the link they came by, and go with the file', async () => {
    const { store, ann, file, link } = await owned(stage)
    await store.traffic.record([news(file.id, { shareLinkId: link.id })])
    await store.shareLinks.remove(ann.id, link.id)
    expect(await all(store, { ownerId: ann.id })).toMatchObject([
      { sum: { shareLinkId: link.id }, link: null },
    ])
    await store.files.remove(ann.id, file.id)
    expect(await all(store, { ownerId: ann.id })).toEqual([])
  })

  test('come a page at a time, the newest first, those of one moment too, without gaps', async () => {
    const { store, ann, bob } = await owned(stage)
    const files = []
    for (let n = 0; n < 7; n++) files.push(await addOneShot(store, ann.id, { name: `f${n}` }))
    const foreign = await addOneShot(store, bob.id)
    await store.traffic.record([
      ...files.map(({ id }, n) => news(id, { endedAt: at(n < 4 ? 5 : 10 + n) })),
      news(foreign.id, { endedAt: at(12) }),
    ])
    const names: string[] = []
    let before: ListedDownloader['sum'] | null = null
    for (let pages = 0; pages < 9; pages++) {
      const page: ListedDownloader[] = await store.downloaders.page({ ownerId: ann.id }, { limit: 2, before })
      names.push(...page.map(({ file }) => file.name))
      before = page.at(-1)?.sum ?? null
      if (page.length < 2) break
    }
    expect(names.slice(0, 3)).toEqual(['f6', 'f5', 'f4'])
    expect(names.toSorted()).toEqual(['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6'])
  })

  test('that were not used for long are removed, package by package', async () => {
    const { store, ann, bob, file } = await owned(stage)
    await store.traffic.record([news(file.id, { endedAt: at(5) }), news(file.id, { accountId: bob.id })])
    expect(await store.downloaders.purge(ann.packageId + 1, at(99))).toBe(0)
    expect(await store.downloaders.purge(ann.packageId, at(5))).toBe(0)
    expect(await store.downloaders.purge(ann.packageId, at(6))).toBe(1)
    expect(await brief(store, { ownerId: ann.id })).toEqual([['Bob', null, 1, 100, 10_000]])
  })
}
