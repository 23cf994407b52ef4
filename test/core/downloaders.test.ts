/** Whom the files of an account have gone to, as its owner sees it. */
import { describe, expect, test } from 'bun:test'
import { DOWNLOADERS_SHOWN, type DownloaderPage } from '../../src/core/downloaders.ts'
import type { Grant } from '../../src/core/downloads.ts'
import type { Account } from '../../src/core/model.ts'
import type { TrafficClient } from '../../src/core/traffic.ts'
import { coresUnderTest, faultOf, principalOf } from './core-under-test.ts'
import { trafficStage } from './traffic-under-test.ts'

const open = coresUnderTest()
const DAY = 86_400

const as = ({ id, packageId }: Account, ip = '192.0.2.7'): TrafficClient => ({ accountId: id, packageId, ip })

async function stage() {
  const product = await open()
  return { ...(await trafficStage(product)), ...product.core, product, bob: await product.account('bob') }
}

/** The whole answer of a grant, delivered. */
async function deliver(grant: Grant): Promise<void> {
  const { transfer } = await grant.begin()
  transfer.end({ bytes: grant.object.size, completed: true })
}

const whos = ({ items }: DownloaderPage) =>
  items.map(({ by, downloads, bytes }) => [by.kind === 'account' ? by.name : by.kind, downloads, bytes])

describe('the owner of a file sees', () => {
  test('the names of accounts, guests together, and himself; no address of anybody', async () => {
    const { owner, bob, file, guest, fetch, downloaders, product } = await stage()
    const film = await file(1000)
    await fetch(guest('192.0.2.1'), film)
    await fetch(guest('192.0.2.2'), film)
    product.clock.advance(1)
    await fetch(as(owner), film)
    product.clock.advance(1)
    await fetch(as(bob), film)
    await fetch(as(bob, '2001:db8::9'), film)
    const page = await downloaders.ofFile(owner, film.id, null)
    expect(whos(page)).toEqual([
      ['bob', 2, 2000],
      ['owner', 1, 1000],
      ['guests', 2, 2000],
    ])
    expect(page).toMatchObject({ before: null, items: [{ completed: 2, link: null }, {}, {}] })
    expect(JSON.stringify(page)).not.toMatch(/192\.0\.2|2001:db8/)
  })

  test('what is under way at this moment, and counts it once when it ends', async () => {
    const { owner, bob, file, begin, downloaders } = await stage()
    const film = await file(1000)
    const transfer = await begin(as(bob), film)
    transfer.delivered(300)
    expect(whos(await downloaders.ofFile(owner, film.id, null))).toEqual([['bob', 1, 300]])
    transfer.end({ bytes: 1000, completed: true })
    expect(whos(await downloaders.ofFile(owner, film.id, null))).toEqual([['bob', 1, 1000]])
    expect(whos(await downloaders.ofAccount(owner, null))).toEqual([['bob', 1, 1000]])
  })

  test('by which share link, and what went past it', async () => {
    const { owner, bob, file, downloads, downloaders, shareLinks, product } = await stage()
    const film = await file(25)
    const link = await shareLinks.create(owner, { fileId: film.id }, {})
    const guest = { account: null, ip: '192.0.2.1' }
    await deliver(await shareLinks.authorise(link.token, null, null, guest))
    product.clock.advance(1)
    await deliver(await shareLinks.authorise(link.token, null, null, { account: bob, ip: '192.0.2.2' }))
    product.clock.advance(1)
    await deliver(await downloads.authoriseDirect(film.slug, film.urlExtension, guest))
    const { items } = await downloaders.ofFile(owner, film.id, null)
    const known = { id: link.id, token: link.token, createdAt: link.createdAt }
    expect(items.map(({ by, link }) => [by.kind, link])).toEqual([
      ['guests', null],
      ['account', known],
      ['guests', known],
    ])
    expect(whos(await downloaders.ofShareLink(owner, link.id, null))).toEqual([
      ['bob', 1, 25],
      ['guests', 1, 25],
    ])
    await shareLinks.remove(owner, link.id)
    const after = await downloaders.ofFile(owner, film.id, null)
    expect(after.items[1]?.link).toEqual({ id: link.id, removed: true })
    await faultOf(downloaders.ofShareLink(owner, link.id, null), 'link_invalid')
  })

  test('files of a folder that was shared, by its link', async () => {
    const { owner, file, folders, files, shareLinks, downloaders } = await stage()
    const folder = await folders.create(owner, { name: 'Photos', parentId: null })
    const film = await files.change(owner, (await file(25)).id, { folderId: folder.id })
    const link = await shareLinks.create(owner, { folderId: folder.id }, {})
    await deliver(await shareLinks.authorise(link.token, null, film.id, { account: null, ip: '192.0.2.1' }))
    const page = await downloaders.ofShareLink(owner, link.id, null)
    expect(page.items).toMatchObject([
      { by: { kind: 'guests' }, file: { id: film.id }, link: { id: link.id } },
    ])
  })

  test('himself behind a signed link that he asked for, unless somebody else is signed in', async () => {
    const { owner, bob, file, downloads, downloaders } = await stage()
    const film = await file(25)
    const { path } = await downloads.link(principalOf(owner), `${film.id}`, 60)
    const query = new URL(path, 'http://x').searchParams
    const visit = {
      fileId: film.id,
      expires: Number(query.get('expires')),
      signature: query.get('token') ?? '',
    }
    await deliver(await downloads.authorise({ ...visit, visitor: { account: null, ip: '192.0.2.1' } }))
    await deliver(await downloads.authorise({ ...visit, visitor: { account: bob, ip: '192.0.2.1' } }))
    expect(whos(await downloaders.ofFile(owner, film.id, null)).toSorted()).toEqual([
      ['bob', 1, 25],
      ['owner', 1, 25],
    ])
  })

  test('who fetched it in an archive of its folder', async () => {
    const { owner, bob, file, folders, files, folderZips, downloaders, product } = await stage()
    const folder = await folders.create(owner, { name: 'Photos', parentId: null, visibility: 1 })
    const film = await files.change(owner, (await file(25)).id, { folderId: folder.id })
    for (const account of [bob, null]) {
      const visitor = { account, ip: '192.0.2.1' }
      const zip = await folderZips.of({ folderId: folder.id, pass: null, token: null, visitor })
      const { body, transfer } = await zip.begin()
      const { size } = await new Response(body).blob()
      transfer.end({ bytes: size, completed: true })
    }
    const page = await downloaders.ofFile(owner, film.id, null)
    expect(whos(page).toSorted()).toEqual([
      ['bob', 1, 25],
      ['guests', 1, 25],
    ])
    expect(page.items).toMatchObject([{ completed: 1 }, { completed: 1 }])
    expect((await product.metadata.files.find(film.id))?.downloads).toBe(2)
  })

  test('nobody, when nobody came', async () => {
    const { owner, file, downloaders } = await stage()
    expect(await downloaders.ofFile(owner, (await file()).id, null)).toEqual({ items: [], before: null })
    expect(await downloaders.ofAccount(owner, null)).toEqual({ items: [], before: null })
  })
})

