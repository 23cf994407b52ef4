import { describe, expect, test } from 'bun:test'
import { coresUnderTest, faultOf } from './core-under-test.ts'

const open = coresUnderTest()

async function site() {
  const product = await open()
  const admin = await product.account('root')
  const ann = await product.account('ann')
  const by = { account: admin, ip: '192.0.2.9' }
  const add = (name: string) =>
    product.core.ingest.receive(
      ann,
      { name, leastSize: 3, mimeType: null, folderId: null, source: 'direct', uploadedIp: null },
      new Blob(['abc']).stream(),
    )
  const acts = async () =>
    (await product.core.audit.list(null)).entries.map(({ action, subject, actorName, ip }) => [
      ...[actorName, action, subject, ip],
    ])
  return { ...product, admin, ann, by, add, acts }
}

describe('the dashboard', () => {
  test('adds up what there is', async () => {
    const { core, add, ann } = await site()
    const { file } = await add('one.txt')
    await add('two.txt')
    await core.files.trash(ann, file.id)
    expect(await core.oversight.dashboard()).toMatchObject({
      ...{ accounts: 2, files: 1, fileBytes: 3, trashedFiles: 1, trashedBytes: 3, objectBytes: 6 },
      ...{ openUploads: 0, openImports: 0, openReports: 0, days: [] },
    })
  })
})

describe('accounts', () => {
  test('are found by a part of their name, a page at a time, with how many files they have', async () => {
    const { core, add } = await site()
    await add('one.txt')
    const all = await core.oversight.accounts('', { offset: 0, limit: 1 })
    expect(all).toMatchObject({ total: 2, items: [{ name: 'ann', files: 1 }] })
    expect(await core.oversight.accounts('OO', { offset: 0, limit: 9 })).toMatchObject({
      ...{ total: 1, items: [{ name: 'root', files: 0 }] },
    })
    expect((await core.oversight.accounts('%', { offset: 0, limit: 9 })).total).toBe(0)
    expect((await core.oversight.accounts('x'.repeat(60_000), { offset: 0, limit: 9 })).total).toBe(0)
  })

  test('are changed and deleted by an administrator, which is noted, and never his own', async () => {
    const { core, by, admin, ann, acts } = await site()
    await core.oversight.changeAccount(by, ann.id, { status: 'suspended', password: 'another horse' })
    await faultOf(core.oversight.changeAccount(by, admin.id, { status: 'suspended' }), 'forbidden')
    await faultOf(core.oversight.deleteAccount(by, admin.id), 'forbidden')
    await faultOf(core.oversight.deleteAccount(by, 77), 'account_not_found')
    await core.oversight.resetSecondFactor(by, ann.id)
    await core.oversight.deleteAccount(by, ann.id)
    expect(await acts()).toEqual([
      ['root', 'account.deleted', 'ann', '192.0.2.9'],
      ['root', 'account.second_factor_reset', 'ann', '192.0.2.9'],
      ['root', 'account.changed', 'ann', '192.0.2.9'],
    ])
    const [, , changed] = (await core.audit.list(null)).entries
    expect(changed?.detail).toBe('status: suspended, password: new')
  })
})

describe('files', () => {
  test('of everybody are found by name, slug and owner, the newest first', async () => {
    const { core, add } = await site()
    const first = (await add('Report.pdf')).file
    const second = (await add('notes.txt')).file
    const found = async (text: string) =>
      (await core.oversight.files(text, null)).items.map(({ file, ownerName }) => [file.id, ownerName])
    expect(await found('')).toEqual([
      [second.id, 'ann'],
      [first.id, 'ann'],
    ])
    expect(await found('report')).toEqual([[first.id, 'ann']])
    expect(await found(second.slug)).toEqual([[second.id, 'ann']])
    expect(await found('ANN')).toHaveLength(2)
    expect(await found('nothing')).toEqual([])
    expect(await found('x'.repeat(60_000))).toEqual([])
  })

  test('go to the trash of their owner, once', async () => {
    const { core, by, add, ann, acts } = await site()
    const { file } = await add('bad.bin')
    await core.oversight.trashFile(by, file.id)
    expect((await core.files.getById(ann, file.id)).status).toBe('trashed')
    await faultOf(core.oversight.trashFile(by, file.id), 'file_not_found')
    expect(await acts()).toEqual([['root', 'file.trashed', 'bad.bin', '192.0.2.9']])
  })
})

test('packages are changed and added by the names of their columns', async () => {
  const { core, by, acts } = await site()
  const changed = await core.oversight.changePackage(by, 'Free', { max_storage_bytes: '5' })
  expect(changed.maxStorageBytes).toBe(5)
  await faultOf(core.oversight.changePackage(by, 'Free', { colour: 'red' }), 'invalid')
  await core.oversight.addPackage(by, 'Team', { download_speed: '1000' })
  await faultOf(core.oversight.addPackage(by, 'Team', {}), 'name_taken')
  expect((await acts()).map(([, action]) => action)).toEqual(['package.added', 'package.changed'])
})
