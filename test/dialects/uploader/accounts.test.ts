/** Accounts of the uploader: making one, signing in, renewing and ending a sign-in. */
import { describe, expect, test } from 'bun:test'
import { type Answer, PASSWORD, type RequestOptions } from '../../support/app.ts'
import { AUTH_ERRORS, authRefusal, headerOf, payloadOf, refusal, uploaderScenario } from './scenario.ts'

const given = uploaderScenario()
const FIVE_DAYS = 432_000
const HALF_A_YEAR = 15_552_000
const now = (): number => given.app.clock.now().getTime() / 1000

/** Status, number and message of a refusal of the sign-in calls. */
const numbered = (answer: Answer): [number, number, string] => {
  const [status, message] = refusal(answer, 'errorId')
  return [status, answer.json.errorId, message]
}
const login = (username: unknown, password: unknown = PASSWORD, query = '') =>
  given.post(`/api/login${query}`, { username, password })
const register = (username: unknown, password: unknown = PASSWORD, query = '') =>
  given.post(`/api/register${query}`, { username, password })
const isGood = async (token: string): Promise<boolean> =>
  (await given.request('GET', '/api/get_files', { token })).status === 200

const NOTHING_GIVEN: [number, number, string] = [400, 2, 'No username/password provided']
const TAKEN: [number, number, string] = [400, 1, 'An account with this name is already registered']
const WRONG: [number, number, string] = [400, 3, 'Wrong password']
const NOBODY: [number, number, string] = [404, 4, 'User not found']
const NO_TOKEN: [number, number, string] = [400, 5, 'No access token provided']

