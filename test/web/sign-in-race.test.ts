/** Signing in while the password changes. */
import { expect, test } from 'bun:test'
import { callerOf, signIn } from './signed-in.ts'
import { site } from './site.ts'

const given = site()

test('who signs in with a password that changes at that moment is not signed in', async () => {
  const { app, ann } = given
  const { webSessions } = app.metadata
  const create = webSessions.create
  webSessions.create = async (...given) => {
    await app.core.accounts.change(ann.id, { password: 'another long password' })
    return create(...given)
  }
  const late = await signIn(app, 'ann')
  webSessions.create = create
  expect([late.status, late.headers.get('set-cookie')]).toEqual([401, null])
  expect(await app.core.webSessions.list(ann)).toEqual([])
  expect((await signIn(app, 'ann', { password: 'another long password' })).status).toBe(200)
})

test('a session that an administrator ends with a new password does not set another in the same moment', async () => {
  const { app, ann } = given
  const thief = callerOf(app, await signIn(app, 'ann'))
  const { accounts } = app.metadata
  const update = accounts.update
  accounts.update = async (...change) => {
    accounts.update = update
    await app.core.accounts.change(ann.id, { password: 'another long password' })
    return update(...change)
  }
  const late = await thief.call('POST', '/web/account/password', { newPassword: 'what the thief knows' })
  expect(late.status).toBe(401)
  expect((await signIn(app, 'ann', { password: 'what the thief knows' })).status).toBe(401)
  expect((await signIn(app, 'ann', { password: 'another long password' })).status).toBe(200)
})
