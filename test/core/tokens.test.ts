import { describe, expect, spyOn, test } from 'bun:test'
import type { TokenKind } from '../../src/core/model.ts'
import { fingerprint } from '../../src/core/signer.ts'
import { requireScope } from '../../src/core/tokens.ts'
import { coresUnderTest, failOnce, faultOf, guest, principalOf } from './core-under-test.ts'

const open = coresUnderTest()
const DAY = 86_400

async function withAccount() {
  const product = await open()
  return { ...product, ann: await product.account('ann') }
}

describe('a secret', () => {
  const shapes: Array<[kind: TokenKind, shape: RegExp[]]> = [
    ['nating', [/^fyu_[0-9a-f]{48}$/]],
    ['flamenet', [/^fn_[0-9a-f]{48}$/]],
    ['yetishare', [/^[0-9a-f]{64}$/, /^[0-9a-f]{64}$/]],
  ]
  test.each(shapes)(
    'of %s has its shape, and only its hash, beginning and end are kept',
    async (kind, shape) => {
      const { core, metadata, ann } = await withAccount()
      const { token, secrets } = await core.tokens.issue(ann, { kind })
      expect(secrets).toHaveLength(shape.length)
      for (const [index, secret] of secrets.entries()) expect(secret).toMatch(shape[index] ?? /never/)
      const whole = secrets.join('')
      expect(token).toMatchObject({
        prefix: whole.slice(0, 12),
        last4: whole.slice(-4),
        kind,
        status: 'active',
      })
      expect(token.id).toMatch(/^atk_[0-9a-f]{16}$/)
      expect(JSON.stringify(token)).not.toContain(whole)
      expect((await metadata.tokens.findByHash(kind, fingerprint(whole)))?.token).toEqual(token)
    },
  )

  test('opens its own kind only, and only when it is whole', async () => {
    const { core, ann } = await withAccount()
    const kinds: TokenKind[] = ['nating', 'flamenet', 'yetishare']
    for (const kind of kinds) {
      const { token, secrets } = await core.tokens.issue(ann, { kind })
      const secret = secrets.join('')
      const principal = await core.tokens.authenticate(kind, secret, '10.0.0.1')
      expect(principal).toMatchObject({ actor: `token:${token.id}`, tokenId: token.id, ip: '10.0.0.1' })
      expect(principal.account?.id).toBe(ann.id)
      for (const other of kinds.filter((other) => other !== kind))
        await faultOf(core.tokens.authenticate(other, secret, ''), 'bad_credentials')
      for (const wrong of ['', secret.slice(1), `${secret}0`, ` ${secret}`, fingerprint(secret)])
        await faultOf(core.tokens.authenticate(kind, wrong, ''), 'bad_credentials')
    }
  })
})

describe('a new token', () => {
  test('has a name, the usual scopes and no end unless asked otherwise', async () => {
    const { core, ann } = await withAccount()
    const { token } = await core.tokens.issue(ann, { kind: 'nating' })
    expect(token).toMatchObject({
      name: 'Desktop API Token',
      scopes: ['files.upload', 'files.read'],
      expiresAt: null,
      lastUsedAt: null,
      lastUsedIp: null,
    })
    expect((await core.tokens.issue(ann, { kind: 'flamenet', scopes: ['files.read'] })).token.scopes).toEqual(
      [],
    )
  })

  test('keeps each scope once and its name on one line', async () => {
    const { core, ann } = await withAccount()
    const scopes = ['files.read', '*', 'files.read']
    const { token } = await core.tokens.issue(ann, { kind: 'nating', name: ' my\ttok\nen\u202e ', scopes })
    expect(token).toMatchObject({ name: 'my tok en', scopes: ['files.read', '*'] })
  })

  test.each([
    [{ name: '' }, 'name', 'Token name is required.'],
    [{ name: ' \n' }, 'name', 'Token name is required.'],
    [{ name: 'x'.repeat(101) }, 'name', 'A token name has at most 100 characters.'],
    [{ scopes: [] }, 'scopes', 'Select at least one API token scope.'],
    [{ scopes: ['files.read', 'admin'] }, 'scopes', 'admin is not a scope.'],
    [{ expiresInDays: -1 }, 'expires_days', 'The lifetime is 0 (never) to 3650 days.'],
    [{ expiresInDays: 1.5 }, 'expires_days', 'The lifetime is 0 (never) to 3650 days.'],
    [{ expiresInDays: Number.NaN }, 'expires_days', 'The lifetime is 0 (never) to 3650 days.'],
    [{ expiresInDays: 3651 }, 'expires_days', 'The lifetime is 0 (never) to 3650 days.'],
  ])('is refused for %j', async (input, field, message) => {
    const { core, ann } = await withAccount()
    const fault = await faultOf(core.tokens.issue(ann, { kind: 'nating', ...input }), 'invalid')
    expect(fault.field).toBe(field)
    expect(fault.message).toStartWith(message)
    expect(await core.tokens.list(ann)).toEqual([])
  })
})

