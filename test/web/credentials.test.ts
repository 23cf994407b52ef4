/** Second factor, devices, and credentials for programs, as the account page asks for them. */
import { describe, expect, test } from 'bun:test'
import { codeAt, stepOf } from '../../src/core/one-time-code.ts'
import { PASSWORD } from '../support/app.ts'
import { type Caller, callerNamed, callerOf, signIn } from './signed-in.ts'
import { site } from './site.ts'

const given = site()
const ann = () => callerNamed(given.app, 'ann')
const FACTOR = '/web/account/second-factor'

/** The code that an authenticator shows at this moment. */
const codeOf = (secret: string): string => codeAt(secret, stepOf(given.app.clock.now()))

async function withFactor(): Promise<{ caller: Caller; secret: string; codes: string[] }> {
  const caller = await ann()
  const { secret } = (await caller.call('POST', FACTOR, { password: PASSWORD })).json
  const { codes } = (await caller.call('POST', `${FACTOR}/confirm`, { code: codeOf(secret) })).json
  given.app.clock.advance(60)
  return { caller, secret, codes }
}

describe('a second factor', () => {
  test('is set up with a QR code, after the password', async () => {
    const caller = await ann()
    expect((await caller.call('POST', FACTOR, { password: 'no' })).status).toBe(400)
    const { json } = await caller.call('POST', FACTOR, { password: PASSWORD })
    expect(json.secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(json.uri).toMatch(/^otpauth:\/\/totp\//)
    expect(json.qr.path).toMatch(/^(M\d+ \d+h(\d+)v1h-\d+z)+$/)
    expect(json.qr.size).toBeGreaterThan(30)
    const wrong = await caller.call('POST', `${FACTOR}/confirm`, { code: '000000' })
    // Not 401: the page would take that for the end of the session.
    expect(wrong.status).toBe(400)
    expect((await signIn(given.app, 'ann')).status).toBe(200)
    const right = await caller.call('POST', `${FACTOR}/confirm`, { code: codeOf(json.secret) })
    expect(right.json.codes).toHaveLength(10)
    expect((await caller.call('POST', FACTOR, { password: PASSWORD })).status).toBe(409)
    expect((await caller.get('/web/account')).json.secondFactor).toEqual({
      isOn: true,
      recoveryCodesLeft: 10,
    })
  })

  test('is asked for at the next sign-in, in a way the page can tell', async () => {
    const { secret, codes } = await withFactor()
    const asked = await signIn(given.app, 'ann')
    expect([asked.status, asked.json.code]).toEqual([401, 'second_factor_required'])
    const wrong = await signIn(given.app, 'ann', { code: '000000' })
    expect([wrong.status, wrong.json.code]).toEqual([401, 'second_factor_wrong'])
    expect((await signIn(given.app, 'ann', { password: 'no', code: codes[0] })).json.code).toBeUndefined()
    expect((await signIn(given.app, 'ann', { code: codeOf(secret) })).status).toBe(200)
    expect((await signIn(given.app, 'ann', { code: codes[0] })).status).toBe(200)
    expect((await signIn(given.app, 'ann', { code: codes[0] })).status).toBe(401)
  })

  test('gives new recovery codes and is turned off by password and code', async () => {
    const { caller, secret, codes } = await withFactor()
    const renew = (body: object) => caller.call('POST', `${FACTOR}/codes`, body)
    expect((await renew({ password: PASSWORD, code: '000000' })).status).toBe(400)
    expect((await renew({ password: 'no', code: codes[0] })).status).toBe(400)
    const renewed = (await renew({ password: PASSWORD, code: codeOf(secret) })).json.codes
    expect(renewed).toHaveLength(10)
    const off = (body: object) => caller.call('DELETE', FACTOR, body)
    expect((await off({ password: PASSWORD, code: codes[0] })).status).toBe(400)
    expect((await off({ password: 'no', code: renewed[0] })).status).toBe(400)
    expect((await off({})).status).toBe(400)
    expect((await off({ password: PASSWORD, code: renewed[0] })).status).toBe(200)
    expect((await signIn(given.app, 'ann')).status).toBe(200)
    const { entries } = await given.app.core.audit.list(null, { actorId: given.ann.id })
    const own = entries.map(({ action }) => action).filter((action) => action.startsWith('second_factor'))
    expect(own).toEqual(['second_factor.off', 'second_factor.codes_renewed', 'second_factor.on'])
  })

  test('is needed to delete the account', async () => {
    const { caller, secret } = await withFactor()
    expect((await caller.call('DELETE', '/web/account', { password: PASSWORD })).status).toBe(400)
    const body = { password: PASSWORD, code: codeOf(secret) }
    expect((await caller.call('DELETE', '/web/account', body)).status).toBe(200)
  })
})

describe('devices', () => {
  const DEVICES = '/web/account/devices'

  test('are listed, ended one by one and all but this one', async () => {
    const first = await ann()
    const second = await ann()
    const third = await ann()
    const { devices } = (await first.get(DEVICES)).json
    expect(devices).toHaveLength(3)
    const mine = devices.filter(({ isThis }: { isThis: boolean }) => isThis)
    expect(mine).toMatchObject([{ userAgent: 'Firefox on a test', lastSeen: expect.any(String) }])
    const [other] = (await second.get(DEVICES)).json.devices.filter(
      ({ isThis }: { isThis: boolean }) => isThis,
    )
    expect((await first.call('DELETE', `${DEVICES}/${other.id}`)).status).toBe(200)
    expect((await second.get('/web/me')).status).toBe(401)
    expect((await first.call('DELETE', `${DEVICES}/${other.id}`)).status).toBe(404)
    expect((await first.call('DELETE', DEVICES)).json).toEqual({ ended: 1 })
    expect([(await third.get('/web/me')).status, (await first.get('/web/me')).status]).toEqual([401, 200])
  })

  test('of somebody else are not there', async () => {
    const [caller, bob] = [await ann(), await callerNamed(given.app, 'bob')]
    const [{ id }] = (await bob.get(DEVICES)).json.devices
    for (const wanted of [id, 'x', '0', '99999']) {
      expect((await caller.call('DELETE', `${DEVICES}/${wanted}`)).status).toBe(404)
    }
    expect((await bob.get('/web/me')).status).toBe(200)
  })
})

describe('tokens', () => {
  const TOKENS = '/web/account/tokens'

  test('of each kind are made, used, listed without their secret, and revoked', async () => {
    const caller = await ann()
    const make = async (body: object) => (await caller.call('POST', TOKENS, body)).json
    const nating = await make({ kind: 'nating', name: 'CI', scopes: ['files.read'], expiresInDays: 30 })
    expect(nating.token).toMatchObject({ name: 'CI', scopes: ['files.read'] })
    expect(nating.secrets).toEqual([expect.stringMatching(/^fyu_/)])
    const flamenet = await make({ kind: 'flamenet', name: 'Fn' })
    const yetishare = await make({ kind: 'yetishare', name: 'Yeti' })
    expect([flamenet.secrets.length, yetishare.secrets.length]).toEqual([1, 2])
    const [secret] = nating.secrets
    const use = () => given.send('GET', '/api/v1/folders', { token: secret })
    const before = (await use()).status
    const listed = await caller.get(TOKENS)
    expect(listed.text).not.toContain(secret)
    const days = (at: string) => (new Date(at).getTime() - given.app.clock.now().getTime()) / 86_400_000
    const mine = listed.json.tokens.find(({ id }: { id: string }) => id === nating.token.id)
    expect([days(mine.expires), mine.status]).toEqual([30, 'active'])
    expect((await caller.call('DELETE', `${TOKENS}/${nating.token.id}`)).status).toBe(200)
    expect([before === 401, (await use()).status]).toEqual([false, 401])
    const revoked = (await caller.get(TOKENS)).json.tokens
    expect(revoked.find(({ id }: { id: string }) => id === nating.token.id).status).toBe('revoked')
  })

  test('that have run out are said to', async () => {
    const caller = await ann()
    await caller.call('POST', TOKENS, { kind: 'nating', name: 'short', expiresInDays: 1 })
    given.app.clock.advance(86_401)
    const { tokens } = (await caller.get(TOKENS)).json
    expect(tokens.at(-1)).toMatchObject({ name: 'short', status: 'expired' })
  })

  test.each([
    [{}],
    [{ kind: 'login' }],
    [{ kind: 'nating', name: ' ' }],
    [{ kind: 'nating', scopes: [] }],
    [{ kind: 'nating', scopes: ['everything'] }],
    [{ kind: 'nating', scopes: 'files.read' }],
    [{ kind: 'nating', expiresInDays: -1 }],
    [{ kind: 'nating', expiresInDays: '30' }],
  ])('are not made of %j', async (body) => {
    expect((await (await ann()).call('POST', TOKENS, body)).status).toBe(400)
  })

  test('of an API that the package has not are refused', async () => {
    await given.app.core.accounts.change('ann', { packageName: 'Free' })
    const caller = await ann()
    expect((await caller.call('POST', TOKENS, { kind: 'flamenet' })).status).toBe(403)
    await given.app.core.packages.set('Free', { api_access: '0' })
    expect((await caller.call('POST', TOKENS, { kind: 'nating' })).status).toBe(403)
    expect((await caller.get('/web/account')).json.apis).toEqual([])
  })

  test('of somebody else are not there', async () => {
    const [caller, bob] = [await ann(), await callerNamed(given.app, 'bob')]
    const { token, secrets } = (await bob.call('POST', TOKENS, { kind: 'nating', name: 'Bob' })).json
    expect((await caller.call('DELETE', `${TOKENS}/${token.id}`)).status).toBe(404)
    expect((await caller.call('DELETE', `${TOKENS}/atk_0`)).status).toBe(404)
    expect((await given.send('GET', '/api/v1/folders', { token: secrets[0] })).status).toBe(200)
  })
})

describe('tokens of the uploader API', () => {
  const LOGINS = '/web/account/logins'

  test('are made, used, listed and ended; those of others are not there', async () => {
    const [caller, bob] = [await ann(), await callerNamed(given.app, 'bob')]
    const { secrets } = (await caller.call('POST', LOGINS)).json
    const use = () => given.send('GET', '/api/get_files', { token: secrets[0] })
    expect(secrets[0]).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    const { logins } = (await caller.get(LOGINS)).json
    expect(logins).toMatchObject([{ isBot: true }])
    const path = `${LOGINS}/${logins[0].id}`
    expect((await bob.call('DELETE', path)).status).toBe(404)
    expect((await bob.get(LOGINS)).json.logins).toEqual([])
    const before = (await use()).status
    expect((await caller.call('DELETE', path)).status).toBe(200)
    expect([before === 401, (await use()).status]).toEqual([false, 401])
    expect((await caller.call('DELETE', path)).status).toBe(404)
    expect((await caller.call('DELETE', `${LOGINS}/x`)).status).toBe(404)
  })
})

test('a sign-in is noted with its address', async () => {
  callerOf(given.app, await signIn(given.app, 'ann'))
  const { entries } = await given.app.core.audit.list(null, { actorId: given.ann.id })
  expect(entries).toMatchObject([{ action: 'signed_in', subject: 'ann', ip: expect.any(String) }])
})
