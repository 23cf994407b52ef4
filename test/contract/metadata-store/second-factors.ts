import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, at, expectFault, NOON, settled } from './records.ts'

const codes = (count: number, prefix = 'hash') =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

export function secondFactorCases(stage: Stage): void {
  const withFactor = async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await store.secondFactors.begin({ accountId: id, secret: 'AAAA', createdAt: NOON })
    return { factors: store.secondFactors, id, of: { accountId: id, secret: 'AAAA' }, store }
  }

  test('an unconfirmed one is replaced by the next, and counts for nothing', async () => {
    const { factors, id, of } = await withFactor()
    await factors.begin({ accountId: id, secret: 'BBBB', createdAt: at(1) })
    expect(await factors.find(id)).toEqual({
      ...{ accountId: id, secret: 'BBBB', confirmedAt: null, lastStep: 0, createdAt: at(1) },
    })
    expect(await factors.takeStep(of, 5)).toBe(false)
    expect(await factors.codesLeft(id)).toBe(0)
  })

  test('a confirmed one stays until it is removed, with its codes', async () => {
    const { factors, id, of } = await withFactor()
    await factors.confirm(of, 7, codes(3), at(1))
    expect(await factors.find(id)).toMatchObject({ confirmedAt: at(1), lastStep: 7 })
    await expectFault(factors.confirm(of, 8, codes(3), at(2)), 'conflict')
    await expectFault(factors.begin({ accountId: id, secret: 'CCCC', createdAt: at(2) }), 'conflict')
    expect(await factors.codesLeft(id)).toBe(3)
    await factors.remove(id)
    await factors.remove(id)
    expect(await factors.find(id)).toBeNull()
    expect(await factors.codesLeft(id)).toBe(0)
    await expectFault(factors.confirm(of, 8, codes(3), at(2)), 'conflict')
  })

  test('of many who show one step, one gets it, and no earlier step is good afterwards', async () => {
    const { factors, of } = await withFactor()
    await factors.confirm(of, 7, [], at(1))
    expect(await factors.takeStep(of, 7)).toBe(false)
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => factors.takeStep(of, 9)))
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    expect(await factors.takeStep(of, 8)).toBe(false)
    expect(await factors.takeStep(of, 10)).toBe(true)
  })

  test('of many who show one recovery code, one gets in; new codes take the place of all', async () => {
    const { factors, id, of, store } = await withFactor()
    const other = await addAccount(store, 'Bob')
    await factors.confirm(of, 7, codes(2), at(1))
    expect(await factors.takeCode({ accountId: other.id, secret: 'AAAA' }, 'hash0', at(2))).toBe(false)
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => factors.takeCode(of, 'hash0', at(2))))
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    expect(await factors.codesLeft(id)).toBe(1)
    await factors.replaceCodes(of, codes(5, 'new'))
    expect(await factors.takeCode(of, 'hash1', at(3))).toBe(false)
    expect(await factors.codesLeft(id)).toBe(5)
  })

  test('it goes with its account', async () => {
    const { factors, id, of, store } = await withFactor()
    await factors.confirm(of, 7, codes(2), at(1))
    await store.accounts.delete(id, at(2))
    expect(await factors.find(id)).toBeNull()
    expect(await factors.codesLeft(id)).toBe(0)
  })

  test('two confirmations at once: one of them', async () => {
    const { factors, of } = await withFactor()
    const both = [factors.confirm(of, 7, codes(2, 'a'), at(1)), factors.confirm(of, 7, codes(2, 'b'), at(1))]
    expect(await settled(both)).toEqual({ won: 1, faults: ['conflict'] })
  })

  test('a code of a secret that another took the place of confirms nothing and proves nothing', async () => {
    const { factors, id, of } = await withFactor()
    const next = { accountId: id, secret: 'BBBB' }
    await factors.begin({ ...next, createdAt: at(1) })
    await expectFault(factors.confirm(of, 7, codes(3), at(2)), 'conflict')
    expect(await factors.find(id)).toMatchObject({ secret: 'BBBB', confirmedAt: null })
    await factors.confirm(next, 7, codes(3), at(3))
    expect(await factors.takeStep(of, 9)).toBe(false)
    expect(await factors.takeCode(of, 'hash0', at(4))).toBe(false)
    await expectFault(factors.replaceCodes(of, codes(5, 'new')), 'conflict')
    await expectFault(factors.remove(id, 'AAAA'), 'conflict')
    expect(await factors.codesLeft(id)).toBe(3)
    expect(await factors.takeStep(next, 9)).toBe(true)
    await factors.remove(id, 'BBBB')
    expect([await factors.find(id), await factors.codesLeft(id)]).toEqual([null, 0])
    await expectFault(factors.replaceCodes(next, codes(5)), 'conflict')
    expect(await factors.codesLeft(id)).toBe(0)
  })

  test('a confirmation and a new beginning at once: the secret that was confirmed, or the new one, unconfirmed', async () => {
    for (const isFirst of [true, false]) {
      const { factors, id, of, store } = await withFactor()
      const steps = [
        () => factors.confirm(of, 7, codes(2), at(1)),
        () => factors.begin({ accountId: id, secret: 'BBBB', createdAt: at(1) }),
      ]
      const outcome = await settled((isFirst ? steps : steps.toReversed()).map((step) => step()))
      expect(outcome).toEqual({ won: 1, faults: ['conflict'] })
      const { secret, confirmedAt } = (await factors.find(id)) ?? {}
      expect([secret, confirmedAt]).toEqual(isFirst ? ['AAAA', at(1)] : ['BBBB', null])
      await store.accounts.delete(id, at(2))
    }
  })
}
