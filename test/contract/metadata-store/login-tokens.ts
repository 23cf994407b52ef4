import { expect, test } from 'bun:test'
import type { MetadataStore } from '../../../src/core/metadata.ts'
import type { LoginToken } from '../../../src/core/model.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, at, EXPIRY, expectFault, NOON, settled } from './records.ts'

const MANY = 1000

const newToken = (accountId: number, id: string, change: Partial<LoginToken> = {}): LoginToken => ({
  id,
  accountId,
  isBot: false,
  createdAt: NOON,
  expiresAt: EXPIRY,
  ...change,
})

/** Those of the given ids that are recorded. */
async function recorded({ loginTokens }: MetadataStore, ids: string[]): Promise<string[]> {
  const found = await Promise.all(ids.map((id) => loginTokens.find(id)))
  return ids.filter((_, n) => found[n] !== null)
}

export function loginTokenCases(stage: Stage): void {
  test('a sign-in is found by its id, with its account, until it is deleted', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const token = newToken(account.id, 'a', { isBot: true })
    await store.loginTokens.create(token, MANY)
    expect(await store.loginTokens.find('a')).toEqual({ token, account })
    expect(await store.loginTokens.find('A')).toBeNull()
    await store.loginTokens.delete('a')
    expect(await store.loginTokens.find('a')).toBeNull()
    await store.loginTokens.delete('a')
  })

  test('an account sees its sign-ins, the newest first, and ends them; those of others are not there', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    await store.loginTokens.create(newToken(ann.id, 'a'), MANY)
    await store.loginTokens.create(newToken(ann.id, 'b', { createdAt: at(5), isBot: true }), MANY)
    await store.loginTokens.create(newToken(bob.id, 'c'), MANY)
    expect((await store.loginTokens.list(ann.id)).map(({ id }) => id)).toEqual(['b', 'a'])
    await expectFault(store.loginTokens.end(ann.id, 'c'), 'token_not_found')
    await store.loginTokens.end(ann.id, 'a')
    await expectFault(store.loginTokens.end(ann.id, 'a'), 'token_not_found')
    expect(await recorded(store, ['a', 'b', 'c'])).toEqual(['b', 'c'])
  })

  test('a sign-in needs an account and an id of its own', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const same = Array.from({ length: 5 }, () => store.loginTokens.create(newToken(id, 'a'), MANY))
    expect(await settled(same)).toEqual({ won: 1, faults: ['conflict'] })
    await expectFault(store.loginTokens.create(newToken(id + 1, 'b'), MANY), 'account_not_found')
    expect(await store.loginTokens.find('b')).toBeNull()
  })

  test('an expired sign-in and that of a suspended account are still found; the caller judges', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await store.loginTokens.create(newToken(id, 'a', { expiresAt: at(-1) }), MANY)
    await store.accounts.update(id, { status: 'suspended' })
    expect(await store.loginTokens.find('a')).toMatchObject({
      token: { expiresAt: at(-1) },
      account: { status: 'suspended' },
    })
  })

  test('beyond the most an account may have, the oldest sign-in goes; other accounts keep theirs', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const ids = ['e', 'c', 'd', 'a', 'b']
    for (const [n, id] of ids.entries()) {
      await store.loginTokens.create(newToken(bob.id, `bob-${id}`, { createdAt: at(n) }), MANY)
      await store.loginTokens.create(newToken(ann.id, id, { createdAt: at(n) }), 3)
    }
    expect(await recorded(store, ids)).toEqual(['d', 'a', 'b'])
    await store.loginTokens.create(newToken(ann.id, 'only', { createdAt: at(9) }), 1)
    expect(await recorded(store, [...ids, 'only'])).toEqual(['only'])
    expect(
      await recorded(
        store,
        ids.map((id) => `bob-${id}`),
      ),
    ).toHaveLength(5)
  })

  test('of sign-ins in one moment the new one always stays', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    for (const token of ['z', 'y', 'x', 'a']) {
      await store.loginTokens.create(newToken(id, token), 2)
      expect(await store.loginTokens.find(token)).not.toBeNull()
    }
    expect(await recorded(store, ['z', 'y', 'x', 'a'])).toHaveLength(2)
  })

  test('what has ended takes no live one’s place', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await store.loginTokens.create(newToken(id, 'bot', { expiresAt: at(99_999) }), 2)
    await store.loginTokens.create(newToken(id, 'ended', { createdAt: at(1), expiresAt: at(5) }), 2)
    await store.loginTokens.create(newToken(id, 'new', { createdAt: at(5), expiresAt: at(99_999) }), 2)
    expect(await recorded(store, ['bot', 'ended', 'new'])).toEqual(['bot', 'ended', 'new'])
    await store.loginTokens.create(newToken(id, 'newer', { createdAt: at(6), expiresAt: at(99_999) }), 2)
    expect(await recorded(store, ['bot', 'ended', 'new', 'newer'])).toEqual(['ended', 'new', 'newer'])
  })

  test('many who sign in at once leave as many sign-ins as there may be', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const ids = Array.from({ length: 40 }, (_, n) => `t${n}`)
    await Promise.all(
      ids.map((token, n) => store.loginTokens.create(newToken(id, token, { createdAt: at(n) }), 10)),
    )
    expect(await recorded(store, ids)).toEqual(ids.slice(30))
  })

  test('a refreshed sign-in is the new one; the old one is gone', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await store.loginTokens.create(newToken(id, 'old'), MANY)
    const next = newToken(id, 'next', { createdAt: at(5), expiresAt: at(9000) })
    await store.loginTokens.replace('old', next)
    expect((await store.loginTokens.find('next'))?.token).toEqual(next)
    expect(await store.loginTokens.find('old')).toBeNull()
    await expectFault(store.loginTokens.replace('old', newToken(id, 'third')), 'credential_unknown')
    expect(await store.loginTokens.find('third')).toBeNull()
  })

  test('a refresh that cannot be recorded leaves the old sign-in', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await store.loginTokens.create(newToken(id, 'old'), MANY)
    await store.loginTokens.create(newToken(id, 'taken'), MANY)
    await expectFault(store.loginTokens.replace('old', newToken(id, 'taken')), 'conflict')
    expect(await recorded(store, ['old', 'taken'])).toEqual(['old', 'taken'])
  })

  test('of many refreshes of one sign-in one succeeds', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await store.loginTokens.create(newToken(id, 'old'), MANY)
    const ids = Array.from({ length: 20 }, (_, n) => `next-${n}`)
    const refreshes = ids.map((next) => store.loginTokens.replace('old', newToken(id, next)))
    expect(await settled(refreshes)).toEqual({ won: 1, faults: ['credential_unknown'] })
    expect(await recorded(store, ids)).toHaveLength(1)
  })

  test('purging removes the sign-ins that ended before now', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await store.loginTokens.create(newToken(id, 'a', { expiresAt: at(5) }), MANY)
    await store.loginTokens.create(newToken(id, 'b', { expiresAt: at(6) }), MANY)
    expect(await store.loginTokens.purge(at(5))).toBe(0)
    expect(await store.loginTokens.purge(at(6))).toBe(1)
    expect(await recorded(store, ['a', 'b'])).toEqual(['b'])
  })

  test('the sign-ins of a deleted account are gone', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await store.loginTokens.create(newToken(id, 'a'), MANY)
    await store.accounts.delete(id, at(1))
    expect(await store.loginTokens.find('a')).toBeNull()
  })
}
