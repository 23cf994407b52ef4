import { afterAll, describe, expect, spyOn, test } from 'bun:test'
import { createPasswordHasher, type PasswordHasher, startPasswordWorker } from '../../src/core/passwords.ts'
import { coresUnderTest, errorOf, faultOf, plainPasswords, principalOf } from './core-under-test.ts'
import { begin, upload } from './upload-steps.ts'

const open = coresUnderTest()
const PASSWORD = 'correct horse'
const real = createPasswordHasher(startPasswordWorker)
afterAll(() => real.close())

describe('a new account', () => {
  test('has the default package, and an admin the one for admins', async () => {
    const { core, metadata } = await open({ defaultPackage: 'Bronze' })
    const ann = await core.accounts.create({ name: ' ann ', password: PASSWORD, email: ' ann@example.org ' })
    const root = await core.accounts.create({ name: 'root', password: PASSWORD, isAdmin: true })
    const packageOf = async (id: number) => (await metadata.packages.find(id))?.name
    expect(ann).toMatchObject({ name: 'ann', email: 'ann@example.org', isAdmin: false, status: 'active' })
    expect(await packageOf(ann.packageId)).toBe('Bronze')
    expect(await packageOf(root.packageId)).toBe('Admin')
    expect(ann).toMatchObject({ storageUsed: 0, storageReserved: 0, defaultVisibility: 1 })
    expect(ann.passwordHash).not.toBe(PASSWORD)
  })

  test('may name its package, in any letter case, but not one there is not', async () => {
    const { core } = await open()
    const gold = await core.packages.getByName('Gold')
    const made = await core.accounts.create({ name: 'ann', password: PASSWORD, packageName: 'gOLD' })
    expect(made.packageId).toBe(gold.id)
    const none = core.accounts.create({ name: 'bob', password: PASSWORD, packageName: 'Platinum' })
    expect((await faultOf(none, 'package_not_found')).message).toBe('There is no package named Platinum.')
  })

  test.each([
    'a',
    'Ann',
    'ann.smith-jones_1',
    'ann@example.org',
    'Ωμέγα',
    '文件',
    '1st',
    'x'.repeat(64),
    'é',
  ])('may be called %s', async (name) => {
    const { core } = await open()
    expect((await core.accounts.create({ name, password: PASSWORD })).name).toBe(name)
  })

  test.each(['', ' ', '.', '-a', '@a', 'a/b', 'a\u0000', 'a\nb', '😀', 'a\u202eb', "a'b", 'x'.repeat(65)])(
    'may not be called %j',
    async (name) => {
      const { core } = await open()
      const fault = await faultOf(core.accounts.create({ name, password: PASSWORD }), 'invalid')
      expect(fault.field).toBe('name')
    },
  )

  test('may not have a name that differs by letter case alone, not even of two at once', async () => {
    const { core } = await open()
    await core.accounts.create({ name: 'Ann', password: PASSWORD })
    const again = core.accounts.create({ name: 'aNN', password: PASSWORD })
    expect((await faultOf(again, 'name_taken')).message).toBe('The name aNN is already in use.')
    const race = await Promise.allSettled(
      ['bob', 'Bob', 'BOB'].map((name) => core.accounts.create({ name, password: PASSWORD })),
    )
    expect(race.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of race)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'name_taken' })
  })

  test('is refused before its password is hashed when its name is taken', async () => {
    const passwords = { ...plainPasswords }
    const hash = spyOn(passwords, 'hash')
    const { core } = await open({ passwords })
    await core.accounts.create({ name: 'ann', password: PASSWORD })
    await faultOf(core.accounts.create({ name: 'ann', password: PASSWORD }), 'name_taken')
    expect(hash).toHaveBeenCalledTimes(1)
  })

  test.each([
    ['1234567', 'A password has at least 8 characters.'],
    ['', 'A password has at least 8 characters.'],
    ['x'.repeat(1025), 'A password has at most 1024 characters.'],
  ])('is refused the password %j', async (password, message) => {
    const { core } = await open()
    const fault = await faultOf(core.accounts.create({ name: 'ann', password }), 'invalid')
    expect(fault).toMatchObject({ field: 'password', message })
  })

  test.each([
    'ann',
    '@example.org',
    'ann@',
    'a b@example.org',
    'a@b@c',
    'a\u0000@example.org',
    'a\u001b@b.org',
    `${'x'.repeat(250)}@b.org`,
  ])('is refused the address %j', async (email) => {
    const { core } = await open()
    const fault = await faultOf(core.accounts.create({ name: 'ann', password: PASSWORD, email }), 'invalid')
    expect(fault.field).toBe('email')
  })

  test('needs no address', async () => {
    const { core } = await open()
    for (const [name, email] of [
      ['a', ''],
      ['b', ' '],
      ['c', null],
    ] as const)
      expect((await core.accounts.create({ name, password: PASSWORD, email })).email).toBeNull()
  })
})