test('nobody else sees any of it', async () => {
  const { owner, bob, file, guest, fetch, downloaders, shareLinks } = await stage()
  const film = await file()
  const link = await shareLinks.create(owner, { fileId: film.id }, {})
  await fetch(guest(), film)
  await faultOf(downloaders.ofFile(bob, film.id, null), 'file_not_found')
  await faultOf(downloaders.ofFile(bob, 999, null), 'file_not_found')
  await faultOf(downloaders.ofShareLink(bob, link.id, null), 'link_invalid')
  expect(await downloaders.ofAccount(bob, null)).toEqual({ items: [], before: null })
})

test('all files of an account are listed together, the newest first, page by page', async () => {
  const { owner, bob, guest, file, fetch, downloaders, product } = await stage()
  const films = []
  for (let n = 0; n < DOWNLOADERS_SHOWN + 1; n++) {
    const film = await file()
    await fetch(n % 2 === 0 ? guest() : as(bob), film)
    films.push(film.id)
    product.clock.advance(1)
  }
  const first = await downloaders.ofAccount(owner, null)
  expect(first.items.map((one) => one.file.id)).toEqual(films.toReversed().slice(0, DOWNLOADERS_SHOWN))
  const second = await downloaders.ofAccount(owner, first.before)
  expect([second.items.map((one) => one.file.id), second.before]).toEqual([[films[0] ?? 0], null])
})

test.each(['', '-', '5', '5-', '-5', '5-0', '5-x', '9'.repeat(16), '1-1-1', ' 1-1', '1.5-1'])(
  'a page does not begin at %p',
  async (before) => {
    const { owner, downloaders } = await stage()
    const fault = await faultOf(downloaders.ofAccount(owner, before), 'invalid')
    expect(fault.field).toBe('before')
  },
)

test('what is older than a year is forgotten, within an hour', async () => {
  const { owner, bob, guest, file, fetch, downloaders, sweeper, product } = await stage()
  const film = await file()
  await fetch(guest(), film)
  product.clock.advance(DAY)
  await fetch(as(bob), film)
  product.clock.advance(364 * DAY)
  await sweeper.sweep()
  expect(whos(await downloaders.ofFile(owner, film.id, null))).toHaveLength(2)
  product.clock.advance(3601)
  await sweeper.sweep()
  expect(whos(await downloaders.ofFile(owner, film.id, null))).toEqual([['bob', 1, 1000]])
})
