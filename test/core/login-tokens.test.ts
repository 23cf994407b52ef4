import { describe, expect, test } from 'bun:test'
import { type CoreUnderTest, coresUnderTest, faultOf } from './core-under-test.ts'

const open = coresUnderTest()
const DAY = 86_400
const PASSWORD = 'correct horse'

async function withAccount(): Promise<CoreUnderTest> {
  const product = await open()
  await product.account('ann')
  return product
}
const isLive = ({ core }: CoreUnderTest, id: string): Promise<boolean> =>
  core.loginTokens.authenticate(id).then(
    () => true,
    () => false,
  )

describe('a sign-in', () => {
  test('lives for five days, that of a program for half a year', async () => {
    const product = await withAccount()
    for (const [isBot, days] of [
      [false, 5],
      [true, 180],
    ] as const) {
      const { token, account } = await product.core.loginTokens.login('ann', PASSWORD, isBot, '192.0.2.1')
      expect(token).toMatchObject({ accountId: account.id, isBot, createdAt: product.clock.now() })
      expect(token.expiresAt.getTime() - token.createdAt.getTime()).toBe(days * DAY * 1000)
      product.clock.advance(days * DAY - 1)
      expect(await isLive(product, token.id)).toBe(true)
      product.clock.advance(1)
      await faultOf(product.core.loginTokens.authenticate(token.id), 'credential_expired')
      await faultOf(product.core.loginTokens.authenticate(token.id), 'credential_unknown')
    }
  })

  test('survives a restart, and so does the key that signs it', async () => {
    const product = await withAccount()
    const { token } = await product.core.loginTokens.login('ann', PASSWORD, false, '192.0.2.1')
    const again = await product.restart()
    expect((await again.loginTokens.authenticate(token.id)).account.name).toBe('ann')
    expect(Buffer.from(again.loginTokens.key)).toEqual(Buffer.from(product.core.loginTokens.key))
    expect(product.core.loginTokens.key.length).toBe(32)
  })

  test('tells an unknown name from a wrong password', async () => {
    const { core } = await withAccount()
    await faultOf(core.loginTokens.login('bob', PASSWORD, false, '192.0.2.1'), 'account_not_found')
    for (const wrong of ['', 'Correct horse', `${PASSWORD} `])
      await faultOf(core.loginTokens.login('ann', wrong, false, '192.0.2.1'), 'wrong_password')
    await faultOf(core.loginTokens.login('ann', 'x'.repeat(5000), false, '192.0.2.1'), 'wrong_password')
  })

  test('of an account that is not active is none', async () => {
    const product = await withAccount()
    const { token } = await product.core.loginTokens.login('ann', PASSWORD, false, '192.0.2.1')
    for (const status of ['suspended', 'disabled', 'pending'] as const) {
      await product.core.accounts.change('ann', { status })
      await faultOf(product.core.loginTokens.login('ann', PASSWORD, false, '192.0.2.1'), 'wrong_password')
      await faultOf(product.core.loginTokens.authenticate(token.id), 'credential_unknown')
      await faultOf(product.core.loginTokens.refresh(token.id), 'credential_unknown')
    }
    await product.core.accounts.change('ann', { status: 'active' })
    expect(await isLive(product, token.id)).toBe(true)
  })

  test('ends with its account', async () => {
    const product = await withAccount()
    const { token } = await product.core.loginTokens.login('ann', PASSWORD, false, '192.0.2.1')
    await product.core.accounts.delete('ann')
    await faultOf(product.core.loginTokens.authenticate(token.id), 'credential_unknown')
  })

  test('is one of ten, and what has ended takes no place', async () => {
    const product = await withAccount()
    const signIn = async (isBot = false) => {
      product.clock.advance(1)
      return (await product.core.loginTokens.login('ann', PASSWORD, isBot, '192.0.2.1')).token.id
    }
    const bots: string[] = []
    for (let count = 0; count < 9; count++) bots.push(await signIn(true))
    await signIn()
    product.clock.advance(6 * DAY)
    await signIn()
    expect(await Promise.all(bots.map((id) => isLive(product, id)))).toEqual(Array(9).fill(true))
    await signIn()
    expect(await Promise.all(bots.map((id) => isLive(product, id)))).toEqual([false, ...Array(8).fill(true)])
  })

  test('of twenty at once leaves ten', async () => {
    const product = await withAccount()
    const made = await Promise.all(
      Array.from({ length: 20 }, () => product.core.loginTokens.login('ann', PASSWORD, false, '192.0.2.1')),
    )
    const live = await Promise.all(made.map(({ token }) => isLive(product, token.id)))
    expect(live.filter(Boolean)).toHaveLength(10)
  })
})

describe('registering', () => {
  test('makes an account of the usual package, whatever the password', async () => {
    const product = await open({ defaultPackage: 'Bronze' })
    const { account, token } = await product.core.loginTokens.register('My cool username', 'x', true)
    expect(account).toMatchObject({ name: 'My cool username', email: null, status: 'active', isAdmin: false })
    expect((await product.core.packages.get(account.packageId)).name).toBe('Bronze')
    expect(token.isBot).toBe(true)
    await faultOf(product.core.loginTokens.register('my COOL username', 'y', false), 'name_taken')
    await faultOf(product.core.loginTokens.register('bob', '', false), 'invalid')
    await faultOf(product.core.loginTokens.register('', 'x', false), 'invalid')
  })
})

describe('renewing', () => {
  test('gives a token of the same kind for the whole time, and ends the old one', async () => {
    const product = await withAccount()
    for (const isBot of [false, true]) {
      const { token } = await product.core.loginTokens.login('ann', PASSWORD, isBot, '192.0.2.1')
      product.clock.advance(DAY)
      const { token: next, account } = await product.core.loginTokens.refresh(token.id)
      expect([next.isBot, account.name, next.id === token.id]).toEqual([isBot, 'ann', false])
      expect(next.expiresAt.getTime() - token.expiresAt.getTime()).toBe(DAY * 1000)
      await faultOf(product.core.loginTokens.authenticate(token.id), 'credential_unknown')
      expect(await isLive(product, next.id)).toBe(true)
    }
  })

  test('of what ended fails, and of one by many at once succeeds once', async () => {
    const product = await withAccount()
    const { token } = await product.core.loginTokens.login('ann', PASSWORD, false, '192.0.2.1')
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => product.core.loginTokens.refresh(token.id)),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { token: old } = await product.core.loginTokens.login('ann', PASSWORD, false, '192.0.2.1')
    product.clock.advance(5 * DAY)
    await faultOf(product.core.loginTokens.refresh(old.id), 'credential_expired')
    await faultOf(product.core.loginTokens.refresh(old.id), 'credential_unknown')
  })
})

describe('signing out', () => {
  test('ends one sign-in, and twice is fine', async () => {
    const product = await withAccount()
    const { token } = await product.core.loginTokens.login('ann', PASSWORD, false, '192.0.2.1')
    const { token: other } = await product.core.loginTokens.login('ann', PASSWORD, false, '192.0.2.1')
    for (let time = 0; time < 2; time++) await product.core.loginTokens.logout(token.id)
    expect([await isLive(product, token.id), await isLive(product, other.id)]).toEqual([false, true])
  })
})
