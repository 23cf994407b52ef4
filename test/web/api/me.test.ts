/** Who is signed in, registration, and the frame of the application. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { buildWeb } from '../../../scripts/build-web.ts'
import { createTestApp, PASSWORD } from '../../support/app.ts'
import { site } from '../site.ts'
import { callerOf, refusal } from './calls.ts'

if (!(await Bun.file(join(import.meta.dir, '../../../dist/web/manifest.json')).exists())) await buildWeb()

const given = site()

test('an account sees what it is, has and may', async () => {
  await given.file()
  const { json } = await (await callerOf(given)).get('/web/me')
  expect(json).toMatchObject({
    account: { name: 'ann', isAdmin: false, defaultVisibility: 1 },
    csrf: expect.stringMatching(/^[0-9a-f]{32}$/),
    package: { name: 'Gold', canUpload: true },
    usage: { stored: 3000, reserved: 0 },
    site: { name: 'Kist', origin: 'http://localhost' },
  })
  expect(Object.keys(json.account)).toEqual(['id', 'name', 'isAdmin', 'defaultVisibility'])
})

describe('registration', () => {
  const register = (body: object) => given.send('POST', '/web/register', { body })

  test('makes an account and signs it in', async () => {
    const answer = await register({ username: 'carol', password: PASSWORD, email: 'carol@example.org' })
    expect(answer.json).toMatchObject({
      account: { name: 'carol', isAdmin: false },
      package: { name: 'Free' },
    })
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await given.get('/web/me', { cookie })).json.account.name).toBe('carol')
  })

  test.each<[object, number, string]>([
    [{ username: 'ANN', password: PASSWORD }, 409, 'The name ANN is already in use.'],
    [{ username: 'dave', password: 'short' }, 400, 'A password has at least 8 characters.'],
    [
      { username: '', password: PASSWORD },
      400,
      expect.stringContaining('A user name has') as unknown as string,
    ],
    [{ username: 'dave', password: PASSWORD, email: 'x' }, 400, 'That is not an e-mail address.'],
    [{ password: PASSWORD }, 400, 'The value of "username" is not valid.'],
  ])('of %j is refused', async (body, status, message) => {
    expect(refusal(await register(body))).toEqual([status, message])
  })

  test('can be closed', async () => {
    const app = await createTestApp({ config: { registration: { enabled: false } } })
    const body = { username: 'carol', password: PASSWORD }
    expect(refusal(await app.request('POST', '/web/register', { body }))).toEqual([
      403,
      'Registration is closed on this site.',
    ])
    const page = await app.request('GET', '/register')
    expect(page.text).toContain('&quot;registration&quot;:false')
    await app.close()
  })

  test('is slowed down', async () => {
    const app = await createTestApp({ config: { limits: { rateLimits: true, signInPerMinute: 2 } } })
    const codes: number[] = []
    for (let time = 0; time < 3; time++)
      codes.push(
        (await app.request('POST', '/web/register', { body: { username: '', password: '' } })).status,
      )
    expect(codes).toEqual([400, 400, 429])
    await app.close()
  })
})

describe('the pages of the application', () => {
  const PLACES = [
    '/files',
    '/files/',
    '/files/folder/1',
    '/files/search?q=x',
    '/trash',
    '/shares',
    '/requests',
    '/downloads',
    '/imports',
    '/account',
    '/account/tokens',
    '/admin',
    '/admin/users',
  ]

  test('send who is not signed in to the sign-in, and remember the way', async () => {
    for (const path of PLACES) {
      const { status, headers } = await given.get(path)
      expect([path, status, headers.get('location')]).toEqual([
        path,
        303,
        `/sign-in?to=${encodeURIComponent(path)}`,
      ])
    }
  })

  test('are a frame with what the script needs, under a strict policy', async () => {
    const { cookie } = await given.signIn('ann')
    for (const path of PLACES) {
      const { status, headers, text } = await given.get(path, { cookie })
      expect([path, status]).toEqual([path, 200])
      expect(headers.get('cache-control')).toBe('no-store')
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).not.toContain('unsafe')
      expect(text).toContain('&quot;name&quot;:&quot;ann&quot;')
      expect(text).not.toMatch(/<script(?! type="module" src="\/assets\/)|style=|onclick/)
    }
  })

  test('for signing in are there for those who are not, and lead on those who are', async () => {
    const { cookie } = await given.signIn('ann')
    for (const path of ['/sign-in', '/register']) {
      expect((await given.get(path)).status).toBe(200)
      expect((await given.get(path, { cookie })).headers.get('location')).toBe('/files')
    }
  })

  test('what is shared by the other API at the same address still is', async () => {
    const file = await given.file()
    const { token } = await given.app.core.shares.share(given.ann, file.id, null)
    expect((await given.get(`/files/?fnf_share=${token}`)).bytes.length).toBe(3000)
  })
})
