/** Who may look into a folder, at a file's facts, and who may delete it. */
import { describe, expect, test } from 'bun:test'
import type { Account, FileRecord, Visibility } from '../../src/core/model.ts'
import { isDeleteHash } from '../../src/core/visits.ts'
import { type CoreUnderTest, coresUnderTest, faultOf } from './core-under-test.ts'

const open = coresUnderTest()

async function* once(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array([1, 2, 3])
}

async function store(
  { core }: CoreUnderTest,
  owner: Account | null,
  {
    name = 'a.txt',
    visibility = 1,
    folderId = null,
  }: Partial<Pick<FileRecord, 'name' | 'visibility' | 'folderId'>> = {},
): Promise<FileRecord> {
  const known = { name, leastSize: 3, mimeType: null, uploadedIp: null, source: 'api' as const }
  return (await core.ingest.receive(owner, { ...known, visibility, folderId }, once())).file
}

const keyOf = ({ deleteKey }: FileRecord): string => deleteKey.replaceAll('-', '')

async function setting(options: { visibility?: Visibility } = {}) {
  const given = await open()
  const ann = await given.account('ann')
  const bob = await given.account('bob')
  return { ...given, ann, bob, file: await store(given, ann, options) }
}

describe('the facts of a file', () => {
  test('are there for who has the key, also when it is private', async () => {
    const { core, file, bob } = await setting({ visibility: 0 })
    expect(await core.visits.file(file.slug, bob, keyOf(file))).toEqual({
      file,
      isOwner: false,
      hasKey: true,
    })
  })

  test('follow the visibility for everybody else; a wrong key is none', async () => {
    const { core, file, ann } = await setting({ visibility: 0 })
    await faultOf(core.visits.file(file.slug, null, '0'.repeat(32)), 'not_public')
    expect(await core.visits.file(file.slug, ann, '')).toEqual({ file, isOwner: true, hasKey: false })
  })

  test('end with the file', async () => {
    const { core, file, ann } = await setting()
    await core.files.trash(ann, file.id)
    for (const hash of [keyOf(file), ''])
      await faultOf(core.visits.file(file.slug, ann, hash), 'file_removed')
    await faultOf(core.visits.file('zzzzzzzzzz', ann, keyOf(file)), 'file_not_found')
  })
})

describe('deletion', () => {
  test('is for the key, in either letter case and without dashes', async () => {
    const { file } = await setting()
    expect(isDeleteHash(file, keyOf(file).toUpperCase())).toBe(true)
    for (const hash of [
      '',
      file.deleteKey,
      `${keyOf(file)}0`,
      keyOf(file).slice(1),
      '0'.repeat(32),
      'ä'.repeat(32),
    ])
      expect([hash, isDeleteHash(file, hash)]).toEqual([hash, false])
  })

  test('by key leaves the file in the trash, and is over then', async () => {
    const { core, file, metadata, clock } = await setting()
    await core.visits.deleteByHash(file.slug, keyOf(file))
    expect(await metadata.files.find(file.id)).toMatchObject({ status: 'trashed', trashedAt: clock.now() })
    await faultOf(core.visits.deleteByHash(file.slug, keyOf(file)), 'file_removed')
    // Whoever has not the key does not learn that there was a file.
    await faultOf(core.visits.deletable(file.slug, '0'.repeat(32)), 'file_not_found')
  })

  test('without the key is for the owner alone', async () => {
    const given = await setting()
    const { core, file, ann, bob } = given
    expect(await core.visits.deletableByOwner(file.slug, ann)).toEqual(file)
    await faultOf(core.visits.deletableByOwner(file.slug, bob), 'file_not_found')
    const nobodys = await store(given, null, { name: 'guest.txt' })
    await faultOf(core.visits.deletableByOwner(nobodys.slug, ann), 'file_not_found')
    await core.files.trash(ann, file.id)
    await faultOf(core.visits.deletableByOwner(file.slug, ann), 'file_removed')
  })
})

describe('a slice of a folder', () => {
  test('goes through the folders, then through the files', async () => {
    const given = await setting()
    const { core, ann } = given
    const folder = await core.folders.create(ann, { name: 'top', parentId: null })
    for (const name of ['a', 'b', 'c']) await core.folders.create(ann, { name, parentId: folder.id })
    for (const name of ['x', 'y', 'z']) await store(given, ann, { name, folderId: folder.id })
    const slice = async (offset: number, limit: number): Promise<string> => {
      const view = await core.visits.folder(folder.id, ann, null, { offset, limit })
      expect(view.total).toBe(6)
      return [...view.folders, ...view.files.map(({ file }) => file)].map(({ name }) => name).join('')
    }
    expect(await slice(0, 2)).toBe('ab')
    expect(await slice(2, 2)).toBe('cx')
    expect(await slice(4, 2)).toBe('yz')
    expect(await slice(0, 6)).toBe('abcxyz')
    expect(await slice(0, 3)).toBe('abc')
    expect(await slice(3, 9)).toBe('xyz')
    expect(await slice(3, 1)).toBe('x')
    expect(await slice(6, 2)).toBe('')
  })

  test('counts what the visitor may see', async () => {
    const { core, ann } = await setting()
    const folder = await core.folders.create(ann, { name: 'top', parentId: null, visibility: 1 })
    await core.folders.create(ann, { name: 'a', parentId: folder.id, visibility: 0 })
    await core.folders.create(ann, { name: 'b', parentId: folder.id, visibility: 1 })
    const totals = await Promise.all(
      [ann, null].map((who) => core.visits.folder(folder.id, who, null, { offset: 0, limit: 0 })),
    )
    expect(totals.map(({ total }) => total)).toEqual([2, 1])
  })
})
