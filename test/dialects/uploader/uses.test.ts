/** Files that can be fetched a number of times. */
import { describe, expect, test } from 'bun:test'
import { type Answer, PASSWORD } from '../../support/app.ts'
import { refusal, storedBytes, uploaderScenario } from './scenario.ts'

const given = uploaderScenario()
const made = async (uses: number | string, body = 'hello'): Promise<Answer['json']> => {
  const answer = await given.upload('a.txt', body, { query: `?max_uses=${uses}` })
  expect(answer.status).toBe(200)
  return answer.json
}
const fetch = (url: string, method = 'GET', headers = {}) =>
  given.request(method, `/file/${url}`, { headers })
const statuses = async (count: number, ask: () => Promise<Answer>): Promise<number[]> => {
  const found: number[] = []
  for (let time = 0; time < count; time++) found.push((await ask()).status)
  return found
}

describe('a file with a number of uses', () => {
  test.each([1, 3])('of %d is gone after so many', async (uses) => {
    const { file_url } = await made(uses)
    expect(await statuses(uses + 2, () => fetch(file_url))).toEqual([...Array(uses).fill(200), 404, 404])
  })

  test('of no bytes is gone as well', async () => {
    const { file_url } = await made(2, '')
    expect(await statuses(3, () => fetch(file_url))).toEqual([200, 200, 404])
  })

  test('is not used by HEAD, by what is not modified, or by a range it does not have', async () => {
    const { file_url } = await made(1)
    const etag = (await fetch(file_url, 'HEAD')).headers.get('etag') ?? ''
    expect(await statuses(5, () => fetch(file_url, 'HEAD'))).toEqual(Array(5).fill(200))
    expect((await fetch(file_url, 'GET', { 'if-none-match': etag })).status).toBe(304)
    expect((await fetch(file_url, 'GET', { range: 'bytes=100-' })).status).toBe(416)
    expect((await fetch(file_url, 'GET', { 'if-match': '"x"' })).status).toBe(412)
    expect(await statuses(2, () => fetch(file_url))).toEqual([200, 404])
    expect((await fetch(file_url, 'HEAD')).status).toBe(404)
  })

  test('is used by any range, once for all ranges that one client puts together', async () => {
    const { file_url } = await made(1)
    for (const range of ['bytes=3-4', 'bytes=0-0', 'bytes=1-2'])
      expect((await fetch(file_url, 'GET', { range })).status).toBe(206)
    expect((await fetch(file_url, 'GET', { range: 'bytes=1-1' })).status).toBe(404)
  })

  test('asked for by fifty at once serves exactly as many as it has', async () => {
    const { file_url } = await made(10)
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(file_url)))
    expect(answers.filter(({ status }) => status === 200).map(({ text }) => text)).toEqual(
      Array(10).fill('hello'),
    )
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(40)
  })

  test('is used up for everybody: its owner, its page, its list, its key', async () => {
    const token = await given.signIn('ann')
    const answer = await given.upload('a.txt', 'hello', { token, query: '?max_uses=1' })
    const { file_url, key } = answer.json
    const list = async () => (await given.request('GET', '/api/get_files', { token })).json.data.length
    const signedIn = await given.post('/web/session', { username: 'ann', password: PASSWORD })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(await list()).toBe(1)
    expect((await given.request('GET', `/${file_url}`)).status).toBe(200)
    expect((await fetch(file_url, 'GET', { cookie })).status).toBe(200)
    expect((await fetch(file_url, 'GET', { cookie })).status).toBe(404)
    expect((await given.request('GET', `/${file_url}`)).status).toBe(404)
    expect(await list()).toBe(0)
    expect(refusal(await given.request('GET', `/api/delete/${file_url}?key=${key}`))).toEqual([
      404,
      'File not found',
    ])
  })

  test('that are used up is removed by the sweeper, and discharged', async () => {
    const token = await given.signIn('ann')
    const { json } = await given.upload('a.txt', 'hello', { token, query: '?max_uses=1' })
    await made(5)
    await fetch(json.file_url)
    expect(await given.app.core.sweeper.sweep()).toMatchObject({ files: 1, objects: 1 })
    expect(storedBytes(given.app)).toBe(5)
    expect((await given.app.core.accounts.get(given.ann.id)).storageUsed).toBe(0)
  })

  test('can be deleted before', async () => {
    const { file_url, key } = await made(5)
    expect((await given.request('GET', `/api/delete/${file_url}?key=${key}`)).status).toBe(200)
    expect((await fetch(file_url)).status).toBe(404)
  })
})

describe('max_uses', () => {
  test.each(['0', '-1', '10001', '1.5', 'x', '1e3', '0x10', 'NaN', '99999999999999999999'])(
    '%s is refused, before the file is looked at',
    async (value) => {
      const answer = await given.upload('a', 'x', { query: `?max_uses=${value}` })
      expect(refusal(answer)).toEqual([400, 'Invalid max_uses parameter'])
      expect(storedBytes(given.app)).toBe(0)
    },
  )

  test.each(['1', '10000', '', '%205%20'])('%j is fine', async (value) => {
    expect((await given.upload('a.txt', 'x', { query: `?max_uses=${value}` })).status).toBe(200)
  })
})
