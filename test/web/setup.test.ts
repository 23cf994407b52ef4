/** The first administrator, made in a browser by whoever can read the server's output. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createTestApp, PASSWORD, type RequestOptions, type TestApp } from '../support/app.ts'

let app: TestApp
let token = ''
beforeEach(async () => {
  app = await createTestApp({ config: { limits: { rateLimits: true, signInPerMinute: 5 } } })
  token = (await app.core.setup.token()) ?? ''
})
afterEach(async () => {
  try {
    expect(await app.problems()).toEqual([])
  } finally {
    await app.close()
  }
})

const GONE = 'This set-up link is not valid any more. Restart the server for a new one.'
const send = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  app.request('POST', '/setup', {
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })
const look = (value: string, options?: RequestOptions) =>
  app.request('GET', `/setup?token=${encodeURIComponent(value)}`, options)

describe('the set-up page', () => {
  test('shows a form to whoever has the link', async () => {
    const answer = await look(token)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(answer.text).toContain('<form method="post" action="/setup">')
    expect(answer.text).toContain(`name="token" value="${token}"`)
    // Not no-referrer: browsers would then send the form with the origin "null".
    expect(answer.headers.get('referrer-policy')).toBe('same-origin')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('makes an administrator who can sign in, once', async () => {
    const made = await send({ token, username: 'root', password: PASSWORD })
    expect([made.status, made.headers.get('location'), made.text]).toEqual([303, '/admin', ''])
    const cookie = made.headers.get('set-cookie')?.split(';')[0] ?? ''
    const session = await app.request('GET', '/web/session', { headers: { cookie } })
    expect(session.json.account).toMatchObject({ name: 'root', is_admin: true })
    const noted = await app.core.audit.list(null)
    expect(noted.entries).toMatchObject([{ action: 'account.added', actorName: 'root' }])
    const signedIn = await app.request('POST', '/web/session', {
      body: { username: 'root', password: PASSWORD },
    })
    expect(signedIn.json.account).toMatchObject({ name: 'root', is_admin: true })
    for (const answer of [await look(token), await send({ token, username: 'two', password: PASSWORD })]) {
      expect(answer.status).toBe(403)
      expect(answer.text).toContain(GONE)
    }
    expect(await app.core.accounts.list()).toHaveLength(1)
    expect(await app.core.setup.token()).toBeNull()
  })

  test('is closed where an administrator exists already', async () => {
    await app.core.accounts.create({ name: 'first', password: PASSWORD, isAdmin: true })
    expect((await look(token)).text).toContain(GONE)
  })

  test('stays open where only other accounts exist', async () => {
    await app.account('ann')
    expect((await look(token)).status).toBe(200)
  })

  test.each(['', 'x', '0'.repeat(48), "'><script>", '\u0000', 'ä'.repeat(1000)])(
    'is closed to the token %.20j',
    async (wrong) => {
      const answer = await look(wrong)
      expect(answer.status).toBe(403)
      expect(answer.text).toContain(GONE)
      expect((await send({ token: wrong, username: 'root', password: PASSWORD })).status).toBe(403)
      expect(await app.core.accounts.list()).toEqual([])
    },
  )

  test.each([
    [{ username: '', password: PASSWORD }, 'A user name has 1 to 64 letters'],
    [{ username: '<b>x</b>', password: PASSWORD }, 'A user name has 1 to 64 letters'],
    [{ username: 'root', password: 'short' }, 'A password has at least 8 characters.'],
    [{ username: 'root' }, 'A password has at least 8 characters.'],
  ])('shows the form again when %j is wrong, and keeps the link good', async (fields, problem) => {
    const answer = await send({ token, ...fields } as Record<string, string>)
    expect(answer.status).toBe(422)
    expect(answer.text).toContain('<p role="alert">')
    expect(answer.text).toContain(problem)
    expect(answer.text).toContain(`name="token" value="${token}"`)
    expect((await send({ token, username: 'root', password: PASSWORD })).status).toBe(303)
  })

  test('shows what a visitor wrote as text, never as markup', async () => {
    const name = `"><script>alert(1)</script><b a='`
    const answer = await send({ token, username: name, password: PASSWORD })
    expect(answer.text).not.toContain('<script>')
    expect(answer.text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;b a=&#39;')
  })

  test('names a name that is taken', async () => {
    await app.account('ann')
    const answer = await send({ token, username: 'Ann', password: PASSWORD })
    expect(answer.status).toBe(422)
    expect(answer.text).toContain('already in use')
  })

  test('asked twice at once makes one administrator', async () => {
    const answers = await Promise.all(
      ['one', 'two'].map((username) => send({ token, username, password: PASSWORD })),
    )
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(await app.core.accounts.list()).toHaveLength(1)
  })

  test('takes nothing from a page elsewhere', async () => {
    const answer = await send(
      { token, username: 'root', password: PASSWORD },
      { origin: 'https://evil.example' },
    )
    expect(answer.status).toBe(403)
    expect(await app.core.accounts.list()).toEqual([])
  })

  test('counts attempts by address', async () => {
    for (let time = 0; time < 5; time++) {
      expect((await send({ token: 'x', username: 'a', password: PASSWORD })).status).toBe(403)
    }
    const refused = await send({ token, username: 'root', password: PASSWORD })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
  })

  test('reads no body without measure', async () => {
    expect((await send({ token, username: 'a'.repeat(20_000), password: PASSWORD })).status).toBe(413)
  })
})
