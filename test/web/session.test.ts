/** Signing in with a browser, and calls of the API that come with its cookie. */
import { describe, expect, test } from 'bun:test'
import { scenario } from '../dialects/nating/scenario.ts'
import { type Answer, PASSWORD, type RequestOptions } from '../support/app.ts'

const SESSIONS = '/api/v1/uploads/sessions'
const BODY = { filename: 'a', size: 5 }
const CSRF: [number, string] = [403, 'CSRF token invalid.']
const message = ({ status, json }: Answer): [number, string] => [status, json.error ?? json.message]
const cookieOf = ({ headers }: Answer): string => headers.get('set-cookie')?.split(';')[0] ?? ''

describe('signing in', () => {
  const given = scenario({ config: { limits: { rateLimits: true, signInPerMinute: 4 } } })
  const signIn = (body: RequestOptions['body'], headers = {}) =>
    given.app.request('POST', '/web/session', { body, headers })

  test('gives a cookie scripts cannot read, and a CSRF token', async () => {
    const answer = await signIn({ username: 'ann', password: PASSWORD })
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      status: 'ok',
      csrf_token: expect.stringMatching(/^[0-9a-f]{32}$/),
      account: { id: given.ann.account.id, name: 'ann', is_admin: false },
    })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^kist_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1209600$/,
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('works with a form as well, and in any letter case of the name', async () => {
    const form = `username=ANN&password=${encodeURIComponent(PASSWORD)}`
    const answer = await signIn(form, { 'content-type': 'application/x-www-form-urlencoded' })
    expect([answer.status, answer.json.account.name]).toEqual([200, 'ann'])
  })

  test('fails alike for a wrong password, an unknown name and a suspended account', async () => {
    await given.app.core.accounts.change('bob', { status: 'suspended' })
    for (const [username, password] of [
      ['ann', 'wrong password'],
      ['nobody', PASSWORD],
      ['bob', PASSWORD],
    ]) {
      const answer = await signIn({ username, password })
      expect([...message(answer), answer.headers.get('set-cookie')]).toEqual([
        401,
        'Authentication failed.',
        null,
      ])
    }
  })

  test.each<[RequestOptions['body']]>([
    [{}],
    [{ username: 'ann' }],
    [{ username: ['ann'], password: { a: 1 } }],
    [{ username: 'ann', password: 'x'.repeat(10_000) }],
    ['{'],
    ['[]'],
    [{ username: '\u0000', password: '\ud800' }],
  ])('with %j fails', async (body) => {
    expect(message(await signIn(body))).toEqual([401, 'Authentication failed.'])
  })

  test('is refused for a while after too many attempts, right ones too', async () => {
    for (let time = 0; time < 4; time++) {
      expect((await signIn({ username: 'ann', password: 'wrong password' })).status).toBe(401)
    }
    const refused = await signIn({ username: 'ann', password: PASSWORD })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    given.app.clock.advance(60)
    expect((await signIn({ username: 'ann', password: PASSWORD })).status).toBe(200)
  })

  test.each([{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }])(
    'from a page elsewhere (%j) is refused',
    async (headers) => {
      const answer = await signIn({ username: 'ann', password: PASSWORD }, headers)
      expect([...message(answer), answer.headers.get('set-cookie')]).toEqual([...CSRF, null])
    },
  )

  test('with a body without measure is refused', async () => {
    expect((await signIn({ username: 'a'.repeat(20_000) })).status).toBe(413)
  })
})

