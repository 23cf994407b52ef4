import { describe, expect, test } from 'bun:test'
import { fingerprint } from '../../src/core/signer.ts'
import { WEB_SESSION_TTL } from '../../src/core/web-sessions.ts'
import { type CoreUnderTest, coresUnderTest, failOnce, faultOf } from './core-under-test.ts'

const open = coresUnderTest()

async function signedIn() {
  const product = await open()
  const account = await product.account('ann')
  const { cookie, csrf } = await product.core.webSessions.signIn('ann', 'correct horse')
  return { product, account, cookie, csrf }
}

/** The browser as it is now; fails when it is not signed in. */
async function browser({ core }: CoreUnderTest, cookie: string) {
  const found = await core.webSessions.authenticate(cookie, '10.0.0.1')
  if (!found) throw new Error('not signed in')
  return found
}

describe('a browser', () => {
  test('is signed in by name and password, and its cookie is kept as a hash only', async () => {
    const { product, account, cookie, csrf } = await signedIn()
    const { principal, session } = await browser(product, cookie)
    expect(principal).toEqual({
      actor: `user:${account.id}`,
      account,
      tokenId: null,
      scopes: null,
      ip: '10.0.0.1',
    })
    expect(cookie).toMatch(/^[0-9a-f]{64}$/)
    expect(csrf).toMatch(/^[0-9a-f]{32}$/)
    expect(JSON.stringify(session)).not.toContain(cookie)
    expect(await product.metadata.webSessions.findByHash(cookie)).toBeNull()
    expect((await product.metadata.webSessions.findByHash(fingerprint(cookie)))?.session).toEqual(session)
    await faultOf(product.core.webSessions.signIn('ann', 'wrong password'), 'bad_credentials')
  })

  test('with another cookie is a stranger', async () => {
    const { product, cookie } = await signedIn()
    for (const wrong of ['', 'x', cookie.slice(1), `${cookie}0`, fingerprint(cookie)])
      expect(await product.core.webSessions.authenticate(wrong, '')).toBeNull()
  })

  test('that signs out is a stranger at once; others stay', async () => {
    const { product, cookie } = await signedIn()
    const other = await product.core.webSessions.signIn('ann', 'correct horse')
    await product.core.webSessions.signOut(cookie)
    await product.core.webSessions.signOut(cookie)
    expect(await product.core.webSessions.authenticate(cookie, '')).toBeNull()
    await browser(product, other.cookie)
  })

  test('of a suspended account is a stranger', async () => {
    const { product, account, cookie } = await signedIn()
    await product.metadata.accounts.update(account.id, { status: 'suspended' })
    expect(await product.core.webSessions.authenticate(cookie, '')).toBeNull()
  })
})

describe('the life of a browser session', () => {
  test('ends on the second, two weeks after the last use', async () => {
    const { product, cookie } = await signedIn()
    product.clock.advance(WEB_SESSION_TTL)
    expect(await product.core.webSessions.authenticate(cookie, '')).toBeNull()
  })

  test('slides when less than half of it is left, and not before', async () => {
    const { product, cookie } = await signedIn()
    const start = product.clock.now().getTime()
    const end = async () => ((await browser(product, cookie)).session.expiresAt.getTime() - start) / 1000
    product.clock.advance(WEB_SESSION_TTL / 2)
    await browser(product, cookie)
    expect(await end()).toBe(WEB_SESSION_TTL)
    product.clock.advance(1)
    await browser(product, cookie)
    expect(await end()).toBe(WEB_SESSION_TTL * 1.5 + 1)
    product.clock.advance(WEB_SESSION_TTL - 1)
    await browser(product, cookie)
    product.clock.advance(WEB_SESSION_TTL)
    expect(await product.core.webSessions.authenticate(cookie, '')).toBeNull()
  })

  test('goes on when it cannot be written down', async () => {
    const { product, cookie } = await signedIn()
    product.clock.advance(WEB_SESSION_TTL / 2 + 1)
    failOnce(product.metadata.webSessions, 'extend')
    await browser(product, cookie)
    expect(product.log.events).toEqual(['warn browser_session_not_extended'])
  })
})

