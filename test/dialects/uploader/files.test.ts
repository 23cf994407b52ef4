/** The files of an account: their list, deletion by key, and taking anonymous ones over. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/app.ts'
import { LISTED, refusal, storedBytes, uploaderScenario } from './scenario.ts'

const given = uploaderScenario()
const NOT_FOUND: [number, string] = [404, 'File not found']
const WRONG_KEY: [number, string] = [400, 'Invalid unique key']

const list = async (token: string, path = '/api/get_files'): Promise<Answer['json']> => {
  const answer = await given.request('GET', path, { token })
  expect(answer.status).toBe(200)
  return answer.json
}
const names = async (token: string): Promise<string[]> =>
  (await list(token)).data.map(({ user_filename }: { user_filename: string }) => user_filename)
const usedBy = async (name: string): Promise<number> =>
  (await given.app.core.accounts.getByName(name)).storageUsed
const remove = (url: string, key?: string, method = 'GET'): Promise<Answer> =>
  given.request(method, `/api/delete/${url}${key === undefined ? '' : `?key=${key}`}`)

describe('the list', () => {
  test('of nothing is empty', async () => {
    expect(await list(await given.signIn('ann'))).toEqual({
      status: 'success',
      message: 'files got successfully',
      username: 'ann',
      data: [],
    })
  })

  test('has the fields of the reference, in the order the files came', async () => {
    const token = await given.signIn('ann')
    const first = (await given.upload('test.mp4', 'one', { token, query: '?include_ext=true' })).json
    given.app.clock.advance(3 * 86_400 + 0.5)
    await given.upload('test1.mp4', 'three', { token })
    await given.upload('foreign.mp4', 'x')
    await given.upload('bobs.mp4', 'x', { token: await given.signIn('bob') })
    for (const path of ['/api/get_files', '/api/getFiles']) {
      const { data } = await list(token, path)
      expect(data.map((item: object) => Object.keys(item).sort())).toEqual([LISTED, LISTED])
      expect(data[0]).toEqual({
        file_url: first.file_url,
        file_url_full: `http://localhost/file/${first.file_url}`,
        key: first.key,
        ext: '.mp4',
        user_filename: 'test.mp4',
        creation_date: '1.1.2030',
        synced: true,
        size: '3B',
        craeted_at: first.craeted_at,
        created_at: first.created_at,
      })
      expect(data[1]).toMatchObject({
        user_filename: 'test1.mp4',
        creation_date: '4.1.2030',
        created_at: first.created_at + 3 * 86_400 + 0.5,
      })
    }
  })

  test('of many files is whole', async () => {
    const token = await given.signIn('ann')
    for (let file = 0; file < 130; file++) await given.upload(`f${file}.txt`, 'x', { token })
    expect(await names(token)).toEqual(Array.from({ length: 130 }, (_, file) => `f${file}.txt`))
  })

  test('does not know what was trashed or deleted', async () => {
    const token = await given.signIn('ann')
    const [a, b] = [await given.upload('a.txt', 'x', { token }), await given.upload('b.txt', 'x', { token })]
    await given.upload('c.txt', 'x', { token })
    const file = await given.app.metadata.files.findBySlug(a.json.file_url)
    await given.app.core.files.trash(given.ann, file?.id ?? 0)
    await remove(b.json.file_url, b.json.key)
    expect(await names(token)).toEqual(['c.txt'])
  })
})

describe('deleting by key', () => {
  test.each(['GET', 'DELETE'])('with %s is for good: no record, no bytes, no charge', async (method) => {
    const token = await given.signIn('ann')
    const { file_url, key } = (await given.upload('a.txt', 'hello', { token })).json
    const answer = await remove(file_url, key, method)
    expect([answer.status, answer.json]).toEqual([200, { status: 'success', message: 'deleted' }])
    expect(answer.headers.get('x-robots-tag')).toBe('noindex')
    expect(await usedBy('ann')).toBe(0)
    expect(await given.app.metadata.files.findBySlug(file_url)).toBeNull()
    expect((await given.request('GET', `/file/${file_url}`)).status).toBe(404)
    expect(refusal(await remove(file_url, key, method))).toEqual(NOT_FOUND)
    await given.app.core.sweeper.sweep()
    expect(storedBytes(given.app)).toBe(0)
  })

  test('of an anonymous file needs nothing else', async () => {
    const { file_url, key } = (await given.upload('a.txt')).json
    expect((await remove(file_url, key.toUpperCase())).status).toBe(200)
  })

  test('with HEAD does nothing', async () => {
    const { file_url, key } = (await given.upload('a.txt')).json
    const answer = await remove(file_url, key, 'HEAD')
    expect([answer.status, answer.text]).toEqual([405, ''])
    expect((await given.request('GET', `/file/${file_url}`)).status).toBe(200)
  })

  test('looks for the file first, then at the key', async () => {
    const { file_url, key } = (await given.upload('a.txt')).json
    const other = (await given.upload('b.txt')).json
    const wrong = [undefined, '', 'x', other.key, key.replaceAll('-', ''), `${key}x`, '0'.repeat(36), '%00']
    for (const one of wrong) {
      const answer = await remove(file_url, one)
      expect([one, ...refusal(answer)]).toEqual([one, ...WRONG_KEY])
      expect(answer.headers.get('x-robots-tag')).toBe('noindex')
    }
    const nowhere = [
      '0000000zzz',
      `${file_url}x`,
      `${file_url}.txt`,
      file_url.slice(1),
      'x',
      '%00',
      '%E0%A4%A',
      '..%2f..%2fx',
    ]
    for (const one of nowhere) {
      expect([one, ...refusal(await remove(one, key))]).toEqual([one, ...NOT_FOUND])
      expect([one, ...refusal(await remove(one))]).toEqual([one, ...NOT_FOUND])
    }
    expect((await given.request('GET', `/file/${file_url}`)).status).toBe(200)
  })

  test('needs the extension where it is part of the address', async () => {
    const { file_url, key } = (await given.upload('a.mp4', 'x', { query: '?include_ext=true' })).json
    expect(refusal(await remove(file_url.slice(0, 10), key))).toEqual(NOT_FOUND)
    expect((await remove(file_url, key)).status).toBe(200)
  })

  test('of a file in the trash is not possible', async () => {
    const { file_url, key } = (await given.upload('a.txt', 'x', { token: await given.signIn('ann') })).json
    const file = await given.app.metadata.files.findBySlug(file_url)
    await given.app.core.files.trash(given.ann, file?.id ?? 0)
    expect(refusal(await remove(file_url, key))).toEqual(NOT_FOUND)
    expect(await usedBy('ann')).toBe(1)
  })

  test('by twenty at once succeeds once', async () => {
    const { file_url, key } = (await given.upload('a.txt')).json
    const answers = await Promise.all(Array.from({ length: 20 }, () => remove(file_url, key)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(19)
  })

  test('without a file is no route', async () => {
    expect(refusal(await given.request('GET', '/api/delete'))).toEqual([404, 'Not found'])
    expect(refusal(await given.request('GET', '/api/delete/'))).toEqual([404, expect.any(String)])
  })
})

describe('taking anonymous files over', () => {
  const anonymous = async (name: string, body = 'hello', query = '') => {
    const { json } = await given.upload(name, body, { query })
    return { file_url: json.file_url as string, key: json.key as string }
  }
  const transfer = async (token: string, data: unknown): Promise<Answer> =>
    given.post('/api/transfer', { data }, { token })

  test('makes them files of the account', async () => {
    const token = await given.signIn('ann')
    const data = [await anonymous('a.txt'), await anonymous('b.t x', 'hi', '?include_ext=true')]
    const answer = await transfer(token, data)
    expect([answer.status, answer.json]).toEqual([
      200,
      { status: 'success', message: 'files transferred', unsuccess: [] },
    ])
    expect(await names(token)).toEqual(['a.txt', 'b.t x'])
    expect((await list(token)).data.map(({ key }: { key: string }) => key)).toEqual(
      data.map(({ key }) => key),
    )
    expect(await usedBy('ann')).toBe(7)
    for (const { file_url } of data)
      expect((await given.request('GET', `/file/${file_url}`)).status).toBe(200)
  })

  test('names those it could not take, and takes the others', async () => {
    await given.app.core.packages.set('Gold', { max_storage_bytes: '10' })
    const token = await given.signIn('ann')
    const [good, wrongKey, large, again] = [
      await anonymous('good.txt'),
      await anonymous('key.txt'),
      await anonymous('large.txt', 'x'.repeat(11)),
      await anonymous('again.txt', 'x'),
    ]
    const bobs = (await given.upload('bob.txt', 'x', { token: await given.signIn('bob') })).json
    const own = (await given.upload('own.txt', 'x', { token })).json
    const answer = await transfer(token, [
      good,
      { ...wrongKey, key: good.key },
      large,
      { file_url: '0000000zzz', key: good.key },
      { file_url: bobs.file_url, key: bobs.key },
      { file_url: own.file_url, key: own.key },
      { file_url: '%', key: good.key },
      again,
      again,
    ])
    expect(answer.json.unsuccess).toEqual([
      { file_url: wrongKey.file_url, message: 'Invalid unique key' },
      { file_url: large.file_url, message: 'Storage quota exceeded' },
      { file_url: '0000000zzz', message: 'File not found' },
      { file_url: bobs.file_url, message: 'File not found' },
      { file_url: own.file_url, message: 'File not found' },
      { file_url: '%', message: 'File not found' },
      { file_url: again.file_url, message: 'File not found' },
    ])
    expect((await names(token)).sort()).toEqual(['again.txt', 'good.txt', 'own.txt'])
    expect([await usedBy('ann'), await usedBy('bob')]).toEqual([7, 1])
  })

  test('by two accounts at once gives each file to one', async () => {
    const [ann, bob] = [await given.signIn('ann'), await given.signIn('bob')]
    const data = await Promise.all(Array.from({ length: 10 }, (_, file) => anonymous(`f${file}.txt`)))
    const answers = await Promise.all([transfer(ann, data), transfer(bob, data)])
    const failed = answers.flatMap(({ json }) => json.unsuccess)
    expect(failed).toHaveLength(10)
    expect((await names(ann)).length + (await names(bob)).length).toBe(10)
    expect((await usedBy('ann')) + (await usedBy('bob'))).toBe(50)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'x'],
    ['an object', { file_url: 'x', key: 'y' }],
    ['a list of texts', ['x']],
    ['a list with null', [null]],
    ['an entry without key', [{ file_url: 'x' }]],
    ['an entry of numbers', [{ file_url: 5, key: 5 }]],
    ['a thousand and one', Array(1001).fill({ file_url: 'x', key: 'y' })],
  ])('of %s is refused', async (_what, data) => {
    const answer = await transfer(await given.signIn('ann'), data)
    expect([answer.status, answer.json.status]).toEqual([400, 'error'])
  })

  test('of an empty list takes nothing', async () => {
    expect((await transfer(await given.signIn('ann'), [])).json.unsuccess).toEqual([])
  })
})
