/** Files after their upload: changed, moved, copied, deleted, downloaded, purged. */
import { describe, expect, test } from 'bun:test'
import { sampleBytes } from '../../support/upload.ts'
import { NO_FILE, noDestination, refusal, scenario } from './scenario.ts'

const given = scenario({ config: { trash: { keep: 7 * 86_400 } } })
const DAY = 86_400

const info = async (file_id: string) => (await given.ann.must('file/info', { file_id })).data
const folderInfo = async (folder_id: string) => (await given.ann.must('folder/info', { folder_id })).data
const link = async (file_id: string): Promise<string> =>
  (await given.ann.must('file/download', { file_id })).data.download_url
const listed = async (parent_folder_id = ''): Promise<string[]> => {
  const { files } = (await given.ann.must('folder/listing', { parent_folder_id })).data
  return files.map(({ filename }: { filename: string }) => filename)
}
const used = async (): Promise<number | undefined> =>
  (await given.app.metadata.accounts.find(given.ann.account.id))?.storageUsed

describe('editing a file', () => {
  test('changes what is given and keeps what is blank or absent', async () => {
    const { ann } = given
    const folder = await ann.folder('f')
    const { file_id } = await ann.upload('a.txt', 'x', { folder_id: folder })
    const before = await info(file_id)
    await ann.must('file/edit', { file_id })
    await ann.must('file/edit', { file_id, filename: '', fileType: ' ', folder_id: '' })
    expect(await info(file_id)).toEqual(before)
    const { data } = await ann.must('file/edit', { file_id, filename: ' b.PNG ' })
    expect(data).toEqual({ ...before, filename: 'b.PNG', extension: 'png', keywords: 'b,PNG' })
    const typed = await ann.must('file/edit', { file_id, fileType: 'Image/PNG; x=y' })
    expect(typed.data).toEqual({ ...data, fileType: 'image/png' })
    expect(await info(file_id)).toEqual(typed.data)
  })

  test('moves it: to a folder, and by 0 or null to the root', async () => {
    const { ann } = given
    const folder = await ann.folder('f')
    const { file_id } = await ann.upload('a.txt', 'abc')
    for (const root of ['null', 'NULL', '0']) {
      expect((await ann.must('file/edit', { file_id, folder_id: folder })).data.folderId).toBe(folder)
      expect(await folderInfo(folder)).toMatchObject({ totalSize: '3', file_count: 1 })
      expect((await ann.must('file/edit', { file_id, folder_id: root })).data.folderId).toBeNull()
      expect(await folderInfo(folder)).toMatchObject({ totalSize: '0', file_count: 0 })
    }
  })

  test.each(['..', '/', 'a/..'])('refuses the name %p and changes nothing', async (filename) => {
    const { ann } = given
    const { file_id } = await ann.upload('a.txt', 'x')
    expect(refusal(await ann.call('file/edit', { file_id, filename, fileType: 'a/b' }))).toContain('filename')
    expect(await info(file_id)).toMatchObject({ filename: 'a.txt', fileType: 'application/octet-stream' })
  })

  test('keeps its links, its bytes and its count of downloads', async () => {
    const { ann, app } = given
    const { file_id, short_url, delete_hash } = await ann.upload('a.txt', 'Hello')
    const url = await link(file_id)
    await app.request('GET', url)
    const { data } = await ann.must('file/edit', {
      file_id,
      filename: 'b.txt',
      folder_id: await ann.folder('f'),
    })
    expect(data).toMatchObject({ shortUrl: short_url, downloads: '1' })
    expect(data.url_file_delete).toEndWith(`~d?${delete_hash}`)
    expect((await app.request('GET', url)).text).toBe('Hello')
  })
})

describe('moving a file', () => {
  test.each([' ', '', '0', 'null', 'Null'])('to %p puts it into the root', async (new_parent_folder_id) => {
    const { ann } = given
    const folder = await ann.folder('f')
    const { file_id } = await ann.upload('a.txt', 'x', { folder_id: folder })
    const { data } = await ann.must('file/move', { file_id, new_parent_folder_id })
    expect(data.folderId).toBeNull()
    expect([await listed(), await listed(folder)]).toEqual([['a.txt'], []])
  })

  test('takes its size and downloads from all folders above to all above the new one', async () => {
    const { ann, app } = given
    const [a, b] = [await ann.folder('a'), await ann.folder('b')]
    const [inA, inB] = [await ann.folder('in', { parent_id: a }), await ann.folder('in', { parent_id: b })]
    const { file_id } = await ann.upload('a.txt', 'Hello', { folder_id: inA })
    await app.request('GET', await link(file_id))
    await ann.must('file/move', { file_id, new_parent_folder_id: inB })
    await ann.must('file/move', { file_id, new_parent_folder_id: inB })
    const empty = { totalSize: '0', total_downloads: 0 }
    const full = { totalSize: '5', total_downloads: 1 }
    expect([await folderInfo(a), await folderInfo(inA)]).toMatchObject([empty, { ...empty, file_count: 0 }])
    expect([await folderInfo(b), await folderInfo(inB)]).toMatchObject([full, { ...full, file_count: 1 }])
  })
})