describe('a token', () => {
  test('is dead on the second of its end', async () => {
    const { core, clock, ann } = await withAccount()
    const { token, secrets } = await core.tokens.issue(ann, { kind: 'nating', expiresInDays: 30 })
    const authenticate = () => core.tokens.authenticate('nating', secrets[0] ?? '', '')
    expect(token.expiresAt).toEqual(new Date(clock.now().getTime() + 30 * DAY * 1000))
    clock.advance(30 * DAY - 1)
    await authenticate()
    clock.advance(1)
    await faultOf(authenticate(), 'bad_credentials')
  })

  test('is dead at once when it is revoked, which may be done twice', async () => {
    const { core, ann } = await withAccount()
    const { token, secrets } = await core.tokens.issue(ann, { kind: 'nating' })
    const other = await core.tokens.issue(ann, { kind: 'nating' })
    await core.tokens.revoke(token.id)
    await core.tokens.revoke(token.id)
    await faultOf(core.tokens.authenticate('nating', secrets[0] ?? '', ''), 'bad_credentials')
    await core.tokens.authenticate('nating', other.secrets[0] ?? '', '')
    await faultOf(core.tokens.revoke('atk_0000000000000000'), 'token_not_found')
    expect((await core.tokens.list(ann)).map(({ status }) => status)).toEqual(['revoked', 'active'])
  })

  test('of a suspended account is dead', async () => {
    const { core, ann } = await withAccount()
    const { secrets } = await core.tokens.issue(ann, { kind: 'nating' })
    await core.accounts.change('ann', { status: 'suspended' })
    await faultOf(core.tokens.authenticate('nating', secrets[0] ?? '', ''), 'bad_credentials')
  })

  test('notes its use at most every five minutes', async () => {
    const { core, metadata, clock, ann } = await withAccount()
    const { secrets } = await core.tokens.issue(ann, { kind: 'nating' })
    const touch = spyOn(metadata.tokens, 'touch')
    const start = clock.now()
    const use = (ip: string) => core.tokens.authenticate('nating', secrets[0] ?? '', ip)
    await use('10.0.0.1')
    clock.advance(299)
    await use('10.0.0.2')
    expect(touch).toHaveBeenCalledTimes(1)
    expect(await core.tokens.list(ann)).toMatchObject([{ lastUsedAt: start, lastUsedIp: '10.0.0.1' }])
    clock.advance(1)
    await use('10.0.0.3')
    expect(touch).toHaveBeenCalledTimes(2)
    expect(await core.tokens.list(ann)).toMatchObject([{ lastUsedAt: clock.now(), lastUsedIp: '10.0.0.3' }])
  })

  test('that is refused notes nothing', async () => {
    const { core, metadata, ann } = await withAccount()
    const { token, secrets } = await core.tokens.issue(ann, { kind: 'nating' })
    await core.tokens.revoke(token.id)
    const touch = spyOn(metadata.tokens, 'touch')
    await faultOf(core.tokens.authenticate('nating', secrets[0] ?? '', ''), 'bad_credentials')
    expect(touch).not.toHaveBeenCalled()
  })

  test('works when its use cannot be noted', async () => {
    const { core, metadata, log, ann } = await withAccount()
    const { secrets } = await core.tokens.issue(ann, { kind: 'nating' })
    failOnce(metadata.tokens, 'touch')
    expect((await core.tokens.authenticate('nating', secrets[0] ?? '', '')).account?.id).toBe(ann.id)
    expect(log.events).toEqual(['warn token_use_not_noted'])
  })
})

describe('a scope', () => {
  const withScopes = (scopes: string[] | null) => ({ ...guest, scopes })
  test('is needed, and * stands for all', () => {
    for (const scopes of [['files.read'], ['files.upload', 'files.read'], ['*'], null])
      expect(() => requireScope(withScopes(scopes), 'files.read')).not.toThrow()
    for (const scopes of [[], ['files.upload'], ['files'], ['FILES.READ']])
      expect(() => requireScope(withScopes(scopes), 'files.read')).toThrow(
        expect.objectContaining({ code: 'insufficient_scope' }),
      )
  })

  test('is not asked of browsers and guests', async () => {
    const { ann } = await withAccount()
    expect(() => requireScope(principalOf(ann), 'files.write')).not.toThrow()
    expect(() => requireScope(guest, 'files.write')).not.toThrow()
  })
})
