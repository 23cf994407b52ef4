/** The account about itself: profile, password, activity, its end. */
import { describe, expect, test } from 'bun:test'
import { PASSWORD } from '../support/app.ts'
import { callerNamed, signIn } from './signed-in.ts'
import { site } from './site.ts'

const given = site()
const ann = () => callerNamed(given.app, 'ann')
const WRONG = { status: 400, json: { status: 'error', message: 'Wrong password' } }

describe('the profile', () => {
  test('comes with the usage, the package and what is on', async () => {
    await given.file({ bytes: new Uint8Array(3000) })
    const { json } = await (await ann()).get('/web/account')
    expect(json).toMatchObject({
      profile: { name: 'ann', email: null, defaultVisibility: 1 },
      usage: { package: 'Gold', stored: 3000, maxStorage: 6 * 1024 ** 4 },
      secondFactor: { isOn: false, recoveryCodesLeft: 0 },
      apis: ['nating', 'yetishare', 'flamenet'],
    })
  })

  test('is changed but for the e-mail address long after the password was given', async () => {
    const caller = await ann()
    const change = { title: 'Ms', firstName: ' Ann ', lastName: '', defaultVisibility: 0 }
    const { status, json } = await caller.call('PATCH', '/web/account', change)
    expect(status).toBe(200)
    expect(json.profile).toMatchObject({
      title: 'Ms',
      firstName: 'Ann',
      lastName: null,
      defaultVisibility: 0,
    })
    const email = { email: 'ann@example.com' }
    given.app.clock.advance(901)
    expect((await caller.call('PATCH', '/web/account', email)).status).toBe(403)
    expect(await caller.call('PATCH', '/web/account', { ...email, password: 'not mine' })).toMatchObject(
      WRONG,
    )
    const changed = await caller.call('PATCH', '/web/account', { ...email, password: PASSWORD })
    expect(changed.json.profile).toMatchObject({ ...email, title: 'Ms' })
    // The same address again is no change.
    expect((await caller.call('PATCH', '/web/account', email)).status).toBe(200)
  })

  test.each([
    [{ title: 'Lord' }],
    [{ firstName: 'x'.repeat(101) }],
    [{ firstName: 5 }],
    [{ defaultVisibility: 3 }],
    [{ email: 'nonsense', password: PASSWORD }],
  ])('is not changed to %j', async (change) => {
    expect((await (await ann()).call('PATCH', '/web/account', change)).status).toBe(400)
  })

  test('has no way to more rights', async () => {
    const change = { isAdmin: true, status: 'active', package: 'Admin', packageName: 'Admin', packageId: 6 }
    await (await ann()).call('PATCH', '/web/account', change)
    const account = await given.app.core.accounts.get(given.ann.id)
    expect([account.isAdmin, account.packageId]).toEqual([false, given.ann.packageId])
  })

  test('of an address that somebody has stays', async () => {
    await given.app.core.accounts.change('bob', { email: 'bob@example.com' })
    const change = { email: 'BOB@example.com', password: PASSWORD }
    expect((await (await ann()).call('PATCH', '/web/account', change)).status).toBe(409)
  })
})

describe('the password', () => {
  const change = (password: string, newPassword: string) => ({ password, newPassword })
  const PATH = '/web/account/password'

  test('is changed by who knows it: other sessions end, this one goes on', async () => {
    const [caller, other] = [await ann(), await ann()]
    expect(await caller.call('POST', PATH, change('no', 'brand new words'))).toMatchObject(WRONG)
    expect((await caller.call('POST', PATH, change(PASSWORD, 'short'))).status).toBe(400)
    expect((await caller.call('POST', PATH, { password: PASSWORD })).status).toBe(400)
    expect((await other.get('/web/me')).status).toBe(200)
    expect((await caller.call('POST', PATH, change(PASSWORD, 'brand new words'))).status).toBe(200)
    expect([(await caller.get('/web/me')).status, (await other.get('/web/me')).status]).toEqual([200, 401])
    expect((await signIn(given.app, 'ann')).status).toBe(401)
    expect((await signIn(given.app, 'ann', { password: 'brand new words' })).status).toBe(200)
  })
})

