/** The password is asked again before what gives power, unless it was given a moment ago. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { codeAt, stepOf } from '../../src/core/one-time-code.ts'
import { PASSWORD } from '../support/app.ts'
import { type Caller, callerNamed, signIn } from './signed-in.ts'
import { site } from './site.ts'

const given = site()
const PROOF = '/web/account/proof'
const later = (seconds = 901): void => given.app.clock.advance(seconds)

let ann: Caller
let root: Caller
beforeEach(async () => {
  await given.app.account('root', { isAdmin: true })
  ann = await callerNamed(given.app, 'ann')
  root = await callerNamed(given.app, 'root')
})

const asked = { status: 403, json: { status: 'error', code: 'proof_required' } }
const prove = (caller: Caller, password = PASSWORD) => caller.call('POST', PROOF, { password })

describe('of the account', () => {
  const ACTS: Array<[string, string, object]> = [
    ['POST', '/web/account/tokens', { kind: 'nating', name: 'CI' }],
    ['POST', '/web/account/logins', {}],
    ['PATCH', '/web/account', { email: 'ann@example.com' }],
    ['POST', '/web/account/second-factor', {}],
    ['DELETE', '/web/account/devices', {}],
    ['POST', '/web/account/password', { newPassword: 'brand new words' }],
  ]

  test.each(ACTS)(
    '%s %s asks when the last proof is old, and not again after it',
    async (method, path, body) => {
      later()
      expect(await ann.call(method, path, body)).toMatchObject(asked)
      expect((await prove(ann)).status).toBe(200)
      later(900)
      expect((await ann.call(method, path, body)).status).toBe(200)
      later(1)
      expect(await ann.call('POST', PROOF, {})).toMatchObject(asked)
    },
  )

  test.each(ACTS)('%s %s asks for nothing right after the sign-in', async (method, path, body) => {
    later(900)
    expect((await ann.call(method, path, body)).status).toBe(200)
  })

  test('ending another device asks, too, and after what is not there nobody is asked', async () => {
    const other = await callerNamed(given.app, 'ann')
    const { devices } = (await ann.get('/web/account/devices')).json
    const { id } = devices.find(({ isThis }: { isThis: boolean }) => !isThis)
    later()
    expect(await ann.call('DELETE', `/web/account/devices/${id}`)).toMatchObject(asked)
    expect((await ann.call('DELETE', '/web/account/devices/x')).status).toBe(404)
    expect((await other.get('/web/me')).status).toBe(200)
    await prove(ann)
    expect((await ann.call('DELETE', `/web/account/devices/${id}`)).status).toBe(200)
  })

  test('what ShareX is set up with asks, for there is a token in it', async () => {
    later()
    for (const name of ['uploader', 'yetishare']) {
      const path = `/web/sharex/${name}.sxcu`
      expect(await ann.get(path)).toMatchObject(asked)
    }
    await prove(ann)
    expect((await ann.get('/web/sharex/uploader.sxcu')).status).toBe(200)
  })

  test('turning the second factor off asks for the password beside the code', async () => {
    const { core, clock } = given.app
    const { secret } = await core.secondFactors.begin(given.ann, 'Kist')
    const codes = await core.secondFactors.confirm(given.ann, codeAt(secret, stepOf(clock.now())))
    later()
    const off = () => ann.call('DELETE', '/web/account/second-factor', { code: codes[0] })
    expect(await off()).toMatchObject(asked)
    expect(await ann.call('POST', '/web/account/second-factor/codes', { code: codes[0] })).toMatchObject(
      asked,
    )
    await prove(ann)
    expect((await off()).status).toBe(200)
  })

  test('what harms nobody is not asked for, nor what a body without sense would do', async () => {
    later()
    expect((await ann.call('PATCH', '/web/account', { title: 'Dr' })).status).toBe(200)
    expect((await ann.call('POST', '/web/account/tokens', { kind: 'none' })).status).toBe(400)
    expect((await ann.call('POST', '/web/account/password', {})).status).toBe(400)
  })

  test('deleting it asks always, however fresh the proof', async () => {
    await prove(ann)
    expect((await ann.call('DELETE', '/web/account', {})).status).toBe(400)
  })
})

describe('of administrators', () => {
  const ACCOUNTS = '/web/admin/accounts'
  const change = (body: object) => root.call('PATCH', `${ACCOUNTS}/${given.ann.id}`, body)

  test('making an administrator, a password of somebody else and a second factor reset ask', async () => {
    later()
    const fresh = { name: 'eve', password: PASSWORD }
    expect(await root.call('POST', ACCOUNTS, { ...fresh, isAdmin: true })).toMatchObject(asked)
    expect(await change({ isAdmin: true })).toMatchObject(asked)
    // The password in the body is the new one of somebody else, and proves nothing.
    expect(await change({ password: PASSWORD })).toMatchObject(asked)
    const reset = () => root.call('DELETE', `${ACCOUNTS}/${given.ann.id}/second-factor`)
    expect(await reset()).toMatchObject(asked)
    expect((await given.app.core.accounts.get(given.ann.id)).isAdmin).toBe(false)
    expect((await root.call('POST', ACCOUNTS, fresh)).status).toBe(200)
    expect((await change({ isAdmin: false, package: 'Silver', status: 'active' })).status).toBe(200)
    expect((await root.call('PATCH', `${ACCOUNTS}/999`, { isAdmin: true })).status).toBe(404)
    await prove(root)
    expect((await change({ isAdmin: true, password: 'another horse' })).status).toBe(200)
    expect((await reset()).status).toBe(200)
    later()
    // Taking it away is a change of power, too.
    expect(await change({ isAdmin: false })).toMatchObject(asked)
  })

  test('deleting an account and another address of one ask, as they ask its owner', async () => {
    later()
    const removal = () => root.call('DELETE', `${ACCOUNTS}/${given.ann.id}`)
    expect(await removal()).toMatchObject(asked)
    expect(await change({ email: 'eve@example.com' })).toMatchObject(asked)
    const { id } = await given.app.core.accounts.getByName('root')
    expect(await root.call('PATCH', `${ACCOUNTS}/${id}`, { email: 'eve@example.com' })).toMatchObject(asked)
    expect((await given.app.core.accounts.get(given.ann.id)).email).toBeNull()
    expect((await change({ email: '', status: 'active' })).status).toBe(200)
    expect((await root.call('DELETE', `${ACCOUNTS}/999`)).status).toBe(404)
    await prove(root)
    expect((await change({ email: 'ann@example.com' })).status).toBe(200)
    expect((await removal()).status).toBe(200)
  })
})

describe('proving', () => {
  test('is of one session alone', async () => {
    const other = await callerNamed(given.app, 'ann')
    later()
    await prove(ann)
    expect((await ann.call('POST', '/web/account/logins')).status).toBe(200)
    expect(await other.call('POST', '/web/account/logins')).toMatchObject(asked)
  })

  test('of a session that an earlier version began is asked for', async () => {
    const { metadata } = given.app
    const sessions = await metadata.webSessions.list(given.ann.id)
    await metadata.webSessions.prove(sessions[0]?.id ?? 0, new Date(0))
    expect(await ann.call('POST', PROOF, {})).toMatchObject(asked)
  })

  test('with wrong passwords ends after five of them for a quarter of an hour, whatever the password', async () => {
    later()
    for (let n = 0; n < 5; n++) expect((await prove(ann, 'guess')).status).toBe(400)
    const locked = await prove(ann)
    expect([locked.status, locked.headers.get('retry-after')]).toEqual([429, '900'])
    expect((await ann.call('DELETE', '/web/account', { password: PASSWORD })).status).toBe(429)
    expect(await ann.call('POST', PROOF, {})).toMatchObject(asked)
    // Who knows the password signs in anew.
    const again = await signIn(given.app, 'ann')
    expect(again.status).toBe(200)
    const { entries } = (await ann.get('/web/account/activity')).json
    const tries = entries.filter(({ action }: { action: string }) => action === 'proof.failed')
    expect(tries.map(({ detail, actor }: Record<string, string>) => [actor, detail])).toEqual([
      ['ann', 'Browser: locked out after too many tries'],
      ['ann', 'Browser: locked out after too many tries'],
      ...Array.from({ length: 5 }, () => ['ann', 'Browser: wrong password']),
    ])
    later()
    expect((await prove(ann)).status).toBe(200)
  })

  test('a stolen session that guesses does not keep the owner from it', async () => {
    const stolen = await callerNamed(given.app, 'ann')
    later()
    for (let n = 0; n < 20; n++) await prove(stolen, 'guess')
    expect((await prove(stolen)).status).toBe(429)
    expect((await prove(ann)).status).toBe(200)
    expect((await ann.call('DELETE', '/web/account/devices')).status).toBe(200)
    expect((await prove(stolen)).status).toBe(401)
  })

  test('many guesses at once are five, too', async () => {
    later()
    const answers = await Promise.all(Array.from({ length: 20 }, () => prove(ann, 'guess')))
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(5)
  })

  test('a wrong password does not pass for a fresh proof', async () => {
    const body = { newPassword: 'brand new words', password: 'guess' }
    expect((await ann.call('POST', '/web/account/password', body)).status).toBe(400)
    expect((await ann.call('POST', PROOF, { password: 5 })).status).toBe(400)
  })
})
