/** How often one may ask: per token, per account and per address, over a sliding minute. */
import { describe, expect, test } from 'bun:test'
import { type Answer, PASSWORD } from '../../support/app.ts'
import { MANAGED, refusal, SESSIONS, scenario } from './scenario.ts'

const TOKEN: [number, string] = [429, 'API token rate limit exceeded.']
const USER: [number, string] = [429, 'User API rate limit exceeded.']
const IP: [number, string] = [429, 'IP rate limit exceeded.']
const BODY = { filename: 'a', size: 5 }

const LIMITS = {
  createPerMinute: 3,
  managedPerMinute: 2,
  completePerMinute: 2,
  otherPerMinute: 5,
  partUploadsPerMinute: 2,
}

describe('with limits', () => {
  const given = scenario({
    config: { limits: { rateLimits: true, ...LIMITS }, server: { trustedProxies: ['unix', '10.0.0.0/8'] } },
  })
  /** Every request from an address of its own, unless one is given. */
  let last = 0
  const from = (token: string | undefined, method: string, path: string, address?: string): Promise<Answer> =>
    given.app.request(method, path, {
      token,
      body: method === 'POST' ? BODY : null,
      headers: { 'x-forwarded-for': address ?? `192.0.2.${++last % 250}` },
    })
  const create = (token: string | undefined, address?: string) => from(token, 'POST', SESSIONS, address)
  const statuses = async (count: number, ask: () => Promise<Answer>): Promise<number[]> => {
    const found: number[] = []
    for (let time = 0; time < count; time++) found.push((await ask()).status)
    return found
  }
  const inNetwork = (network: string) => {
    let end = 1
    return () => create(undefined, `${network}::${(end++).toString(16)}`)
  }
  test('a network of IPv6 counts as one address', async () => {
    const [ask, elsewhere] = [inNetwork('2001:db8:0:1'), inNetwork('2001:db8:0:2')]
    expect(await statuses(7, ask)).toEqual([201, 201, 201, 201, 201, 201, 429])
    expect((await elsewhere()).status).toBe(201)
  })
  const anotherToken = async (): Promise<string> => {
    const issued = await given.app.core.tokens.issue(given.ann.account, { kind: 'nating', scopes: ['*'] })
    return issued.secrets[0] ?? ''
  }

  test('a token may ask as often as it says, and is told when to come back', async () => {
    expect(await statuses(3, () => create(given.ann.token))).toEqual([201, 201, 201])
    given.app.clock.advance(20)
    const refused = await create(given.ann.token)
    expect(refusal(refused)).toEqual(TOKEN)
    expect(refused.headers.get('retry-after')).toBe('40')
  })

  test('the minute slides', async () => {
    for (let time = 0; time < 3; time++) {
      expect((await create(given.ann.token)).status).toBe(201)
      given.app.clock.advance(20)
    }
    expect((await create(given.ann.token)).status).toBe(201)
    expect(refusal(await create(given.ann.token))).toEqual(TOKEN)
    given.app.clock.advance(19)
    expect(refusal(await create(given.ann.token))).toEqual(TOKEN)
    given.app.clock.advance(1)
    expect((await create(given.ann.token)).status).toBe(201)
  })

  test('what was refused does not count', async () => {
    await statuses(3, () => create(given.ann.token))
    await statuses(20, () => create(given.ann.token))
    given.app.clock.advance(60)
    expect(await statuses(3, () => create(given.ann.token))).toEqual([201, 201, 201])
  })

  test('an account may ask three times as often, over all its tokens', async () => {
    for (let token = 0; token < 3; token++) {
      const secret = await anotherToken()
      expect(await statuses(3, () => create(secret))).toEqual([201, 201, 201])
    }
    expect(refusal(await create(await anotherToken()))).toEqual(USER)
    expect((await create(given.bob.token)).status).toBe(201)
  })

  test('an address may ask twice as often, over all accounts', async () => {
    const address = '198.51.100.7'
    expect(await statuses(3, () => create(given.ann.token, address))).toEqual([201, 201, 201])
    expect(await statuses(3, () => create(given.bob.token, address))).toEqual([201, 201, 201])
    const third = (await given.app.account('cid')).token
    expect(refusal(await create(third, address))).toEqual(IP)
    expect((await create(third, '198.51.100.8')).status).toBe(201)
  })

  test('guests are counted by their address', async () => {
    expect(await statuses(6, () => create(undefined, '198.51.100.9'))).toEqual(Array(6).fill(201))
    expect(refusal(await create(undefined, '198.51.100.9'))).toEqual(IP)
  })

  test('entries a client wrote into X-Forwarded-For change nothing', async () => {
    const address = '198.51.100.7'
    for (let time = 0; time < 6; time++) {
      expect((await create(undefined, `203.0.113.${time}, ${address}, 10.0.0.${time}`)).status).toBe(201)
    }
    expect(refusal(await create(undefined, `203.0.113.99, ${address}`))).toEqual(IP)
  })

  test('every kind of call has a bucket of its own', async () => {
    const { token } = given.ann
    const id = 'ups_00000000000000000000'
    const calls: Array<[string, string, number]> = [
      ['POST', SESSIONS, 3],
      ['POST', MANAGED, 2],
      ['POST', `${SESSIONS}/${id}/complete`, 2],
      ['POST', `${SESSIONS}/${id}/abort`, 2],
      ['GET', '/api/v1/downloads/1/link', 2],
      ['POST', `${SESSIONS}/${id}/parts/upload/1`, 2],
      ['GET', '/api/v1/files/1', 5],
    ]
    for (const [method, path, limit] of calls) {
      const found = await statuses(limit + 1, () => from(token, method, path))
      expect([path, found.map((status) => status === 429)]).toEqual([
        path,
        [...Array(limit).fill(false), true],
      ])
    }
    const shared = ['/api/v1/folders', `${SESSIONS}/${id}`]
    for (const path of shared) expect(refusal(await from(token, 'GET', path))).toEqual(TOKEN)
  })

  test('bytes sent to signed URLs are not counted', async () => {
    const made = await from(given.ann.token, 'POST', MANAGED)
    for (let time = 0; time < 10; time++) {
      const put = await given.app.request('PUT', made.json.parts[0].url, { body: 'Hello' })
      expect(put.status).toBe(200)
    }
  })

  test('fifty requests at once get exactly what is allowed', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(given.ann.token)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(47)
  })
})