describe('a browser that signed in', () => {
  const given = scenario()

  const enter = async () => {
    const answer = await given.app.request('POST', '/web/session', {
      body: { username: 'ann', password: PASSWORD },
    })
    return { cookie: cookieOf(answer), csrf: String(answer.json.csrf_token) }
  }
  const call = (method: string, path: string, headers: Record<string, string>, body?: object) =>
    given.app.request(method, path, { headers, body })
  const nextOf = ({ headers }: Answer): string => headers.get('x-csrf-token') ?? ''

  test('is told who it is, and keeps its CSRF token by asking', async () => {
    const { cookie, csrf } = await enter()
    for (let time = 0; time < 2; time++) {
      const answer = await call('GET', '/web/session', { cookie })
      expect([answer.status, answer.json.csrf_token, answer.json.account.name]).toEqual([200, csrf, 'ann'])
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
    expect(message(await call('GET', '/web/session', {}))).toEqual([401, 'Authentication required.'])
  })

  test('reads without a CSRF token', async () => {
    const { cookie } = await enter()
    const answer = await call('GET', '/api/v1/folders', { cookie })
    expect([answer.status, nextOf(answer)]).toEqual([200, ''])
  })

  test('writes with it, and gets the next one', async () => {
    const { cookie, csrf } = await enter()
    const first = await call('POST', SESSIONS, { cookie, 'x-csrf-token': csrf }, BODY)
    expect([first.status, first.json.session.user_id]).toEqual([201, given.ann.account.id])
    expect(nextOf(first)).toMatch(/^[0-9a-f]{32}$/)
    expect(nextOf(first)).not.toBe(csrf)
    const second = await call('POST', SESSIONS, { cookie, 'x-csrf-token': nextOf(first) }, BODY)
    expect(second.status).toBe(201)
  })

  test('may send it as a field of the form', async () => {
    const { cookie, csrf } = await enter()
    const answer = await given.app.request('POST', SESSIONS, {
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: `filename=a&size=5&csrf_token=${csrf}`,
    })
    expect(answer.status).toBe(201)
    const json = await call('POST', SESSIONS, { cookie }, { ...BODY, csrf_token: nextOf(answer) })
    expect(json.status).toBe(201)
  })

  test('writes nothing without it, or with another', async () => {
    const { cookie } = await enter()
    const other = await enter()
    const attempts: Array<Record<string, string>> = [
      { cookie },
      { cookie, 'x-csrf-token': '' },
      { cookie, 'x-csrf-token': '0'.repeat(32) },
      { cookie, 'x-csrf-token': other.csrf },
    ]
    for (const headers of attempts) {
      for (const path of [SESSIONS, '/api/v1/folders', `${SESSIONS}/ups_00000000000000000000/abort`]) {
        expect(message(await call('POST', path, headers, BODY))).toEqual(CSRF)
      }
    }
    expect(await given.app.metadata.uploads.staged()).toEqual([])
  })

  test('may use the token before the last once: an answer was lost on the way', async () => {
    const { cookie, csrf } = await enter()
    const first = await call('POST', SESSIONS, { cookie, 'x-csrf-token': csrf }, BODY)
    const again = await call('POST', SESSIONS, { cookie, 'x-csrf-token': csrf }, BODY)
    expect([again.status, nextOf(again)]).toEqual([201, nextOf(first)])
    expect(message(await call('POST', SESSIONS, { cookie, 'x-csrf-token': csrf }, BODY))).toEqual(CSRF)
    expect((await call('POST', SESSIONS, { cookie, 'x-csrf-token': nextOf(again) }, BODY)).status).toBe(201)
  })

  test('gets the next token with a refusal too', async () => {
    const { cookie, csrf } = await enter()
    let token = csrf
    for (const [path, body, status] of [
      [SESSIONS, {}, 422],
      [`${SESSIONS}/ups_00000000000000000000/complete`, {}, 404],
      [SESSIONS, { filename: '' }, 422],
      ['/api/v1/folders', { name: '' }, 422],
      [SESSIONS, BODY, 201],
    ] as const) {
      const answer = await call('POST', path, { cookie, 'x-csrf-token': token }, body)
      expect([path, answer.status]).toEqual([path, status])
      expect(nextOf(answer)).toMatch(/^[0-9a-f]{32}$/)
      token = nextOf(answer)
    }
  })

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost.evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('is not believed from a page elsewhere (%j), even with the token', async (headers) => {
    const { cookie, csrf } = await enter()
    const all: Record<string, string> = { cookie, 'x-csrf-token': csrf }
    Object.assign(all, headers)
    expect(message(await call('POST', SESSIONS, all, BODY))).toEqual(CSRF)
  })

  test.each([{ origin: 'http://localhost' }, { 'sec-fetch-site': 'same-origin' }, {}])(
    'is believed from a page of this site (%j)',
    async (headers) => {
      const { cookie, csrf } = await enter()
      const all: Record<string, string> = { cookie, 'x-csrf-token': csrf }
      Object.assign(all, headers)
      expect((await call('POST', SESSIONS, all, BODY)).status).toBe(201)
    },
  )

  test('needs no token when it calls with an API token', async () => {
    const { cookie } = await enter()
    const answer = await given.call('POST', SESSIONS, BODY, { headers: { cookie }, token: given.ann.token })
    expect([answer.status, nextOf(answer)]).toEqual([201, ''])
  })

  test('leaves by signing out, with its token only, and its cookie is worth nothing then', async () => {
    const { cookie, csrf } = await enter()
    expect(message(await call('DELETE', '/web/session', { cookie }))).toEqual(CSRF)
    const out = await call('DELETE', '/web/session', { cookie, 'x-csrf-token': csrf })
    expect([out.status, out.json]).toEqual([200, { status: 'ok' }])
    expect(out.headers.get('set-cookie')).toMatch(/^kist_session=; .*Max-Age=0$/)
    expect((await call('GET', '/web/session', { cookie })).status).toBe(401)
    expect((await call('GET', '/api/v1/folders', { cookie })).status).toBe(401)
    expect((await call('DELETE', '/web/session', { cookie })).status).toBe(401)
  })

  test('is signed out by its suspension and two weeks of silence, and by nothing less', async () => {
    const { cookie } = await enter()
    for (let week = 0; week < 6; week++) {
      given.app.clock.advance(8 * 86_400)
      expect((await call('GET', '/web/session', { cookie })).status).toBe(200)
    }
    given.app.clock.advance(14 * 86_400)
    expect((await call('GET', '/web/session', { cookie })).status).toBe(401)
    const later = await enter()
    await given.app.core.accounts.change('ann', { status: 'suspended' })
    expect((await call('GET', '/web/session', { cookie: later.cookie })).status).toBe(401)
  })

  test.each([
    'kist_session=',
    'kist_session=x',
    `kist_session=${'0'.repeat(64)}`,
    `kist_session=${'F'.repeat(64)}`,
    'kist_session={"x":1}',
    `other=${'0'.repeat(64)}`,
    ';;;=;',
  ])('is not one with the cookie %s', async (cookie) => {
    expect((await call('GET', '/web/session', { cookie })).status).toBe(401)
  })

  test('shares its sessions of uploads with the tokens of its account', async () => {
    const { cookie, csrf } = await enter()
    const made = await call('POST', SESSIONS, { cookie, 'x-csrf-token': csrf }, BODY)
    const id = made.json.session.public_id
    expect((await given.call('GET', `${SESSIONS}/${id}`)).status).toBe(200)
  })

  test('is not told of other methods than there are', async () => {
    const answer = await call('PUT', '/web/session', {})
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, DELETE'])
  })
})

describe('behind TLS', () => {
  const SECURE =
    /^__Host-kist_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1209600; Secure$/
  const body = { username: 'ann', password: PASSWORD }

  describe('that the operator names', () => {
    const given = scenario({ config: { server: { publicUrl: 'https://files.example' } } })

    test('the cookie is bound to it', async () => {
      const answer = await given.app.request('POST', '/web/session', { body })
      expect(answer.headers.get('set-cookie')).toMatch(SECURE)
      const cookie = cookieOf(answer)
      expect((await given.app.request('GET', '/web/session', { headers: { cookie } })).status).toBe(200)
      const headers = { cookie, origin: 'https://files.example', 'x-csrf-token': answer.json.csrf_token }
      expect((await given.app.request('POST', SESSIONS, { headers, body: BODY })).status).toBe(201)
    })
  })

  describe('that a trusted proxy ends', () => {
    const given = scenario({ config: { server: { trustedProxies: ['unix'] } } })

    test('the cookie is bound to it when the proxy says https', async () => {
      const sign = (proto: string) =>
        given.app.request('POST', '/web/session', { body, headers: { 'x-forwarded-proto': proto } })
      expect((await sign('https')).headers.get('set-cookie')).toMatch(SECURE)
      expect((await sign('http')).headers.get('set-cookie')).toStartWith('kist_session=')
    })
  })

  describe('that nobody vouches for', () => {
    const given = scenario()

    test('a header changes nothing', async () => {
      const headers = { 'x-forwarded-proto': 'https' }
      const answer = await given.app.request('POST', '/web/session', { body, headers })
      expect(answer.headers.get('set-cookie')).toStartWith('kist_session=')
    })
  })
})
