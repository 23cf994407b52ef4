/** Every call that comes with the session cookie is guarded: generated from the table of routes. */
import { describe, expect, test } from 'bun:test'
import { site } from '../site.ts'

const given = site()

/** An administrator, for whom no call is forbidden. */
async function signInBoss() {
  await given.app.account('boss', { isAdmin: true })
  return given.signIn('boss')
}

/** Those that need nobody to be signed in, and are guarded by the origin alone. */
const WITHOUT_SESSION = ['POST /web/session', 'POST /web/register']
/** What is below /web belongs to browsers alone. */
const cookieRoutes = (): Array<{ method: string; path: string }> =>
  given.app.http.routes
    .filter(({ method, path }) => path.startsWith('/web/') && method !== 'GET')
    .map(({ method, path }) => ({ method, path: path.replace(/:\w+/g, '1') }))

describe('every call below /web that changes something', () => {
  test('is in the table', () => {
    expect(cookieRoutes().length).toBeGreaterThan(20)
  })

  test('is refused without a session', async () => {
    for (const { method, path } of cookieRoutes()) {
      if (WITHOUT_SESSION.includes(`${method} ${path}`)) continue
      const { status } = await given.send(method, path, { body: {} })
      expect([method, path, status]).toEqual([method, path, 401])
    }
  })

  test.each([
    ['no token', {}],
    ['a wrong token', { 'x-csrf-token': '0'.repeat(32) }],
    ['an empty token', { 'x-csrf-token': '' }],
  ])('is refused with %s', async (_name, headers) => {
    const { cookie } = await signInBoss()
    for (const { method, path } of cookieRoutes()) {
      if (WITHOUT_SESSION.includes(`${method} ${path}`)) continue
      const { status, json } = await given.send(method, path, { body: {}, headers: { cookie, ...headers } })
      expect([method, path, status, json.message]).toEqual([method, path, 403, 'CSRF token invalid.'])
    }
  })

  test.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['no origin of its own', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }],
  ])('is refused with %s, whatever its token', async (_name, headers) => {
    const { cookie, csrf } = await signInBoss()
    for (const { method, path } of cookieRoutes()) {
      const sent = { cookie, 'x-csrf-token': csrf, ...headers }
      const { status, json } = await given.send(method, path, { body: {}, headers: sent })
      expect([method, path, status, json.message]).toEqual([method, path, 403, 'CSRF token invalid.'])
    }
  })

  test('is refused with the token of somebody else', async () => {
    const { cookie } = await given.signIn('ann')
    const { csrf } = await given.signIn('bob')
    const headers = { cookie, 'x-csrf-token': csrf }
    const { status } = await given.send('POST', '/web/folders', { body: { name: 'x' }, headers })
    expect(status).toBe(403)
  })
})

test('calls that only look need a session and no token', async () => {
  const { cookie } = await given.signIn('ann')
  for (const path of [
    '/web/me',
    '/web/folders/top/entries',
    '/web/folders/top/ids',
    '/web/search?q=a',
    '/web/trash',
    '/web/uploads',
    '/web/shares',
    '/web/requests',
    '/web/imports',
    '/web/downloads',
  ]) {
    expect([path, (await given.get(path)).status]).toEqual([path, 401])
    const { status, headers } = await given.get(path, { cookie })
    expect([path, status, headers.get('cache-control')]).toEqual([path, 200, 'no-store'])
  }
})

test('one token is good for many calls at the same time', async () => {
  const { cookie, csrf } = await given.signIn('ann')
  const headers = { cookie, 'x-csrf-token': csrf }
  const make = (name: string) => given.send('POST', '/web/folders', { body: { name }, headers })
  const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(make))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
})

test('after a call of the API has moved the token on, the one before is still good', async () => {
  const { cookie, csrf } = await given.signIn('ann')
  const headers = { cookie, 'x-csrf-token': csrf }
  const moved = await given.send('POST', '/api/v1/uploads/sessions', {
    body: { filename: 'a', size: 5 },
    headers,
  })
  expect(moved.status).toBe(201)
  expect((await given.send('POST', '/web/folders', { body: { name: 'x' }, headers })).status).toBe(200)
})

test('a body that is no JSON, or too long, is refused', async () => {
  const { cookie, csrf } = await given.signIn('ann')
  const headers = { cookie, 'x-csrf-token': csrf }
  expect((await given.send('POST', '/web/folders', { body: '{', headers })).status).toBe(400)
  const long = JSON.stringify({ name: 'x'.repeat(2_100_000) })
  expect((await given.send('POST', '/web/folders', { body: long, headers })).status).toBe(413)
})
