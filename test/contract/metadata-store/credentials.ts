import { expect, test } from 'bun:test'
import type { NewToken } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, at, EXPIRY, expectFault, NOON, settled } from './records.ts'

const newToken = (accountId: number, change: Partial<NewToken> = {}): NewToken => ({
  id: 'atk_0000000000000001',
  accountId,
  kind: 'nating',
  name: 'Desktop',
  prefix: 'fyu_12345678',
  last4: 'abcd',
  scopes: ['files.upload', 'files.read'],
  createdAt: NOON,
  expiresAt: null,
  hash: 'h1',
  ...change,
})

const newSession = (accountId: number) => ({
  accountId,
  hash: 'w1',
  csrf: 'one',
  createdAt: NOON,
  expiresAt: EXPIRY,
})

export function credentialCases(stage: Stage): void {
  test('a token is found by kind and hash together, with its account', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const token = await store.tokens.create(newToken(account.id))
    expect(token).toMatchObject({
      status: 'active',
      scopes: ['files.upload', 'files.read'],
      lastUsedAt: null,
    })
    expect(token).not.toHaveProperty('hash')
    expect(await store.tokens.findByHash('nating', 'h1')).toEqual({ token, account })
    expect(await store.tokens.findByHash('flamenet', 'h1')).toBeNull()
    expect(await store.tokens.findByHash('nating', 'h2')).toBeNull()
  })

  test('a revoked and an expired token are still found; the caller judges', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    await store.tokens.create(newToken(account.id, { expiresAt: at(-1) }))
    await store.tokens.revoke('atk_0000000000000001')
    await store.tokens.revoke('atk_0000000000000001')
    const found = await store.tokens.findByHash('nating', 'h1')
    expect(found?.token).toMatchObject({ status: 'revoked', expiresAt: at(-1) })
    await expectFault(store.tokens.revoke('atk_none'), 'token_not_found')
  })

  test('the last use is noted and tokens are listed in order of creation', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const other = await addAccount(store, 'Bob')
    await store.tokens.create(newToken(account.id, { id: 'atk_b', hash: 'h2', createdAt: at(2) }))
    await store.tokens.create(newToken(account.id, { id: 'atk_a', hash: 'h1', createdAt: at(1) }))
    await store.tokens.create(newToken(other.id, { id: 'atk_c', hash: 'h3' }))
    await store.tokens.touch('atk_a', at(5), '192.0.2.7')
    const listed = await store.tokens.list(account.id)
    expect(listed.map(({ id }) => id)).toEqual(['atk_a', 'atk_b'])
    expect(listed[0]).toMatchObject({ lastUsedAt: at(5), lastUsedIp: '192.0.2.7' })
  })

  test('a token needs an account and a hash of its own', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    await store.tokens.create(newToken(account.id))
    await expectFault(store.tokens.create(newToken(account.id, { id: 'atk_other' })), 'conflict')
    await expectFault(store.tokens.create(newToken(account.id, { hash: 'other' })), 'conflict')
    await expectFault(store.tokens.create(newToken(account.id + 1)), 'account_not_found')
  })

  test('a browser session is found by its hash, extended and deleted', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const session = await store.webSessions.create(newSession(account.id))
    expect(session).toMatchObject({ accountId: account.id, csrf: 'one', previousCsrf: null, provedAt: null })
    expect(await store.webSessions.findByHash('w1')).toEqual({ session, account })
    await store.webSessions.prove(session.id, at(5))
    expect((await store.webSessions.findByHash('w1'))?.session.provedAt).toEqual(at(5))
    await store.webSessions.extend(session.id, at(8000))
    expect((await store.webSessions.findByHash('w1'))?.session.expiresAt).toEqual(at(8000))
    await store.webSessions.delete('w1')
    expect(await store.webSessions.findByHash('w1')).toBeNull()
    await store.webSessions.delete('w1')
    await expectFault(store.webSessions.create(newSession(account.id + 1)), 'account_not_found')
  })

  test('the CSRF token rotates, and the one before is accepted once more', async () => {
    const { webSessions } = stage().store
    const { id } = await webSessions.create(newSession((await addAccount(stage().store)).id))
    expect(await webSessions.rotateCsrf(id, 'wrong', 'x')).toBeNull()
    expect(await webSessions.rotateCsrf(id, 'one', 'two')).toBe('two')
    expect(await webSessions.rotateCsrf(id, 'one', 'three')).toBe('two')
    expect(await webSessions.rotateCsrf(id, 'one', 'three')).toBeNull()
    expect(await webSessions.rotateCsrf(id, 'two', 'three')).toBe('three')
    expect(await webSessions.rotateCsrf(id + 1, 'three', 'x')).toBeNull()
  })

  test('of many callers with one CSRF token the first rotates it and the second uses it up', async () => {
    const { webSessions } = stage().store
    const { id } = await webSessions.create(newSession((await addAccount(stage().store)).id))
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => webSessions.rotateCsrf(id, 'one', `next-${n}`)),
    )
    const accepted = answers.filter((answer) => answer !== null)
    expect(accepted).toHaveLength(2)
    expect(new Set(accepted).size).toBe(1)
  })

  test('purging removes the browser sessions that ended before now', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    await store.webSessions.create(newSession(account.id))
    await store.webSessions.create({ ...newSession(account.id), hash: 'w2', expiresAt: at(9000) })
    expect(await store.webSessions.purge(EXPIRY)).toBe(0)
    expect(await store.webSessions.purge(at(7201))).toBe(1)
    expect(await store.webSessions.findByHash('w1')).toBeNull()
    expect(await store.webSessions.findByHash('w2')).not.toBeNull()
  })

  test('one hash opens one browser session', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const attempts = Array.from({ length: 5 }, () => store.webSessions.create(newSession(account.id)))
    expect(await settled(attempts)).toEqual({ won: 1, faults: ['conflict'] })
  })

  test('an access token is found with its account, and its last use is noted', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const token = { accountId: account.id, createdAt: NOON, lastUsedAt: NOON }
    await store.accessTokens.create({ ...token, hash: 'h1' })
    expect(await store.accessTokens.find('h1')).toEqual({ token, account })
    expect(await store.accessTokens.find('h2')).toBeNull()
    await store.accessTokens.touch('h1', at(60))
    expect((await store.accessTokens.find('h1'))?.token.lastUsedAt).toEqual(at(60))
    await store.accessTokens.touch('h2', at(60))
    await store.accessTokens.delete('h1')
    expect(await store.accessTokens.find('h1')).toBeNull()
    await store.accessTokens.delete('h1')
  })

  test('an account may have several access tokens, each with a hash of its own', async () => {
    const { accessTokens } = stage().store
    const { id } = await addAccount(stage().store)
    const token = { accountId: id, createdAt: NOON, lastUsedAt: NOON }
    await accessTokens.create({ ...token, hash: 'h1' })
    await accessTokens.create({ ...token, hash: 'h2' })
    await expectFault(accessTokens.create({ ...token, hash: 'h1' }), 'conflict')
    await expectFault(accessTokens.create({ ...token, accountId: id + 1, hash: 'h3' }), 'account_not_found')
    await accessTokens.delete('h1')
    expect(await accessTokens.find('h2')).not.toBeNull()
  })

  test('purging removes the access tokens last used before the given time', async () => {
    const { accessTokens } = stage().store
    const { id } = await addAccount(stage().store)
    await accessTokens.create({ accountId: id, hash: 'idle', createdAt: NOON, lastUsedAt: NOON })
    await accessTokens.create({ accountId: id, hash: 'used', createdAt: NOON, lastUsedAt: NOON })
    await accessTokens.touch('used', at(10))
    expect(await accessTokens.purge(NOON)).toBe(0)
    expect(await accessTokens.purge(at(10))).toBe(1)
    expect(await accessTokens.find('idle')).toBeNull()
    expect(await accessTokens.find('used')).not.toBeNull()
  })

  test('browser sessions are listed by their last use, and their owner alone ends them', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const other = await addAccount(store, 'Bob')
    const add = (hash: string, createdAt: Date) =>
      store.webSessions.create({ ...newSession(account.id), hash, createdAt })
    const [first, second, third] = [await add('1', at(1)), await add('2', at(2)), await add('3', at(3))]
    await store.webSessions.touch(first.id, { lastSeenAt: at(9), ip: '192.0.2.1', userAgent: 'Browser' })
    const listed = await store.webSessions.list(account.id)
    expect(listed.map(({ id }) => id)).toEqual([first.id, third.id, second.id])
    expect(listed[0]).toMatchObject({ lastSeenAt: at(9), ip: '192.0.2.1', userAgent: 'Browser' })
    expect(await store.webSessions.list(other.id)).toEqual([])
    await expectFault(store.webSessions.end(other.id, first.id), 'token_not_found')
    await store.webSessions.end(account.id, third.id)
    await expectFault(store.webSessions.end(account.id, third.id), 'token_not_found')
    expect(await store.webSessions.endOthers(account.id, second.id)).toBe(1)
    expect((await store.webSessions.list(account.id)).map(({ id }) => id)).toEqual([second.id])
  })

  test('a new password ends what came of the old one, but for the session it was changed in', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const kept = await store.webSessions.create({ ...newSession(account.id), hash: 'kept' })
    await store.webSessions.create({ ...newSession(account.id), hash: 'other' })
    const token = { accountId: account.id, createdAt: NOON, lastUsedAt: NOON }
    await store.accessTokens.create({ ...token, hash: 'a1' })
    const login = { id: 'l1', accountId: account.id, isBot: false, createdAt: NOON, expiresAt: EXPIRY }
    await store.loginTokens.create(login, 10)
    await store.accounts.update(account.id, { email: 'ann@new.example' })
    expect(await store.webSessions.list(account.id)).toHaveLength(2)
    await store.accounts.update(account.id, { passwordHash: 'new', keptSessionId: kept.id })
    expect((await store.webSessions.list(account.id)).map(({ id }) => id)).toEqual([kept.id])
    expect(await store.accessTokens.find('a1')).toBeNull()
    expect(await store.loginTokens.find('l1')).toBeNull()
    await store.accounts.update(account.id, { passwordHash: 'newer' })
    expect(await store.webSessions.list(account.id)).toEqual([])
  })

  test('none is made for an account that has another password or status than was proved', async () => {
    const { store } = stage()
    const ann = await addAccount(store)
    const login = { id: 'l1', accountId: ann.id, isBot: false, createdAt: NOON, expiresAt: EXPIRY }
    const access = { accountId: ann.id, hash: 'a1', createdAt: NOON, lastUsedAt: NOON }
    const makers = [
      () => store.tokens.create(newToken(ann.id), ann),
      () => store.webSessions.create(newSession(ann.id), ann),
      () => store.accessTokens.create(access, ann),
      () => store.loginTokens.create(login, 10, ann),
    ]
    for (const change of [{ passwordHash: 'next' }, { status: 'suspended' as const }]) {
      await store.accounts.update(ann.id, change)
      for (const make of makers) await expectFault(make(), 'bad_credentials')
      await store.accounts.update(ann.id, { passwordHash: ann.passwordHash, status: ann.status })
    }
    expect(await store.tokens.list(ann.id)).toEqual([])
    for (const make of makers) await make()
    expect((await store.accessTokens.find('a1'))?.account.id).toBe(ann.id)
  })
}
