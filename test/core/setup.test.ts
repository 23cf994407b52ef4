import { expect, test } from 'bun:test'
import { coresUnderTest, faultOf } from './core-under-test.ts'

const open = coresUnderTest()
const PASSWORD = 'correct horse'

test('there is a token until there is an admin', async () => {
  const { core } = await open()
  const token = await core.setup.token()
  expect(token).toMatch(/^[0-9a-f]{48}$/)
  expect(await core.setup.token()).toBe(token)
  await core.setup.verify(token ?? '')
  await core.accounts.create({ name: 'ann', password: PASSWORD })
  expect(await core.setup.token()).toBe(token)
  await core.accounts.create({ name: 'root', password: PASSWORD, isAdmin: true })
  expect(await core.setup.token()).toBeNull()
})

test('the token makes one admin and is then used up', async () => {
  const { core } = await open()
  const token = (await core.setup.token()) ?? ''
  const admin = await core.setup.createAdmin(token, 'root', PASSWORD)
  expect(admin).toMatchObject({ name: 'root', isAdmin: true, status: 'active' })
  expect((await core.packages.of(admin)).name).toBe('Admin')
  await faultOf(core.setup.verify(token), 'signature_invalid')
  await faultOf(core.setup.createAdmin(token, 'second', PASSWORD), 'signature_invalid')
  expect(await core.accounts.list()).toHaveLength(1)
})

test('a wrong token makes nobody an admin', async () => {
  const { core } = await open()
  const token = (await core.setup.token()) ?? ''
  for (const wrong of ['', token.slice(1), `${token}0`, token.replace(/.$/, 'g')]) {
    await faultOf(core.setup.verify(wrong), 'signature_invalid')
    await faultOf(core.setup.createAdmin(wrong, 'root', PASSWORD), 'signature_invalid')
  }
  expect(await core.accounts.hasAdmin()).toBe(false)
})

test('a bad name or password leaves the token as it is', async () => {
  const { core } = await open()
  const token = (await core.setup.token()) ?? ''
  await faultOf(core.setup.createAdmin(token, '', PASSWORD), 'invalid')
  await faultOf(core.setup.createAdmin(token, 'root', 'short'), 'invalid')
  expect((await core.setup.createAdmin(token, 'root', PASSWORD)).name).toBe('root')
})

test('of two at once one becomes the admin', async () => {
  const { core } = await open()
  const token = (await core.setup.token()) ?? ''
  const race = await Promise.allSettled(
    ['ann', 'bob', 'eve'].map((name) => core.setup.createAdmin(token, name, PASSWORD)),
  )
  expect(race.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of race)
    if (outcome.status === 'rejected')
      expect(['conflict', 'signature_invalid']).toContain(outcome.reason.code)
  expect((await core.accounts.list()).filter(({ isAdmin }) => isAdmin)).toHaveLength(1)
})
