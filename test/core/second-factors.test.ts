import { describe, expect, spyOn, test } from 'bun:test'
import { codeAt, stepOf } from '../../src/core/one-time-code.ts'
import { type CoreUnderTest, coresUnderTest, faultOf } from './core-under-test.ts'

const open = coresUnderTest()
const PASSWORD = 'correct horse'

async function withFactor() {
  const product = await open()
  const account = await product.account('ann')
  const { secret } = await product.core.secondFactors.begin(account, 'Kist')
  const code = (drift = 0) => codeAt(secret, stepOf(product.clock.now()) + drift)
  const recoveryCodes = await product.core.secondFactors.confirm(account, code())
  product.clock.advance(30)
  return { product, factors: product.core.secondFactors, account, code, recoveryCodes }
}

const signIn = ({ core }: CoreUnderTest, code?: string) =>
  core.webSessions.signIn('ann', PASSWORD, code === undefined ? {} : { code })

describe('turning it on', () => {
  test('needs a right code, and shows ten recovery codes that are kept as hashes', async () => {
    const product = await open()
    const account = await product.account('ann')
    const { secondFactors } = product.core
    const { secret, uri } = await secondFactors.begin(account, 'Kist')
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(uri).toContain(`secret=${secret}`)
    await faultOf(secondFactors.confirm(account, '000000'), 'second_factor_wrong')
    expect(await secondFactors.state(account)).toEqual({ isOn: false, recoveryCodesLeft: 0 })
    await product.core.webSessions.signIn('ann', PASSWORD)
    const codes = await secondFactors.confirm(account, codeAt(secret, stepOf(product.clock.now())))
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^[0-9a-f]{5}-[0-9a-f]{5}$/)
    expect(await secondFactors.state(account)).toEqual({ isOn: true, recoveryCodesLeft: 10 })
    await faultOf(secondFactors.begin(account, 'Kist'), 'conflict')
    await faultOf(secondFactors.confirm(account, '000000'), 'conflict')
  })
})

describe('signing in', () => {
  test('with the password alone is not enough, and a wrong password does not tell that there is a factor', async () => {
    const { product, code } = await withFactor()
    await faultOf(signIn(product), 'second_factor_required')
    await faultOf(signIn(product, '  '), 'second_factor_required')
    await faultOf(signIn(product, '000000'), 'second_factor_wrong')
    await faultOf(product.core.webSessions.signIn('ann', 'wrong horse'), 'bad_credentials')
    expect((await signIn(product, code())).account.name).toBe('ann')
  })

  test('takes each code once, also the one it was turned on with', async () => {
    const { product, code } = await withFactor()
    await faultOf(signIn(product, code(-1)), 'second_factor_wrong')
    await signIn(product, code())
    await faultOf(signIn(product, code()), 'second_factor_wrong')
    product.clock.advance(30)
    await signIn(product, code())
  })

  test('takes each recovery code once, however it is typed', async () => {
    const { product, factors, account, recoveryCodes } = await withFactor()
    const [first = '', second = ''] = recoveryCodes
    await signIn(product, first)
    await faultOf(signIn(product, first), 'second_factor_wrong')
    await signIn(product, ` ${second.toUpperCase().replace('-', ' ')} `)
    expect((await factors.state(account)).recoveryCodesLeft).toBe(8)
  })

  test('is stopped for a quarter of an hour after five wrong codes, for right ones too', async () => {
    const { product, code } = await withFactor()
    for (let guess = 0; guess < 5; guess++)
      await faultOf(signIn(product, `00000${guess}`), 'second_factor_wrong')
    await faultOf(signIn(product, code()), 'second_factor_wrong')
    product.clock.advance(15 * 60)
    await signIn(product, code())
  })

  test('by password alone is refused in the APIs, which have no place for a code', async () => {
    const { product } = await withFactor()
    await faultOf(product.core.accounts.signIn('ann', PASSWORD), 'bad_credentials')
    await faultOf(product.core.accounts.signInByName('ann', PASSWORD), 'wrong_password')
  })
})

describe('later', () => {
  test('new recovery codes take the place of the old ones', async () => {
    const { product, factors, account, code, recoveryCodes } = await withFactor()
    await faultOf(factors.renewRecoveryCodes(account, '000000'), 'second_factor_wrong')
    const renewed = await factors.renewRecoveryCodes(account, code())
    await faultOf(signIn(product, recoveryCodes[0]), 'second_factor_wrong')
    await signIn(product, renewed[0])
  })

  test('it is turned off with a code, or by an administrator without one', async () => {
    const { product, factors, account, code } = await withFactor()
    await faultOf(factors.turnOff(account, '000000'), 'second_factor_wrong')
    await factors.turnOff(account, code())
    await signIn(product)
    await factors.reset(account.id)
    expect(await factors.isOn(account.id)).toBe(false)
  })
})

describe('at the same moment', () => {
  test('a code of the secret that was begun first does not turn on the one begun since', async () => {
    const product = await open()
    const account = await product.account('ann')
    const { secondFactors } = product.core
    const first = await secondFactors.begin(account, 'Kist')
    const codeOf = ({ secret }: { secret: string }) => codeAt(secret, stepOf(product.clock.now()))
    const store = product.metadata.secondFactors
    const confirm = store.confirm.bind(store)
    const begun: Array<{ secret: string }> = []
    const spy = spyOn(store, 'confirm').mockImplementationOnce(async (...what) => {
      begun.push(await secondFactors.begin(account, 'Kist'))
      return confirm(...what)
    })
    await faultOf(secondFactors.confirm(account, codeOf(first)), 'conflict')
    spy.mockRestore()
    expect(await secondFactors.isOn(account.id)).toBe(false)
    const [second = first] = begun
    expect(await secondFactors.confirm(account, codeOf(second))).toHaveLength(10)
  })

  test('two confirm: one of them has the recovery codes that count', async () => {
    const product = await open()
    const account = await product.account('ann')
    const { secondFactors } = product.core
    const { secret } = await secondFactors.begin(account, 'Kist')
    const confirm = () => secondFactors.confirm(account, codeAt(secret, stepOf(product.clock.now())))
    const outcomes = await Promise.allSettled([confirm(), confirm(), confirm()])
    const codes = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect(codes).toHaveLength(1)
    await signIn(product, codes[0]?.[0])
    expect((await secondFactors.state(account)).recoveryCodesLeft).toBe(9)
  })

  test('one code, or one recovery code, lets one of many in', async () => {
    const { product, code, recoveryCodes } = await withFactor()
    for (const shown of [code(), recoveryCodes[0]]) {
      const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => signIn(product, shown)))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
  })

  test.each(['turnOff', 'renewRecoveryCodes'] as const)(
    'what an administrator turned off and its owner set up anew stays as it is: %s',
    async (step) => {
      const { product, factors, account, code } = await withFactor()
      const store = product.metadata.secondFactors
      const takeStep = store.takeStep.bind(store)
      const spy = spyOn(store, 'takeStep').mockImplementationOnce(async (...what) => {
        const taken = await takeStep(...what)
        await factors.reset(account.id)
        const { secret } = await factors.begin(account, 'Kist')
        await factors.confirm(account, codeAt(secret, stepOf(product.clock.now())))
        return taken
      })
      await faultOf(factors[step](account, code()), 'conflict')
      spy.mockRestore()
      expect(await factors.state(account)).toEqual({ isOn: true, recoveryCodesLeft: 10 })
    },
  )
})
