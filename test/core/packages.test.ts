import { describe, expect, test } from 'bun:test'
import { NEW_PACKAGE, PACKAGE_COLUMNS, parseLimits } from '../../src/core/packages.ts'
import { coresUnderTest, faultOf } from './core-under-test.ts'

const open = coresUnderTest()
const MiB = 2 ** 20
const GiB = 2 ** 30
const TiB = 2 ** 40

describe('the packages of a first start', () => {
  const seeds: Array<[name: string, storage: number, flamenet: boolean, level: string]> = [
    ['Guest', 0, false, 'nonuser'],
    ['Free', 100 * MiB, false, 'free user'],
    ['Bronze', GiB, false, 'paid user'],
    ['Silver', 5 * GiB, true, 'paid user'],
    ['Gold', 6 * TiB, true, 'paid user'],
    ['Admin', 0, true, 'admin'],
  ]
  test.each(seeds)('%s', async (name, maxStorageBytes, flamenetApi, levelType) => {
    const { core } = await open()
    expect(await core.packages.getByName(name)).toMatchObject({
      name,
      maxStorageBytes,
      flamenetApi,
      levelType,
    })
  })

  test('are these six, all of which may upload, and stay as they were changed', async () => {
    const { core, restart } = await open()
    expect((await core.packages.list()).map(({ name }) => name)).toEqual(seeds.map(([name]) => name))
    expect((await core.packages.list()).every(({ canUpload }) => canUpload)).toBe(true)
    await core.packages.set('Free', { max_storage_bytes: '1' })
    const again = await restart()
    expect((await again.packages.getByName('Free')).maxStorageBytes).toBe(1)
    expect(await again.packages.list()).toHaveLength(6)
  })
})

describe('a package', () => {
  test('added without keys allows uploads and the APIs and limits nothing', async () => {
    const { core } = await open()
    const { id, name, ...limits } = await core.packages.add(' Team 1 ', {})
    expect([id > 0, name]).toEqual([true, 'Team 1'])
    expect(limits).toEqual(NEW_PACKAGE)
    const numbers = Object.values(NEW_PACKAGE).filter((value) => typeof value === 'number')
    expect(new Set(numbers)).toEqual(new Set([0]))
    expect(NEW_PACKAGE).toMatchObject({ canUpload: true, apiAccess: true, levelType: 'paid user' })
  })

  test('is found in any letter case and changed in the named keys only', async () => {
    const { core } = await open()
    await core.packages.add('Team', { concurrent_uploads: '3' })
    const changed = await core.packages.set('tEAM', { max_upload_size: '1024', can_upload: '0' })
    expect(changed).toMatchObject({
      name: 'Team',
      concurrentUploads: 3,
      maxUploadSize: 1024,
      canUpload: false,
    })
    expect(await core.packages.getByName('TEAM')).toEqual(changed)
    expect(await core.packages.set('Team', {})).toEqual(changed)
  })

  test('is of an account, and Guest of who has none', async () => {
    const { core, account } = await open()
    expect((await core.packages.of(await account('ann', 'Silver'))).name).toBe('Silver')
    expect((await core.packages.of(null)).name).toBe('Guest')
    await faultOf(core.packages.of({ ...(await account('bob')), packageId: 99 }), 'package_not_found')
  })

  test('is refused a name that is taken or none, and a key that is none', async () => {
    const { core } = await open()
    await faultOf(core.packages.add('gold', {}), 'name_taken')
    for (const name of ['', ' ', 'a/b', 'a\nb', 'x'.repeat(51), '<b>'])
      expect((await faultOf(core.packages.add(name, {}), 'invalid')).field).toBe('name')
    await faultOf(core.packages.add('Team', { max_size: '1' }), 'invalid')
    await faultOf(core.packages.set('None', {}), 'package_not_found')
    await faultOf(core.packages.set('Gold', { can_upload: 'yes' }), 'invalid')
    expect(await core.packages.list()).toHaveLength(6)
  })
})

describe('a limit', () => {
  const good: Array<[key: keyof typeof PACKAGE_COLUMNS, value: string, read: number | boolean | string]> = [
    ['max_upload_size', '0', 0],
    ['max_upload_size', '007', 7],
    ['max_storage_bytes', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['can_upload', '1', true],
    ['api_access', '0', false],
    ['level_type', ' paid user ', 'paid user'],
  ]
  test.each(good)('%s=%s is read', (key, value, read) => {
    expect(parseLimits({ [key]: value })).toEqual({ [PACKAGE_COLUMNS[key]]: read })
  })

  const bad: Array<[key: string, value: string, message: string]> = [
    ['max_upload_size', '', 'max_upload_size must be a whole number, 0 or more.'],
    ['max_upload_size', '-1', 'max_upload_size must be a whole number, 0 or more.'],
    ['max_upload_size', '1.5', 'max_upload_size must be a whole number, 0 or more.'],
    ['max_upload_size', '1e3', 'max_upload_size must be a whole number, 0 or more.'],
    ['max_upload_size', '0x10', 'max_upload_size must be a whole number, 0 or more.'],
    ['max_upload_size', ' 1', 'max_upload_size must be a whole number, 0 or more.'],
    ['max_upload_size', '٣', 'max_upload_size must be a whole number, 0 or more.'],
    ['max_upload_size', '9007199254740992', 'max_upload_size must be a whole number, 0 or more.'],
    ['can_upload', 'true', 'can_upload must be 0 or 1.'],
    ['can_upload', '2', 'can_upload must be 0 or 1.'],
    ['level_type', ' ', 'level_type must be a text of 1 to 50 characters.'],
    ['level_type', 'x'.repeat(51), 'level_type must be a text of 1 to 50 characters.'],
    ['maxUploadSize', '1', 'maxUploadSize is not a package key.'],
    ['constructor', '1', 'constructor is not a package key.'],
    ['id', '1', 'id is not a package key.'],
  ]
  test.each(bad)('%s=%s is refused', (key, value, message) => {
    expect(() => parseLimits({ [key]: value })).toThrow(
      expect.objectContaining({ code: 'invalid', field: key, message: expect.stringContaining(message) }),
    )
  })

  test('has a column for every one there is', () => {
    expect(Object.values<string>(PACKAGE_COLUMNS).sort()).toEqual(Object.keys(NEW_PACKAGE).sort())
  })
})