describe('copying a file', () => {
  test('makes a file of its own that shares the bytes', async () => {
    const { ann, app } = given
    const folder = await ann.folder('f')
    const { file_id } = await ann.upload('a.txt', 'Hello')
    await app.request('GET', await link(file_id))
    const answer = await ann.must('file/copy', { file_id, copy_to_folder_id: folder })
    const [from, to] = [answer.original_file.data, answer.new_file.data]
    expect(from).toEqual(await info(file_id))
    expect(to).toMatchObject({
      filename: 'a.txt',
      folderId: folder,
      downloads: '0',
      fileSize: '5',
      lastAccessed: null,
    })
    for (const key of ['id', 'shortUrl', 'url_file', 'url_file_delete']) expect(to[key]).not.toBe(from[key])
    expect([await given.objects(), await used()]).toEqual([1, 10])
    expect((await app.request('GET', await link(to.id))).text).toBe('Hello')
    expect((await info(file_id)).downloads).toBe('1')
    expect(await folderInfo(folder)).toMatchObject({ totalSize: '5', total_downloads: 1, file_count: 1 })
  })

  test('beside itself gets a number', async () => {
    const { ann } = given
    const { file_id } = await ann.upload('a.txt', 'x')
    for (let time = 0; time < 2; time++) await ann.must('file/copy', { file_id, copy_to_folder_id: '0' })
    expect(await listed()).toEqual(['a (1).txt', 'a (2).txt', 'a.txt'])
  })

  test('and deleting either keeps the other until both are purged', async () => {
    const { ann, app } = given
    for (const deleted of ['original_file', 'new_file']) {
      const { file_id } = await ann.upload('a.bin', sampleBytes(1000))
      const answer = await ann.must('file/copy', { file_id, copy_to_folder_id: '' })
      const other = deleted === 'new_file' ? 'original_file' : 'new_file'
      const [gone, kept] = [answer[deleted].data.id, answer[other].data.id]
      await ann.must('file/delete', { file_id: gone })
      await app.core.sweeper.sweep()
      const url = await link(kept)
      expect((await app.request('GET', url)).bytes).toHaveLength(1000)
      expect(await given.objects()).toBe(1)
      await app.core.files.trash(ann.account, Number(kept))
      app.clock.advance(8 * DAY)
      await app.core.sweeper.sweep()
      expect([await given.objects(), await used()]).toEqual([0, 0])
      expect((await app.request('GET', url)).status).toBe(404)
      ann.credentials.access_token = (await given.post('authorize', ann.keys)).json.data.access_token
    }
  })
})