describe('a CSRF token', () => {
  /** Uses a token; the one to use next, or null when it is refused. */
  async function use(product: CoreUnderTest, cookie: string, token: string | null): Promise<string | null> {
    const { session } = await browser(product, cookie)
    const outcome = product.core.webSessions.verifyCsrf(session, token)
    return outcome.catch(async () => {
      await faultOf(outcome, 'csrf_invalid')
      return null
    })
  }

  test('is replaced by each use', async () => {
    const { product, cookie, csrf } = await signedIn()
    const second = await use(product, cookie, csrf)
    const third = await use(product, cookie, second)
    expect(new Set([csrf, second, third]).size).toBe(3)
    expect((await browser(product, cookie)).session.csrf).toBe(third ?? '')
  })

  test('is accepted once more after it was replaced, which changes nothing', async () => {
    const { product, cookie, csrf } = await signedIn()
    const second = await use(product, cookie, csrf)
    expect(await use(product, cookie, csrf)).toBe(second)
    expect(await use(product, cookie, csrf)).toBeNull()
    const third = await use(product, cookie, second)
    expect(await use(product, cookie, second)).toBe(third)
  })

  test('before the one before is refused', async () => {
    const { product, cookie, csrf } = await signedIn()
    const second = await use(product, cookie, csrf)
    await use(product, cookie, second)
    expect(await use(product, cookie, csrf)).toBeNull()
  })

  test('that is missing, wrong or another browser’s is refused and changes nothing', async () => {
    const { product, cookie, csrf } = await signedIn()
    const other = await product.core.webSessions.signIn('ann', 'correct horse')
    for (const wrong of [null, '', 'x', csrf.toUpperCase().concat('0'), other.csrf])
      expect(await use(product, cookie, wrong)).toBeNull()
    expect(await use(product, cookie, csrf)).not.toBeNull()
    expect(await use(product, other.cookie, other.csrf)).not.toBeNull()
  })

  test('used by three requests at once is accepted twice: as the current one and as the one before', async () => {
    const { product, cookie, csrf } = await signedIn()
    const answers = await Promise.all([1, 2, 3].map(() => use(product, cookie, csrf)))
    const accepted = answers.filter((answer) => answer !== null)
    expect(accepted).toHaveLength(2)
    expect(new Set(accepted).size).toBe(1)
  })
})

describe('the sessions of an account', () => {
  test('say from where they were last used, and end one by one or all but one', async () => {
    const { product, account, cookie } = await signedIn()
    const { webSessions } = product.core
    product.clock.advance(1)
    const phone = await webSessions.signIn('ann', 'correct horse', {
      ip: '192.0.2.7',
      userAgent: 'Phone\u0000 1',
    })
    expect((await webSessions.list(account))[0]).toMatchObject({ ip: '192.0.2.7', userAgent: 'Phone 1' })
    product.clock.advance(300)
    const { session } = await browser(product, cookie)
    expect((await webSessions.list(account))[0]).toMatchObject({ id: session.id, ip: '10.0.0.1' })
    expect(await webSessions.endOthers(session)).toBe(1)
    expect(await webSessions.authenticate(phone.cookie, '')).toBeNull()
    await webSessions.end(account, session.id)
    await faultOf(webSessions.end(account, session.id), 'token_not_found')
    expect(await webSessions.authenticate(cookie, '')).toBeNull()
  })

  test('a use that cannot be noted signs nobody out', async () => {
    const { product, cookie } = await signedIn()
    product.clock.advance(300)
    failOnce(product.metadata.webSessions, 'touch')
    await browser(product, cookie)
    expect(product.log.events).toEqual(['warn browser_session_use_not_noted'])
  })

  test('a new password ends the others', async () => {
    const { product, account, cookie } = await signedIn()
    const other = await product.core.webSessions.signIn('ann', 'correct horse')
    const { session } = await browser(product, cookie)
    const change = { next: 'battery staple', keptSessionId: session.id }
    await faultOf(product.core.accounts.changePassword(account, { ...change, next: 'short' }), 'invalid')
    await product.core.accounts.changePassword(account, change)
    await browser(product, cookie)
    expect(await product.core.webSessions.authenticate(other.cookie, '')).toBeNull()
    await faultOf(product.core.webSessions.signIn('ann', 'correct horse'), 'bad_credentials')
    await product.core.webSessions.signIn('ann', 'battery staple')
  })

  test('a CSRF token that is checked and not replaced is good as often as it is shown', async () => {
    const { product, cookie, csrf } = await signedIn()
    const { session } = await browser(product, cookie)
    for (let call = 0; call < 3; call++) product.core.webSessions.checkCsrf(session, csrf)
    for (const wrong of [null, '', 'x', `${csrf}0`])
      expect(() => product.core.webSessions.checkCsrf(session, wrong)).toThrow('CSRF token invalid.')
  })
})
