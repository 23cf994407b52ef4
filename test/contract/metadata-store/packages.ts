import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import { expectFault, limits } from './records.ts'

export function packageCases(stage: Stage): void {
  test('a package keeps every limit', async () => {
    const { packages } = stage().store
    const created = await packages.create('Team', limits)
    expect(created).toEqual({ id: created.id, name: 'Team', ...limits })
    expect(await packages.find(created.id)).toEqual(created)
    expect(await packages.list()).toEqual([created])
  })

  test('package names are compared without letter case', async () => {
    const { packages } = stage().store
    const created = await packages.create('Team', limits)
    expect(await packages.findByName('tEAM')).toEqual(created)
    expect(await packages.findByName('tea')).toBeNull()
    await expectFault(packages.create('TEAM', limits), 'name_taken')
  })

  test('an update changes only the limits it names', async () => {
    const { packages } = stage().store
    const { id } = await packages.create('Team', limits)
    const updated = await packages.update(id, { maxStorageBytes: 5, canUpload: false })
    expect(updated).toEqual({ id, name: 'Team', ...limits, maxStorageBytes: 5, canUpload: false })
    expect(await packages.update(id, {})).toEqual(updated)
    await expectFault(packages.update(id + 1, {}), 'package_not_found')
    await expectFault(packages.update(id + 1, { canUpload: true }), 'package_not_found')
  })

  test('seeding creates what is missing and changes nothing', async () => {
    const { packages } = stage().store
    await packages.create('free', { ...limits, maxUploadSize: 77 })
    await packages.seed([
      { name: 'Free', limits },
      { name: 'Gold', limits },
    ])
    await packages.seed([{ name: 'Gold', limits: { ...limits, maxUploadSize: 1 } }])
    const found = (await packages.list()).map(({ name, maxUploadSize }) => [name, maxUploadSize])
    expect(found).toEqual([
      ['free', 77],
      ['Gold', limits.maxUploadSize],
    ])
  })

  test('two programs seeding at once make each package once', async () => {
    const { packages } = stage().store
    const seed = [{ name: 'Free', limits }]
    await Promise.all([packages.seed(seed), packages.seed(seed), packages.seed(seed)])
    expect(await packages.list()).toHaveLength(1)
  })
}