describe('registering and signing in', () => {
  test('are answered with the fields of the reference', async () => {
    const registered = await register('My cool username', 'My cool password')
    const signedIn = await login('My cool username', 'My cool password')
    for (const [answer, message] of [
      [registered, 'registred'],
      [signedIn, 'logged in with password'],
    ] as const) {
      expect([answer.status, answer.json]).toEqual([
        200,
        {
          status: 'success',
          accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
          username: 'My cool username',
          message,
        },
      ])
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(await isGood(answer.json.accessToken)).toBe(true)
    }
    const account = await given.app.core.accounts.getByName('my cool username')
    expect(account).toMatchObject({ name: 'My cool username', email: null, isAdmin: false })
    expect((await given.app.core.packages.get(account.packageId)).name).toBe('Free')
  })

  test.each<[string, RequestOptions['body'], string]>([
    ['nothing', null, 'application/json'],
    ['an empty object', {}, 'application/json'],
    ['a name alone', { username: 'ann' }, 'application/json'],
    ['a password alone', { password: PASSWORD }, 'application/json'],
    ['a blank name', { username: ' ', password: PASSWORD }, 'application/json'],
    ['a blank password', { username: 'ann', password: '' }, 'application/json'],
    ['null', { username: null, password: null }, 'application/json'],
    ['numbers', { username: 5, password: 5 }, 'application/json'],
    ['lists', { username: ['ann'], password: [PASSWORD] }, 'application/json'],
    ['broken JSON', '{', 'application/json'],
    ['a JSON text', '"ann"', 'application/json'],
    ['an empty form', 'x=y', 'application/x-www-form-urlencoded'],
  ])('with %s lack what they need', async (_what, body, type) => {
    for (const path of ['/api/login', '/api/register']) {
      const answer = await given.post(path, body, { headers: { 'content-type': type } })
      expect([path, ...numbered(answer)]).toEqual([path, ...NOTHING_GIVEN])
    }
  })

  test('take forms as well', async () => {
    const body = `username=ann&password=${encodeURIComponent(PASSWORD)}`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await given.post('/api/login', body, { headers })).status).toBe(200)
  })

  test('know names in any letter case, and keep them as they were typed', async () => {
    for (const name of ['ann', 'ANN', ' Ann ']) expect(numbered(await register(name))).toEqual(TAKEN)
    const answer = await login('ANN')
    expect([answer.status, answer.json.username]).toEqual([200, 'ann'])
  })

  test('take short passwords, and no wrong ones', async () => {
    expect((await register('cid', 'x')).status).toBe(200)
    expect((await login('cid', 'x')).status).toBe(200)
    for (const wrong of ['X', 'xx', ' x', 'x ', 'x\u0000'])
      expect(numbered(await login('cid', wrong))).toEqual(WRONG)
  })

  test('a password counts to its last character', async () => {
    const longest = 'p'.repeat(1024)
    expect((await register('cid', longest)).status).toBe(200)
    expect((await login('cid', longest)).status).toBe(200)
    expect(numbered(await login('cid', `${longest}x`))).toEqual(WRONG)
    const longer = await register('dan', `${longest}x`)
    expect([longer.status, longer.json.status]).toEqual([400, 'error'])
  })

  test.each(['nobody', 'nobody@x', '\u0000', '\ud800', 'x'.repeat(10_000), "ann' OR 1=1 --"])(
    'of %j finds nobody',
    async (name) => {
      expect(numbered(await login(name))).toEqual(NOBODY)
    },
  )

  test.each(['<script>', '\u0000', '\u202enna', 'x'.repeat(65), '-ann', 'a/b'])(
    'the name %j can not be had',
    async (name) => {
      const answer = await register(name)
      expect([answer.status, answer.json.status]).toEqual([400, 'error'])
      expect(answer.json.message).toContain('user name')
    },
  )

  test('a suspended account is told that its password is wrong, and its tokens are unknown', async () => {
    const token = await given.signIn('ann')
    await given.app.core.accounts.change('ann', { status: 'suspended' })
    expect(numbered(await login('ann'))).toEqual(WRONG)
    expect(authRefusal(await given.request('GET', '/api/get_files', { token }))).toEqual(AUTH_ERRORS.unknown)
    await given.app.core.accounts.change('ann', { status: 'active' })
    expect(await isGood(token)).toBe(true)
  })

  test('of one name by twenty at once makes one account', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => register('cid')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(numbered(answer)).toEqual(TAKEN)
  })

  test('by another method is not there', async () => {
    const answer = await given.request('GET', '/api/login')
    expect([refusal(answer), answer.headers.get('allow')]).toEqual([[405, 'Method not allowed'], 'POST'])
  })
})

