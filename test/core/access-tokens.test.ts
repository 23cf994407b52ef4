import { describe, expect, test } from 'bun:test'
import { type CoreUnderTest, coresUnderTest, faultOf } from './core-under-test.ts'

const open = coresUnderTest()
const PASSWORD = 'correct horse'

const signIn = ({ core }: CoreUnderTest, name: string, password: string, ip = '10.0.0.1') =>
  core.accessTokens.authorise({ kind: 'password', name, password }, ip)

async function withAccount() {
  const product = await open()
  return { product, ann: await product.account('ann') }
}

describe('signing in for an access token', () => {
  test('by password or by both keys gives a secret that opens the account', async () => {
    const { product, ann } = await withAccount()
    const { secrets } = await product.core.tokens.issue(ann, { kind: 'yetishare' })
    const [key1 = '', key2 = ''] = secrets
    const byKeys = await product.core.accessTokens.authorise({ kind: 'keys', key1, key2 }, '10.0.0.1')
    const byPassword = await signIn(product, 'ann', PASSWORD)
    for (const { secret } of [byKeys, byPassword]) {
      expect(secret).toMatch(/^[0-9a-f]{128}$/)
      expect((await product.core.accessTokens.authenticate(secret, '')).account.id).toBe(ann.id)
    }
    for (const keys of [
      { key1: key2, key2: key1 },
      { key1, key2: '' },
      { key1: '', key2 },
    ])
      await faultOf(product.core.accessTokens.authorise({ kind: 'keys', ...keys }, ''), 'bad_credentials')
  })

  test('is locked for a network of IPv6 as for an address of IPv4', async () => {
    const { product } = await withAccount()
    for (const end of ['1', '2', 'a:b:c:d', 'ffff', '0'])
      await faultOf(
        signIn(product, 'ann', 'wrong password', `2001:db8:0:1::${end}`.replace('::a', ':a')),
        'bad_credentials',
      )
    await faultOf(signIn(product, 'ann', PASSWORD, '2001:db8:0:1::77'), 'bad_credentials')
    expect((await signIn(product, 'ann', PASSWORD, '2001:db8:0:2::1')).account.name).toBe('ann')
  })

  test('is locked for fifteen minutes after five failures, whatever the letter case of the name', async () => {
    const { product } = await withAccount()
    for (const name of ['ann', 'ANN', ' Ann', 'aNN', 'ann '])
      await faultOf(signIn(product, name, 'wrong password'), 'bad_credentials')
    await faultOf(signIn(product, 'ann', PASSWORD), 'bad_credentials')
    expect((await signIn(product, 'ann', PASSWORD, '10.0.0.2')).account.name).toBe('ann')
    product.clock.advance(15 * 60 - 1)
    await faultOf(signIn(product, 'ann', PASSWORD), 'bad_credentials')
    product.clock.advance(1)
    expect((await signIn(product, 'ann', PASSWORD)).account.name).toBe('ann')
  })

  test('forgets failures when it succeeds', async () => {
    const { product } = await withAccount()
    for (let round = 0; round < 3; round++) {
      for (let failure = 0; failure < 4; failure++)
        await faultOf(signIn(product, 'ann', 'wrong password'), 'bad_credentials')
      await signIn(product, 'ann', PASSWORD)
    }
  })

  test('keeps nothing of a very long name', async () => {
    const { product } = await withAccount()
    const long = 'x'.repeat(1_000_000)
    for (let failure = 0; failure < 6; failure++)
      await faultOf(signIn(product, long, PASSWORD), 'bad_credentials')
    await faultOf(signIn(product, `${long}x`, PASSWORD), 'bad_credentials')
    await signIn(product, 'ann', PASSWORD)
  })
})

describe('an access token', () => {
  test('lives an hour after its last use', async () => {
    const { product } = await withAccount()
    const { secret } = await signIn(product, 'ann', PASSWORD)
    for (let use = 0; use < 3; use++) {
      product.clock.advance(3599)
      await product.core.accessTokens.authenticate(secret, '')
    }
    product.clock.advance(3600)
    await faultOf(product.core.accessTokens.authenticate(secret, ''), 'bad_credentials')
  })

  test('is dead at once when it is disabled or its account is suspended', async () => {
    const { product } = await withAccount()
    const [one, two] = [await signIn(product, 'ann', PASSWORD), await signIn(product, 'ann', PASSWORD)]
    await product.core.accessTokens.disable(one.secret)
    await faultOf(product.core.accessTokens.authenticate(one.secret, ''), 'bad_credentials')
    await product.core.accessTokens.authenticate(two.secret, '')
    await product.core.accounts.change('ann', { status: 'suspended' })
    await faultOf(product.core.accessTokens.authenticate(two.secret, ''), 'bad_credentials')
  })

  test('needs a package with API access', async () => {
    const { product } = await withAccount()
    await product.core.packages.set('Admin', { api_access: '0' })
    await faultOf(signIn(product, 'ann', PASSWORD), 'api_refused')
  })
})