describe('signing in', () => {
  test('takes the name in any letter case and with spaces around it, the password exactly', async () => {
    const { core } = await open()
    const ann = await core.accounts.create({ name: 'Ann', password: PASSWORD })
    expect((await core.accounts.signIn(' aNN ', PASSWORD)).id).toBe(ann.id)
    for (const password of ['', 'Correct horse', `${PASSWORD} `, PASSWORD.slice(1)])
      await faultOf(core.accounts.signIn('ann', password), 'bad_credentials')
  })

  test('says one thing to an unknown name, a wrong password and a suspended account', async () => {
    const { core } = await open()
    await core.accounts.create({ name: 'ann', password: PASSWORD })
    await core.accounts.create({ name: 'bob', password: PASSWORD })
    await core.accounts.change('bob', { status: 'suspended' })
    const faults = await Promise.all([
      faultOf(core.accounts.signIn('nobody', PASSWORD), 'bad_credentials'),
      faultOf(core.accounts.signIn('ann', 'wrong password'), 'bad_credentials'),
      faultOf(core.accounts.signIn('bob', PASSWORD), 'bad_credentials'),
      faultOf(core.accounts.signIn("' OR 1=1 --", PASSWORD), 'bad_credentials'),
      faultOf(core.accounts.signIn('', ''), 'bad_credentials'),
    ])
    expect(new Set(faults.map(({ message }) => message))).toEqual(new Set(['Authentication failed.']))
  })

  test('does not take a longer password for its beginning', async () => {
    const { core } = await open()
    const longest = 'x'.repeat(1024)
    await core.accounts.create({ name: 'ann', password: longest })
    expect((await core.accounts.signIn('ann', longest)).name).toBe('ann')
    await faultOf(core.accounts.signIn('ann', `${longest}x`), 'bad_credentials')
    await faultOf(core.accounts.signIn('ann', 'x'.repeat(5_000_000)), 'bad_credentials')
  })

  test('costs a real hash for an unknown name, too', async () => {
    const asked: string[] = []
    const passwords: PasswordHasher = {
      ...real,
      verify(password, hash) {
        asked.push(hash)
        return real.verify(password, hash)
      },
    }
    const { core } = await open({ passwords })
    const ann = await core.accounts.create({ name: 'ann', password: PASSWORD })
    await faultOf(core.accounts.signIn('nobody', PASSWORD), 'bad_credentials')
    await faultOf(core.accounts.signIn('ann', 'wrong password'), 'bad_credentials')
    const cost = (hash = ''): string => hash.split('$').slice(0, 4).join('$')
    expect(asked.map(cost)).toEqual([cost(ann.passwordHash), cost(ann.passwordHash)])
    // It is a hash like any other: comparing with it ends without an error, and never matches.
    expect(await Bun.password.verify(PASSWORD, asked[0] ?? '')).toBe(false)
    const time = async (hash = ''): Promise<number> => {
      const from = performance.now()
      for (let round = 0; round < 5; round++) await real.verify('a password', hash)
      return performance.now() - from
    }
    await time(asked[1])
    const [unknown, known] = [await time(asked[0]), await time(asked[1])]
    expect(unknown / known).toBeGreaterThan(0.3)
    expect(unknown / known).toBeLessThan(3)
  })
})