describe('a browser that asks too often', () => {
  const given = scenario({ config: { limits: { rateLimits: true, createPerMinute: 1 } } })

  test('gets its next CSRF token all the same', async () => {
    const body = { username: 'ann', password: PASSWORD }
    const signedIn = await given.app.request('POST', '/web/session', { body })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    let csrf: string = signedIn.json.csrf_token
    const found: number[] = []
    for (let time = 0; time < 6; time++) {
      const headers = { cookie, 'x-csrf-token': csrf }
      const answer = await given.app.request('POST', SESSIONS, { headers, body: BODY })
      found.push(answer.status)
      csrf = answer.headers.get('x-csrf-token') ?? ''
    }
    expect(found).toEqual([201, 201, 429, 429, 429, 429])
  })
})

describe('an untrusted peer', () => {
  const given = scenario({ config: { limits: { rateLimits: true, ...LIMITS } } })

  test('cannot choose its address', async () => {
    const ask = (address: string) =>
      given.app.request('POST', SESSIONS, { body: BODY, headers: { 'x-forwarded-for': address } })
    for (let time = 0; time < 6; time++) expect((await ask(`192.0.2.${time}`)).status).toBe(201)
    expect(refusal(await ask('192.0.2.99'))).toEqual(IP)
  })
})

describe('without limits', () => {
  const given = scenario({ config: { limits: { rateLimits: false, ...LIMITS } } })

  test('nobody is counted', async () => {
    const found: number[] = []
    for (let time = 0; time < 20; time++) found.push((await given.call('GET', '/api/v1/folders')).status)
    expect(new Set(found)).toEqual(new Set([200]))
  })
})