describe('guessing the password of an open browser', () => {
  const limited = site({ config: { limits: { rateLimits: true, signInPerMinute: 3 } } })

  test('is refused after a few tries', async () => {
    const caller = await callerNamed(limited.app, 'ann')
    const guess = () => caller.call('DELETE', '/web/account', { password: 'guess' })
    const statuses = [await guess(), await guess(), await guess(), await guess()].map(({ status }) => status)
    expect(statuses).toEqual([400, 400, 400, 429])
  })

  test('nor is the code of a second factor that is only begun', async () => {
    const caller = await callerNamed(limited.app, 'ann')
    await caller.call('POST', '/web/account/second-factor', { password: PASSWORD })
    const guess = () => caller.call('POST', '/web/account/second-factor/confirm', { code: '000000' })
    const statuses = [await guess(), await guess(), await guess(), await guess()].map(({ status }) => status)
    expect(statuses).toEqual([400, 400, 400, 429])
  })
})

describe('the activity', () => {
  test('shows the owner what the account did, and no other', async () => {
    const [caller, bob] = [await ann(), await callerNamed(given.app, 'bob')]
    await caller.call('PATCH', '/web/account', { title: 'Dr' })
    await bob.call('POST', '/web/account/tokens', { kind: 'nating', name: 'CI' })
    const seen = (await caller.get('/web/account/activity')).json
    expect(seen.before).toBeNull()
    expect(seen.entries.map(({ action, detail }: Record<string, string>) => [action, detail])).toEqual([
      ['profile.changed', 'title'],
      ['signed_in', 'Firefox on a test'],
    ])
    const [newest] = seen.entries
    const older = (await caller.get(`/web/account/activity?before=${newest.id}`)).json
    expect(older.entries.map(({ action }: { action: string }) => action)).toEqual(['signed_in'])
    expect((await bob.get('/web/account/activity')).json.entries[0]).toMatchObject({
      ...{ actor: 'bob', action: 'token.made', subject: 'bob', detail: 'nating: CI' },
      at: given.app.clock.now().toISOString(),
    })
  })
})

test('the activity shows who tried to sign in as the account, and no password', async () => {
  const caller = await ann()
  expect((await signIn(given.app, 'ann', { password: 'my other one' })).status).toBe(401)
  const body = { username: 'ann', password: 'my other one' }
  expect((await given.send('POST', '/api/login', { body })).status).toBe(400)
  expect((await given.send('POST', '/api/v2/authorize', { body })).json._status).toBe('error')
  const { text, json } = await caller.get('/web/account/activity')
  const seen = json.entries
    .slice(0, 3)
    .map(({ actor, action, detail }: Record<string, string>) => [...[actor, action, detail]])
  expect(seen).toEqual([
    ['', 'sign_in.failed', 'YetiShare API: wrong password'],
    ['', 'sign_in.failed', 'File Uploader API: wrong password'],
    ['', 'sign_in.failed', 'Browser: wrong password'],
  ])
  expect(text).not.toContain('my other one')
})

describe('the account', () => {
  test('is deleted by its owner with the password, and everything of it goes', async () => {
    const caller = await ann()
    await given.file()
    expect(await caller.call('DELETE', '/web/account', { password: 'no' })).toMatchObject(WRONG)
    expect((await caller.call('DELETE', '/web/account', { password: PASSWORD })).status).toBe(200)
    expect((await caller.get('/web/me')).status).toBe(401)
    expect(await given.app.metadata.accounts.findByName('ann')).toBeNull()
    const { entries } = await given.app.core.audit.list(null)
    expect(entries[0]).toMatchObject({ action: 'account.deleted', actorName: 'ann', subject: 'ann' })
  })

  test('of the only administrator stays', async () => {
    await given.app.account('root', { isAdmin: true })
    const root = await callerNamed(given.app, 'root')
    expect((await root.call('DELETE', '/web/account', { password: PASSWORD })).status).toBe(403)
    await given.app.account('second', { isAdmin: true })
    expect((await root.call('DELETE', '/web/account', { password: PASSWORD })).status).toBe(200)
  })
})