describe('an account', () => {
  test('can be changed in one thing or in several', async () => {
    const { core } = await open()
    await core.accounts.create({ name: 'ann', password: PASSWORD })
    const gold = await core.packages.getByName('Gold')
    const changed = await core.accounts.change('ANN', { packageName: 'Gold', password: 'another horse' })
    expect(changed).toMatchObject({ packageId: gold.id, status: 'active' })
    await faultOf(core.accounts.signIn('ann', PASSWORD), 'bad_credentials')
    await core.accounts.signIn('ann', 'another horse')
    await faultOf(core.accounts.change('ann', { password: 'short' }), 'invalid')
    await faultOf(core.accounts.change('ann', { packageName: 'None' }), 'package_not_found')
    await faultOf(core.accounts.change('bob', { status: 'suspended' }), 'account_not_found')
    expect(await core.accounts.change('ann', {})).toEqual(changed)
  })

  test('that is suspended is signed out everywhere, and can be let in again', async () => {
    const { core, account } = await open()
    const ann = await account('ann')
    const { cookie } = await core.webSessions.signIn('ann', PASSWORD)
    const { secrets } = await core.tokens.issue(ann, { kind: 'nating' })
    await core.accounts.change('ann', { status: 'suspended' })
    expect(await core.webSessions.authenticate(cookie, '')).toBeNull()
    await faultOf(core.tokens.authenticate('nating', secrets[0] ?? '', ''), 'bad_credentials')
    await core.accounts.change('ann', { status: 'active' })
    expect(await core.webSessions.authenticate(cookie, '')).toBeNull()
    expect((await core.tokens.authenticate('nating', secrets[0] ?? '', '')).account?.id).toBe(ann.id)
  })

  test('goes with everything it owns', async () => {
    const product = await open()
    const ann = await product.account('ann')
    const by = principalOf(ann)
    const { session } = await upload(product, by, 250)
    const { session: live } = await begin(product, by, 100)
    const { secrets } = await product.core.tokens.issue(ann, { kind: 'nating' })
    await product.core.accounts.delete('ann')
    await faultOf(product.core.accounts.getByName('ann'), 'account_not_found')
    await faultOf(product.core.accounts.delete('ann'), 'account_not_found')
    await faultOf(product.core.tokens.authenticate('nating', secrets[0] ?? '', ''), 'bad_credentials')
    await product.core.sweeper.sweep()
    expect(await product.storage.head(session.objectKey)).toBeNull()
    expect((await product.metadata.uploads.find(live.id))?.status ?? 'gone').toMatch(/aborted|gone/)
    expect(await Array.fromAsync(product.storage.listUploads())).toEqual([])
    expect(await product.problems()).toEqual([])
  })

  test('of an admin is known to be there', async () => {
    const { core } = await open()
    expect(await core.accounts.hasAdmin()).toBe(false)
    await core.accounts.create({ name: 'root', password: PASSWORD, isAdmin: true })
    expect(await core.accounts.hasAdmin()).toBe(true)
    expect((await core.accounts.list()).map(({ name }) => name)).toEqual(['root'])
  })
})

test('a crowd of sign-ins beyond the queue is told to come again', async () => {
  const passwords = createPasswordHasher(startPasswordWorker)
  const { core } = await open({ passwords })
  const crowd = Array.from({ length: 80 }, () => errorOf(core.accounts.signIn('nobody', PASSWORD)))
  const refused = (await Promise.all(crowd)).filter(
    (error) => error instanceof Error && 'code' in error && error.code === 'unavailable',
  )
  passwords.close()
  expect(refused).toHaveLength(80 - 64)
})
