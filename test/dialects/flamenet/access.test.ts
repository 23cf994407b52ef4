/** Who may call: keys, tiers, and what is told to those who may not. */
import { describe, expect, test } from 'bun:test'
import { FILES, flamenetScenario, NO_ROUTE, NOT_FOUND, type Refusal, refusal } from './scenario.ts'

const given = flamenetScenario()
const MISSING: Refusal = [401, 'missing_api_key']
const INVALID: Refusal = [401, 'invalid_api_key']
const TIER: Refusal = [403, 'insufficient_tier']
const CALLS: Array<[string, string]> = [
  ['GET', FILES],
  ['POST', FILES],
  ['GET', `${FILES}/1`],
  ['DELETE', `${FILES}/1`],
  ['PATCH', `${FILES}/1/rename`],
  ['POST', `${FILES}/1/share`],
  ['DELETE', `${FILES}/1/share`],
  ['GET', `${FILES}/1/download`],
]
const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  given.app.request(method, path, { headers })

describe('a key', () => {
  test.each<[Record<string, string>, Refusal]>([
    [{}, MISSING],
    [{ authorization: '' }, MISSING],
    [{ authorization: 'Bearer' }, INVALID],
    [{ authorization: 'Bearer null' }, INVALID],
    [{ authorization: 'Basic YTpi' }, INVALID],
    [{ authorization: `Bearer fn_${'0'.repeat(48)}` }, INVALID],
    [{ authorization: 'Bearer a b' }, INVALID],
  ])('%j is refused by every call', async (headers, expected) => {
    for (const [method, path] of CALLS)
      expect([method, path, refusal(await ask(method, path, headers))]).toEqual([method, path, expected])
  })

  test('goes into a header or into the query; the header wins', async () => {
    const { key } = given
    expect(key).toMatch(/^fn_[0-9a-f]{48}$/)
    const good = [
      await ask('GET', FILES, { authorization: `Bearer ${key}` }),
      await ask('GET', FILES, { authorization: `bearer  ${key} ` }),
      await ask('GET', `${FILES}?api_key=${key}`),
      await ask('GET', `${FILES}?page=1&api_key=${key}`),
      await ask('GET', `${FILES}?api_key=wrong`, { authorization: `Bearer ${key}` }),
    ]
    expect(good.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(refusal(await ask('GET', `${FILES}?api_key=wrong`))).toEqual(INVALID)
    expect(refusal(await ask('GET', `${FILES}?api_key=`))).toEqual(MISSING)
    const wrongHeader = await ask('GET', `${FILES}?api_key=${key}`, { authorization: 'Bearer wrong' })
    expect(refusal(wrongHeader)).toEqual(INVALID)
  })

  test('that was revoked, or of a suspended account, is invalid', async () => {
    const { token, secrets } = await given.app.core.tokens.issue(given.ann.account, { kind: 'flamenet' })
    const authorization = `Bearer ${secrets[0]}`
    expect((await ask('GET', FILES, { authorization })).status).toBe(200)
    await given.app.core.tokens.revoke(token.id)
    expect(refusal(await ask('GET', FILES, { authorization }))).toEqual(INVALID)
    await given.app.core.accounts.change('ann', { status: 'suspended' })
    expect(refusal(await given.call('GET', FILES))).toEqual(INVALID)
  })
})

describe('a tier', () => {
  test.each<[string, boolean]>([
    ['Free', false],
    ['Bronze', false],
    ['Silver', true],
    ['Gold', true],
    ['Admin', true],
  ])('%s may call: %p', async (packageName, allowed) => {
    const key = await given.keyOf(await given.app.account('cid', { packageName }))
    for (const [method, path] of CALLS) {
      const answer = await ask(method, path, { authorization: `Bearer ${key}` })
      if (!allowed) expect([method, path, refusal(answer)]).toEqual([method, path, TIER])
      else expect([method, path, [401, 403].includes(answer.status)]).toEqual([method, path, false])
    }
  })

  test('that is lowered stops the key at once, and links stay', async () => {
    const { id } = await given.file()
    const { json } = await given.call('POST', `${FILES}/${id}/share`)
    await given.app.core.accounts.change('ann', { packageName: 'Bronze' })
    expect(refusal(await given.call('GET', FILES))).toEqual(TIER)
    expect((await given.app.request('GET', json.share_url)).status).toBe(200)
  })
})

describe('an address', () => {
  test.each<[string, string]>([
    ['GET', `${FILES}/abc`],
    ['GET', `${FILES}/-1`],
    ['GET', `${FILES}/1.5`],
    ['GET', `${FILES}/0x1`],
    ['GET', `${FILES}/%31%zz`],
    ['GET', `${FILES}/%E0%A4%A`],
    ['GET', `${FILES}/1%00`],
    ['GET', `${FILES}/٣`],
    ['DELETE', `${FILES}/abc`],
    ['PATCH', `${FILES}/abc/rename`],
    ['POST', `${FILES}/abc/share`],
    ['DELETE', `${FILES}/abc/share`],
    ['GET', `${FILES}/abc/download`],
    ['GET', '/api/flamenet/v1/videos'],
    ['GET', '/api/flamenet/v2/files'],
    ['GET', '/api/flamenet'],
    ['GET', `${FILES}/1/rename`],
    ['PUT', `${FILES}/1`],
    ['PATCH', FILES],
    ['DELETE', FILES],
    ['POST', `${FILES}/1/download`],
    ['GET', `${FILES}/1/share/x`],
  ])('%s %s has no route, with a key and without', async (method, path) => {
    for (const answer of [await given.call(method, path), await ask(method, path)])
      expect([path, refusal(answer)]).toEqual([path, NO_ROUTE])
  })

  test.each(['0', '999999', '007', '9'.repeat(15), '9'.repeat(16), '9'.repeat(400)])(
    'of the id %s is an address of no file',
    async (id) => {
      const { id: own } = await given.file()
      expect(own).toBe(1)
      const calls: Array<[string, string, object?]> = [
        ['GET', ''],
        ['DELETE', ''],
        ['PATCH', '/rename', { name: 'a.txt' }],
        ['POST', '/share', {}],
        ['DELETE', '/share'],
        ['GET', '/download'],
      ]
      for (const [method, rest, body] of calls)
        expect([method, rest, refusal(await given.call(method, `${FILES}/${id}${rest}`, body))]).toEqual([
          method,
          rest,
          NOT_FOUND,
        ])
      expect((await given.call('GET', `${FILES}/1`)).status).toBe(200)
    },
  )

  test('may have a slash at the end or not', async () => {
    for (const path of [FILES, `${FILES}/`]) expect((await given.call('GET', path)).status).toBe(200)
  })

  test("of another's file, or of one in the trash, is an address of no file", async () => {
    const { id } = await given.file()
    const other = await given.keyOf(given.bob)
    const body = { name: 'a.txt' }
    for (const [method, path] of CALLS.slice(2))
      expect([path, refusal(await given.call(method, path, body, { token: other }))]).toEqual([
        path,
        NOT_FOUND,
      ])
    expect((await given.call('GET', `${FILES}/${id}`)).json.file_name).toBe('report.pdf')
    await given.app.core.files.trash(given.ann.account, id)
    for (const [method, path] of CALLS.slice(2))
      expect([path, refusal(await given.call(method, path, body))]).toEqual([path, NOT_FOUND])
  })
})

describe('other sites', () => {
  test.each([FILES, '/files/?fnf_share=x', '/files?fnf_share=x', '/storage/dl/1'])(
    'may ask for %s',
    async (path) => {
      const answer = await ask('OPTIONS', path, { 'access-control-request-headers': 'authorization, range' })
      expect(answer.status).toBe(204)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('access-control-allow-headers')).toBe('authorization, range')
      expect((await ask('GET', path)).headers.get('access-control-allow-origin')).toBe('*')
    },
  )
})

describe('too many calls', () => {
  const limited = flamenetScenario({ config: { limits: { rateLimits: true, otherPerMinute: 5 } } })
  test('of one key are refused, and told when to come back', async () => {
    for (let time = 0; time < 5; time++) expect((await limited.call('GET', FILES)).status).toBe(200)
    limited.app.clock.advance(10)
    const refused = await limited.call('GET', FILES)
    expect([refusal(refused), refused.headers.get('retry-after')]).toEqual([[429, 'rate_limited'], '50'])
    const other = await limited.keyOf(limited.ann)
    expect((await limited.call('GET', FILES, null, { token: other })).status).toBe(200)
    limited.app.clock.advance(50)
    expect((await limited.call('GET', FILES)).status).toBe(200)
  })
})
