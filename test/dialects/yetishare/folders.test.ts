/** Folders: what they are made with, how they are listed, changed and deleted, and that their counters are right. */
import { describe, expect, test } from 'bun:test'
import { createDice } from '../../support/request-fuzz.ts'
import { missing, NO_FILE, NO_FOLDER, noDestination, type Parameters, refusal, scenario } from './scenario.ts'

const given = scenario({ config: { trash: { keep: 7 * 86_400 } } })
const MD5 = 'd9729feb74992cc3482b350163a1a010'
const SAME = 'Param folder_id can not match new_parent_folder_id.'

const info = async (folder_id: string) => (await given.ann.must('folder/info', { folder_id })).data
const create = async (fields: Parameters) =>
  (await given.ann.must('folder/create', { folder_name: 'a', ...fields })).data
const names = async (parent_folder_id = '') => {
  const { folders, files } = (await given.ann.must('folder/listing', { parent_folder_id })).data
  return {
    folders: folders.map(({ folderName }: { folderName: string }) => folderName),
    files: files.map(({ filename }: { filename: string }) => filename),
  }
}

describe('making a folder', () => {
  test.each([
    [{}, '0'],
    [{ is_public: '' }, '0'],
    [{ is_public: '0' }, '0'],
    [{ is_public: '1' }, '1'],
    [{ is_public: '2' }, '2'],
    [{ is_public: '3' }, '0'],
    [{ is_public: '-1' }, '0'],
    [{ is_public: 'yes' }, '0'],
    [{ is_public: '1.0' }, '0'],
  ])('with %p makes it %s', async (fields, isPublic) => {
    expect((await create(fields)).isPublic).toBe(isPublic)
  })

  test.each([
    [MD5, MD5],
    [MD5.toUpperCase(), MD5],
    ['', null],
    ['secret', null],
    [MD5.slice(1), null],
    [`${MD5}0`, null],
    ['x'.repeat(32), null],
    ['null', null],
  ])('with the password %p stores %p', async (access_password, stored) => {
    const { id, accessPassword } = await create({ access_password })
    expect([accessPassword, (await info(id)).accessPassword]).toEqual([stored, stored])
  })

  test.each(['', '0', 'null', ' '])('below %p puts it into the root', async (parent_id) => {
    expect((await create({ parent_id })).parentId).toBeNull()
  })

  test('below a folder that is unknown, foreign or deleted is refused', async () => {
    const gone = await given.ann.folder('gone')
    await given.ann.must('folder/delete', { folder_id: gone })
    for (const parent_id of ['999', 'abc', '-1', '1.5', gone, await given.bob.folder('his')])
      expect(refusal(await given.ann.call('folder/create', { folder_name: 'a', parent_id }))).toBe(NO_FOLDER)
    expect(await names()).toEqual({ folders: [], files: [] })
  })

  test('twice by one name makes two', async () => {
    const made = await Promise.all([create({}), create({}), create({})])
    expect(new Set(made.map(({ id }) => id)).size).toBe(3)
    expect((await names()).folders).toEqual(['a', 'a', 'a'])
  })

  test.each([
    ['  a b  ', 'a b'],
    ['a/b\\c', 'abc'],
    ['a\u0000\u0007b', 'ab'],
    ['<script>', '<script>'],
    ['Größe 💾', 'Größe 💾'],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('named %p stores %p', async (folder_name, stored) => {
    expect((await create({ folder_name })).folderName).toBe(stored)
  })

  test.each(['.', '..', '/', '\u0001', 'x'.repeat(256), 'ü'.repeat(128)])(
    'named %p is refused',
    async (folder_name) => {
      expect(refusal(await given.ann.call('folder/create', { folder_name }))).toMatch(/folder name/i)
    },
  )
})

describe('a listing', () => {
  test('has the active folders and files of one folder, by name, and nothing else', async () => {
    const { ann, bob } = given
    const place = await ann.folder('place')
    for (const name of ['b', 'C', 'a', '10', '9']) {
      await ann.folder(name, { parent_id: place })
      await ann.upload(`${name}.txt`, 'x', { folder_id: place })
    }
    await ann.upload('elsewhere.txt', 'x')
    await bob.upload('his.txt', 'x')
    const trashed = await ann.upload('trashed.txt', 'x', { folder_id: place })
    await ann.must('file/delete', { file_id: trashed.file_id })
    await ann.must('folder/delete', { folder_id: await ann.folder('trashed', { parent_id: place }) })
    const order = ['10', '9', 'C', 'a', 'b']
    expect(await names(place)).toEqual({ folders: order, files: order.map((name) => `${name}.txt`) })
    expect(await names()).toEqual({ folders: ['place'], files: ['elsewhere.txt'] })
    for (const root of ['0', 'null', '  ']) expect(await names(root)).toEqual(await names())
  })

  test('of an empty folder, and of an account without anything, is two empty lists', async () => {
    expect(await names()).toEqual({ folders: [], files: [] })
    expect(await names(await given.ann.folder('empty'))).toEqual({ folders: [], files: [] })
  })

  test('of what is no folder is refused', async () => {
    for (const parent_folder_id of ['999', 'abc', '-1', '01'])
      expect(refusal(await given.ann.call('folder/listing', { parent_folder_id }))).toBe(NO_FOLDER)
  })
})

describe('looking at a folder', () => {
  test('takes either name of its id, folder_id first', async () => {
    const { ann } = given
    const [one, two] = [await ann.folder('one'), await ann.folder('two')]
    expect((await ann.must('folder/info', { folder_id: one, parent_folder_id: two })).data.id).toBe(one)
    expect((await ann.must('folder/info', { folder_id: '', parent_folder_id: two })).data.id).toBe(two)
    expect(refusal(await ann.call('folder/info', { folder_id: '999', parent_folder_id: two }))).toBe(
      NO_FOLDER,
    )
    for (const fields of [{}, { folder_id: '' }, { parent_folder_id: ' ' }] as Parameters[])
      expect(refusal(await ann.call('folder/info', fields))).toBe(missing('folder_id'))
    for (const id of ['0', 'null'])
      expect(refusal(await ann.call('folder/info', { folder_id: id }))).toBe(NO_FOLDER)
  })
})

describe('editing a folder', () => {
  test('changes what is given, keeps what is blank, absent or no value for it', async () => {
    const { ann } = given
    const parent = await ann.folder('parent')
    const { id } = await create({ parent_id: parent, is_public: '1', access_password: MD5 })
    const before = await info(id)
    const blanks = { folder_name: ' ', parent_id: '', is_public: '', access_password: '' }
    for (const fields of [{}, blanks, { is_public: '7' }, { access_password: 'short' }] as Parameters[]) {
      const { data } = await ann.must('folder/edit', { folder_id: id, ...fields })
      expect({ ...data, date_updated: null }).toEqual(before)
    }
    const changes: Array<[Parameters, object]> = [
      [{ folder_name: 'b' }, { folderName: 'b', url_folder: before.url_folder.replace(/a$/, 'b') }],
      [{ is_public: '2' }, { isPublic: '2' }],
      [{ is_public: '0' }, { isPublic: '0' }],
      [{ access_password: MD5.replace('d', 'e') }, { accessPassword: MD5.replace('d', 'e') }],
      [{ access_password: 'NULL' }, { accessPassword: null }],
      [{ parent_id: '0' }, { parentId: null }],
      [{ parent_id: parent }, { parentId: parent }],
      [{ parent_id: 'null' }, { parentId: null }],
    ]
    let expected = { ...before, date_updated: '2030-01-01 00:00:00' }
    for (const [fields, change] of changes) {
      expected = { ...expected, ...change }
      expect((await ann.must('folder/edit', { folder_id: id, ...fields })).data).toEqual(expected)
      expect(await info(id)).toEqual(expected)
    }
  })

  test('into itself or below itself is refused, and nothing else is changed by it', async () => {
    const { ann } = given
    const top = await ann.folder('top')
    const middle = await ann.folder('middle', { parent_id: top })
    const bottom = await ann.folder('bottom', { parent_id: middle })
    for (const parent_id of [top, middle, bottom]) {
      const answer = await ann.call('folder/edit', { folder_id: top, parent_id, folder_name: 'new' })
      expect(refusal(answer)).toBe(SAME)
    }
    expect(await info(top)).toMatchObject({ folderName: 'top', parentId: null, date_updated: null })
  })
})

describe('deleting a folder', () => {
  test('takes all that is in it to the trash and off every counter', async () => {
    const { ann, app } = given
    const top = await ann.folder('top')
    const middle = await ann.folder('middle', { parent_id: top })
    const bottom = await ann.folder('bottom', { parent_id: middle })
    const files = [
      await ann.upload('1', '1', { folder_id: middle }),
      await ann.upload('2', '22', { folder_id: bottom }),
    ]
    const kept = await ann.upload('kept', '333', { folder_id: top })
    const url = (await ann.must('file/download', { file_id: files[1]?.file_id ?? '' })).data.download_url
    await ann.must('folder/delete', { folder_id: middle })
    expect(await info(top)).toMatchObject({ totalSize: '3', child_folder_count: 0, file_count: 1 })
    for (const folder_id of [middle, bottom]) {
      for (const action of ['folder/info', 'folder/edit', 'folder/delete'])
        expect(refusal(await ann.call(action, { folder_id }))).toBe(NO_FOLDER)
      expect(refusal(await ann.call('folder/listing', { parent_folder_id: folder_id }))).toBe(NO_FOLDER)
    }
    for (const { file_id } of files)
      expect((await ann.must('file/info', { file_id })).data).toMatchObject({
        status: 'trash',
        file_status: 'trash',
      })
    expect((await ann.must('file/info', { file_id: kept.file_id })).data.status).toBe('active')
    expect(await names()).toEqual({ folders: ['top'], files: [] })
    expect((await app.request('GET', url)).status).toBe(404)
    expect((await app.metadata.accounts.find(ann.account.id))?.storageUsed).toBe(6)
  })

  test('and purging the trash leaves nothing of it', async () => {
    const { ann, app } = given
    const top = await ann.folder('top')
    const file = await ann.upload('1', '1', { folder_id: await ann.folder('in', { parent_id: top }) })
    await ann.must('folder/delete', { folder_id: top })
    app.clock.advance(7 * 86_400 + 1)
    await app.core.sweeper.sweep()
    expect(await given.objects()).toBe(0)
    expect((await app.metadata.accounts.find(ann.account.id))?.storageUsed).toBe(0)
    expect(await app.metadata.folders.find(Number(top))).toBeNull()
    const { access_token } = (await given.post('authorize', ann.keys)).json.data
    expect(refusal(await ann.call('file/info', { file_id: file.file_id, access_token }))).toBe(NO_FILE)
  })
})

describe('moving a folder', () => {
  test('takes what it holds from all above it to all above its new place', async () => {
    const { ann } = given
    const [a, b] = [await ann.folder('a'), await ann.folder('b')]
    const moved = await ann.folder('moved', { parent_id: a })
    await ann.upload('1', '12345', { folder_id: await ann.folder('in', { parent_id: moved }) })
    const { data } = await ann.must('folder/move', { folder_id: moved, new_parent_folder_id: b })
    expect(data).toMatchObject({ parentId: b, totalSize: '5', date_updated: '2030-01-01 00:00:00' })
    expect(await info(a)).toMatchObject({ totalSize: '0', child_folder_count: 0 })
    expect(await info(b)).toMatchObject({ totalSize: '5', child_folder_count: 1, file_count: 0 })
    for (const root of ['', '0', 'null', 'Null']) {
      await ann.must('folder/move', { folder_id: moved, new_parent_folder_id: b })
      const back = await ann.must('folder/move', { folder_id: moved, new_parent_folder_id: root })
      expect([root, back.data.parentId]).toEqual([root, null])
    }
    expect(await info(b)).toMatchObject({ totalSize: '0', child_folder_count: 0 })
  })

  test('into itself, below itself or to nowhere is refused in the words for it', async () => {
    const { ann, bob } = given
    const top = await ann.folder('top')
    const below = await ann.folder('below', { parent_id: await ann.folder('middle', { parent_id: top }) })
    const gone = await ann.folder('gone')
    await ann.must('folder/delete', { folder_id: gone })
    const move = (parent: string) => ann.call('folder/move', { folder_id: top, new_parent_folder_id: parent })
    expect(refusal(await move(top))).toBe(SAME)
    for (const parent of [below, gone, '999', 'abc', await bob.folder('his')])
      expect([parent, refusal(await move(parent))]).toEqual([parent, noDestination('new_parent_folder_id')])
    expect((await info(top)).parentId).toBeNull()
  })

  test('and another one into each other at once makes no loop', async () => {
    const { ann } = given
    for (let time = 0; time < 10; time++) {
      const [a, b] = [await ann.folder(`a${time}`), await ann.folder(`b${time}`)]
      const answers = await Promise.all([
        ann.call('folder/move', { folder_id: a, new_parent_folder_id: b }),
        ann.call('folder/edit', { folder_id: b, parent_id: a }),
      ])
      expect(answers.map(({ json }) => json._status).sort()).toEqual(['error', 'success'])
      expect(
        [(await info(a)).parentId, (await info(b)).parentId].filter((parent) => parent === null),
      ).toHaveLength(1)
    }
  })
})

describe('a tree', () => {
  test('of 100 folders one in the other is counted, moved and deleted as any other', async () => {
    const { ann } = given
    const chain: string[] = []
    for (let depth = 0; depth < 100; depth++)
      chain.push(await ann.folder(`d${depth}`, { parent_id: chain.at(-1) ?? '' }))
    const [top = '', bottom = ''] = [chain[0], chain.at(-1)]
    await ann.upload('deep', '12345', { folder_id: bottom })
    expect(await info(top)).toMatchObject({ totalSize: '5', child_folder_count: 1, file_count: 0 })
    const other = await ann.folder('other')
    for (const [action, fields] of [
      ['folder/create', { folder_name: 'more', parent_id: bottom }],
      ['folder/move', { folder_id: other, new_parent_folder_id: bottom }],
      ['folder/edit', { folder_id: other, parent_id: bottom }],
    ] as const)
      expect(refusal(await ann.call(action, fields))).toBe('Folders can be nested at most 100 levels deep.')
    expect(refusal(await ann.call('folder/move', { folder_id: top, new_parent_folder_id: bottom }))).toBe(
      noDestination('new_parent_folder_id'),
    )
    await ann.must('folder/move', { folder_id: chain[50] ?? '', new_parent_folder_id: other })
    expect([(await info(top)).totalSize, (await info(other)).totalSize]).toEqual(['0', '5'])
    await ann.must('folder/delete', { folder_id: other })
    expect(refusal(await ann.call('folder/info', { folder_id: bottom }))).toBe(NO_FOLDER)
    expect((await info(chain[49] ?? '')).child_folder_count).toBe(0)
  }, 20_000)

  test('that is changed at random, many calls at a time, keeps its counters right', async () => {
    const { ann, app } = given
    const dice = createDice(7)
    const folders = ['0', ...(await Promise.all(['a', 'b', 'c', 'd'].map((name) => ann.folder(name))))]
    const files: string[] = []
    const any = (list: string[]): string => list[dice(list.length)] ?? '0'
    const steps = [
      async () =>
        void files.push((await ann.upload('f', 'x'.repeat(1 + dice(9)), { folder_id: '0' })).file_id),
      async () => void folders.push(await ann.folder('n')),
      () => ann.call('folder/move', { folder_id: any(folders), new_parent_folder_id: any(folders) }),
      () => ann.call('folder/edit', { folder_id: any(folders), parent_id: any(folders), is_public: dice(3) }),
      () => ann.call('file/move', { file_id: any(files), new_parent_folder_id: any(folders) }),
      () => ann.call('file/copy', { file_id: any(files), copy_to_folder_id: any(folders) }),
      () => ann.call('file/delete', { file_id: any(files) }),
      () =>
        dice(6) === 0 ? ann.call('folder/delete', { folder_id: any(folders) }) : ann.call('folder/listing'),
    ]
    for (let round = 0; round < 25; round++) {
      await Promise.all(Array.from({ length: 12 }, () => steps[dice(steps.length)]?.()))
      if (round % 5 === 4) expect(await app.problems()).toEqual([])
    }
  }, 30_000)
})
