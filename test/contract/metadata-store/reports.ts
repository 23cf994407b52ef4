import { expect, test } from 'bun:test'
import type { NewReport, Resolved } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { at, expectFault, NOON, settled } from './records.ts'

const newReport = (change: Partial<NewReport> = {}): NewReport => ({
  ...{ fileId: 7, slug: 'abcdefghij', fileName: 'a.txt', reason: 'malware', message: 'look' },
  ...{ accountId: null, ip: '::1', createdAt: NOON },
  ...change,
})
const ALLOWANCE = { since: at(-86_400), most: 3 }
const DISMISSED: Resolved = { resolvedAt: at(9), resolvedBy: 1, resolution: 'dismissed' }

export function reportCases(stage: Stage): void {
  test('a report waits as it was made, the oldest first, page by page', async () => {
    const { store } = stage()
    expect(await store.reports.countOpen()).toBe(0)
    for (const fileId of [7, 8, 9])
      expect(await store.reports.add(newReport({ fileId }), ALLOWANCE)).toBe(true)
    const all = await store.reports.open(0, 10)
    expect(all.map(({ fileId }) => fileId)).toEqual([7, 8, 9])
    const [first] = all
    const open = { resolvedAt: null, resolvedBy: null, resolution: null }
    expect(first).toEqual({ id: first?.id ?? 0, ...newReport(), ...open })
    expect(await store.reports.find(first?.id ?? 0)).toEqual(first ?? null)
    expect((await store.reports.open(first?.id ?? 0, 1)).map(({ fileId }) => fileId)).toEqual([8])
    expect(await store.reports.countOpen()).toBe(3)
    expect(await store.reports.find(99)).toBeNull()
  })

  test('the same address says it once of a file while it waits', async () => {
    const { store } = stage()
    expect(await store.reports.add(newReport(), ALLOWANCE)).toBe(true)
    expect(await store.reports.add(newReport({ reason: 'other' }), ALLOWANCE)).toBe(false)
    expect(await store.reports.add(newReport({ ip: '::2' }), ALLOWANCE)).toBe(true)
    const [first] = await store.reports.open(0, 1)
    await store.reports.resolve(first?.id ?? 0, DISMISSED)
    expect(await store.reports.add(newReport(), ALLOWANCE)).toBe(true)
  })

  test('an address has its number of reports in a time, resolved or not', async () => {
    const { store } = stage()
    for (const fileId of [1, 2, 3]) await store.reports.add(newReport({ fileId }), ALLOWANCE)
    await expectFault(store.reports.add(newReport({ fileId: 4 }), ALLOWANCE), 'rate_limited')
    await store.reports.resolveFile(1, DISMISSED)
    await expectFault(store.reports.add(newReport({ fileId: 4 }), ALLOWANCE), 'rate_limited')
    expect(await store.reports.add(newReport({ fileId: 4, ip: '::2' }), ALLOWANCE)).toBe(true)
    expect(await store.reports.add(newReport({ fileId: 4 }), { since: NOON, most: 3 })).toBe(true)
  })

  test('a report is resolved once, whoever tries', async () => {
    const { store } = stage()
    await store.reports.add(newReport(), ALLOWANCE)
    const [{ id } = { id: 0 }] = await store.reports.open(0, 1)
    const tries = Array.from({ length: 10 }, () => store.reports.resolve(id, DISMISSED))
    expect(await settled(tries)).toEqual({ won: 1, faults: ['report_not_found'] })
    expect(await store.reports.find(id)).toMatchObject(DISMISSED)
    expect(await store.reports.open(0, 10)).toEqual([])
    await expectFault(store.reports.resolve(99, DISMISSED), 'report_not_found')
  })

  test('all reports of one file that wait are resolved together', async () => {
    const { store } = stage()
    for (const ip of ['::1', '::2']) await store.reports.add(newReport({ ip }), ALLOWANCE)
    await store.reports.add(newReport({ fileId: 8 }), ALLOWANCE)
    const trashed: Resolved = { ...DISMISSED, resolution: 'trashed' }
    expect(await store.reports.resolveFile(7, trashed)).toBe(2)
    expect(await store.reports.resolveFile(7, trashed)).toBe(0)
    expect((await store.reports.open(0, 10)).map(({ fileId }) => fileId)).toEqual([8])
  })

  test('what was resolved long ago is removed, some at a time, and what waits stays however old it is', async () => {
    const { store } = stage()
    const plenty = { ...ALLOWANCE, most: 10 }
    for (const fileId of [1, 2, 3, 4]) await store.reports.add(newReport({ fileId }), plenty)
    await store.reports.resolveFile(1, { ...DISMISSED, resolvedAt: at(1) })
    await store.reports.resolveFile(2, { ...DISMISSED, resolvedAt: at(2) })
    await store.reports.resolveFile(3, { ...DISMISSED, resolvedAt: at(3) })
    expect(await store.reports.purge(at(3), 1)).toBe(1)
    expect(await store.reports.purge(at(3), 10)).toBe(1)
    expect(await store.reports.purge(at(3), 10)).toBe(0)
    const left = await Promise.all([1, 2, 3, 4].map((id) => store.reports.find(id)))
    expect(left.map((report) => report?.fileId)).toEqual([undefined, undefined, 3, 4])
  })

  test('addresses of guests are forgotten when they are old, of reports that wait and of others', async () => {
    const { store } = stage()
    const made = [
      newReport({ fileId: 1, createdAt: at(1) }),
      newReport({ fileId: 2, createdAt: at(1) }),
      newReport({ fileId: 3, createdAt: at(1), accountId: 5 }),
      newReport({ fileId: 4, createdAt: at(2) }),
    ]
    for (const report of made) await store.reports.add(report, { ...ALLOWANCE, most: 10 })
    await store.reports.resolveFile(2, DISMISSED)
    expect(await store.reports.forgetAddresses(at(2), 1)).toBe(1)
    expect(await store.reports.forgetAddresses(at(2), 10)).toBe(1)
    expect(await store.reports.forgetAddresses(at(2), 10)).toBe(0)
    const left = await Promise.all([1, 2, 3, 4].map((id) => store.reports.find(id)))
    expect(left.map((report) => report?.ip)).toEqual(['', '', '::1', '::1'])
  })
}