describe('a deleted file', () => {
  test('is trash: readable for its owner, out of its folder, not listed, its links dead', async () => {
    const { ann, app } = given
    const folder = await ann.folder('f')
    const { file_id, url } = await ann.upload('a.txt', 'Hello', { folder_id: folder })
    const [before, token] = [await info(file_id), await link(file_id)]
    await app.request('GET', token)
    await ann.must('file/delete', { file_id })
    expect(await info(file_id)).toMatchObject({
      ...before,
      status: 'trash',
      file_status: 'trash',
      folderId: null,
      downloads: '1',
      lastAccessed: '2030-01-01 00:00:00',
    })
    expect([await listed(), await listed(folder)]).toEqual([[], []])
    expect(await folderInfo(folder)).toMatchObject({ totalSize: '0', total_downloads: 0, file_count: 0 })
    for (const path of [url, token, `${url}/a.txt`]) expect((await app.request('GET', path)).status).toBe(404)
    expect(refusal(await ann.call('file/download', { file_id }))).toBe('Could not generate download url.')
    expect([await used(), await given.objects()]).toEqual([5, 1])
  })

  test('stays deleted when it is deleted again', async () => {
    const { ann } = given
    const { file_id } = await ann.upload('a.txt', 'x')
    const first = await ann.must('file/delete', { file_id })
    given.app.clock.advance(60)
    expect(await ann.must('file/delete', { file_id })).toEqual(first)
  })

  test('is not active: it cannot be changed, moved or copied', async () => {
    const { ann } = given
    const { file_id } = await ann.upload('a.txt', 'x')
    await ann.must('file/delete', { file_id })
    expect(refusal(await ann.call('file/edit', { file_id, filename: 'b' }))).toBe(NO_FILE)
    expect(refusal(await ann.call('file/move', { file_id, new_parent_folder_id: '0' }))).toBe(NO_FILE)
    expect(refusal(await ann.call('file/copy', { file_id, copy_to_folder_id: '0' }))).toBe(NO_FILE)
    expect(await info(file_id)).toMatchObject({ filename: 'a.txt', status: 'trash' })
  })

  test('is purged after the time it is kept, with its bytes', async () => {
    const { ann, app } = given
    const { file_id } = await ann.upload('a.txt', 'x')
    await ann.must('file/delete', { file_id })
    app.clock.advance(7 * DAY)
    await app.core.sweeper.sweep()
    expect([await used(), await given.objects()]).toEqual([1, 1])
    app.clock.advance(1)
    await app.core.sweeper.sweep()
    expect([await used(), await given.objects()]).toEqual([0, 0])
    const { access_token } = (await given.post('authorize', ann.keys)).json.data
    expect(refusal(await ann.call('file/info', { file_id, access_token }))).toBe(NO_FILE)
  })

  test('is no place: its folder neither takes files nor gives them back', async () => {
    const { ann } = given
    const folder = await ann.folder('f')
    const { file_id } = await ann.upload('a.txt', 'x')
    await ann.must('folder/delete', { folder_id: folder })
    for (const [action, name] of [
      ['file/move', 'new_parent_folder_id'],
      ['file/copy', 'copy_to_folder_id'],
    ] as const)
      expect(refusal(await ann.call(action, { file_id, [name]: folder }))).toBe(noDestination(name))
  })
})

describe('downloading', () => {
  test('counts once for each answer from byte 0, for the file and all folders above', async () => {
    const { ann, app } = given
    const outer = await ann.folder('outer')
    const inner = await ann.folder('inner', { parent_id: outer })
    const { file_id } = await ann.upload('a.txt', 'Hello', { folder_id: inner })
    const url = await link(file_id)
    app.clock.advance(5)
    await app.request('GET', url)
    await app.request('GET', url, { headers: { range: 'bytes=0-1' } })
    await app.request('GET', url, { headers: { range: 'bytes=2-' } })
    await app.request('HEAD', url)
    expect(await info(file_id)).toMatchObject({ downloads: '2', lastAccessed: '2030-01-01 00:00:05' })
    for (const folder of [outer, inner]) expect((await folderInfo(folder)).total_downloads).toBe(2)
    const { files, folders } = (await ann.must('folder/listing', { parent_folder_id: outer })).data
    expect([files, folders[0].total_downloads]).toEqual([[], 2])
  })

  test('links are new each time, and all of them work for a day from anywhere', async () => {
    const { ann, app } = given
    const { file_id } = await ann.upload('a.txt', 'Hello')
    const links = [await link(file_id), await link(file_id)]
    expect(new Set(links).size).toBe(2)
    app.clock.advance(DAY - 1)
    for (const url of links)
      for (let time = 0; time < 2; time++) {
        const answer = await app.request('GET', url)
        expect([answer.status, answer.text]).toEqual([200, 'Hello'])
        expect(answer.headers.get('content-disposition')).toContain('attachment')
      }
    app.clock.advance(1)
    for (const url of links) expect((await app.request('GET', url)).status).toBe(403)
  })

  test('a link opens its own file only, and not without its token', async () => {
    const { ann, app } = given
    const [one, two] = [await ann.upload('1.txt', 'one'), await ann.upload('2.txt', 'two')]
    const token = new URL(await link(one.file_id)).searchParams.get('download_token') ?? ''
    expect((await app.request('GET', `${one.url}?download_token=${token}`)).text).toBe('one')
    const bent = token.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
    for (const url of [
      `${two.url}?download_token=${token}`,
      `${one.url}?download_token=${bent}`,
      `${one.url}?download_token=`,
    ])
      expect((await app.request('GET', url)).text).not.toMatch(/^(one|two)$/)
  })
})