describe('an access token', () => {
  test('is a JWT whose payload says when it ends', async () => {
    given.app.clock.advance(0.25)
    const jwt = await given.signIn('ann')
    expect(headerOf(jwt)).toEqual({ alg: 'HS256', typ: 'JWT' })
    expect(payloadOf(jwt)).toEqual({
      user_id: given.ann.id,
      ExpiresAt: now() + FIVE_DAYS,
      jti: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(Number.isInteger(payloadOf(jwt).ExpiresAt)).toBe(false)
    expect(payloadOf(await given.signIn('ann')).jti).not.toBe(payloadOf(jwt).jti)
  })

  test.each<[string, number]>([
    ['', FIVE_DAYS],
    ['?bot=false', FIVE_DAYS],
    ['?bot=', FIVE_DAYS],
    ['?bot=true', HALF_A_YEAR],
    ['?bot=True', HALF_A_YEAR],
  ])('asked for with %j lives %d seconds', async (query, seconds) => {
    const answers = [await register('cid', PASSWORD, query), await login('ann', PASSWORD, query)]
    for (const { json } of answers) expect(payloadOf(json.accessToken).ExpiresAt).toBe(now() + seconds)
    const token = answers[1]?.json.accessToken
    given.app.clock.advance(seconds - 1)
    expect(await isGood(token)).toBe(true)
    given.app.clock.advance(1)
    const ended = await given.request('GET', '/api/get_files', { token })
    expect(authRefusal(ended)).toEqual(AUTH_ERRORS.expired)
    const again = await given.request('GET', '/api/get_files', { token })
    expect(authRefusal(again)).toEqual(AUTH_ERRORS.unknown)
  })

  test('that ended is told so for weeks, though the sweeper comes by', async () => {
    const token = await given.signIn('ann')
    given.app.clock.advance(FIVE_DAYS + 20 * 86_400)
    await given.app.core.sweeper.sweep()
    const ended = await given.request('GET', '/api/get_files', { token })
    expect(authRefusal(ended)).toEqual(AUTH_ERRORS.expired)
  })

  test('is one of ten: the oldest gives way, whatever its kind', async () => {
    const bot = await given.signIn('ann', '?bot=true')
    const tokens: string[] = []
    for (let time = 0; time < 10; time++) {
      given.app.clock.advance(1)
      tokens.push(await given.signIn('ann'))
    }
    expect(await isGood(bot)).toBe(false)
    expect(await Promise.all(tokens.map(isGood))).toEqual(Array(10).fill(true))
    const foreign = await given.signIn('bob')
    given.app.clock.advance(1)
    await given.signIn('ann')
    expect(await isGood(tokens[0] ?? '')).toBe(false)
    expect(await isGood(foreign)).toBe(true)
  })
})

describe('renewing', () => {
  const refresh = (accessToken: unknown) => given.post('/api/refresh_token', { accessToken })

  test.each<[string, (token: string) => string]>([
    ['bare', (token) => token],
    ['with Bearer', (token) => `Bearer ${token}`],
    ['with bearer and blanks', (token) => ` bearer   ${token} `],
  ])('a token sent %s gives a new one, and the old one is dead', async (_how, write) => {
    const old = await given.signIn('ann')
    given.app.clock.advance(100)
    const answer = await refresh(write(old))
    expect([answer.status, answer.json]).toEqual([
      200,
      { status: 'success', accessToken: expect.any(String), message: 'token refreshed' },
    ])
    expect(payloadOf(answer.json.accessToken).ExpiresAt).toBe(now() + FIVE_DAYS)
    expect([await isGood(old), await isGood(answer.json.accessToken)]).toEqual([false, true])
    expect(authRefusal(await refresh(old))).toEqual(AUTH_ERRORS.unknown)
  })

  test('keeps the lifetime of a bot', async () => {
    const answer = await refresh(await given.signIn('ann', '?bot=true'))
    expect(payloadOf(answer.json.accessToken).ExpiresAt).toBe(now() + HALF_A_YEAR)
  })

  test('without a token says so', async () => {
    for (const body of [
      {},
      { accessToken: '' },
      { accessToken: ' ' },
      { accessToken: 5 },
      '{',
      null,
      { accessToken: 'Bearer ' },
    ])
      expect(numbered(await given.post('/api/refresh_token', body))).toEqual(NO_TOKEN)
  })

  test('with a bad token says what is wrong with it', async () => {
    expect(authRefusal(await refresh('null'))).toEqual(AUTH_ERRORS.unreadable)
    const token = await given.signIn('ann')
    given.app.clock.advance(FIVE_DAYS)
    expect(authRefusal(await refresh(token))).toEqual(AUTH_ERRORS.expired)
    expect(authRefusal(await refresh(token))).toEqual(AUTH_ERRORS.unknown)
  })

  test('by ten at once succeeds once', async () => {
    const token = await given.signIn('ann')
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(token)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(authRefusal(answer)).toEqual(AUTH_ERRORS.unknown)
  })
})

describe('signing out', () => {
  test('ends this token and no other', async () => {
    const [token, other] = [await given.signIn('ann'), await given.signIn('ann')]
    const answer = await given.post('/api/logout', null, { token })
    expect([answer.status, answer.json]).toEqual([200, { status: 'success', message: 'logged out' }])
    expect([await isGood(token), await isGood(other)]).toEqual([false, true])
    expect(authRefusal(await given.post('/api/logout', null, { token }))).toEqual(AUTH_ERRORS.unknown)
  })
})
