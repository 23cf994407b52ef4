import { expect, test } from 'bun:test'
import type { AuditFilter } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { at } from './records.ts'

const entry = (second: number, actorId: number | null = 1) => ({
  ...{ at: at(second), actorId, actorName: 'ann', action: 'account.suspended', subject: `n${second}` },
  ...{ detail: '', ip: '192.0.2.1' },
})

export function auditCases(stage: Stage): void {
  test('entries come the newest first, page by page, of one actor alone where asked', async () => {
    const { audit } = stage().store
    for (const second of [1, 2, 3, 4]) await audit.add(entry(second, second % 2 === 0 ? 2 : 1))
    const first = await audit.page({ limit: 2, beforeId: null })
    expect(first.map(({ subject }) => subject)).toEqual(['n4', 'n3'])
    const beforeId = first.at(-1)?.id ?? null
    expect((await audit.page({ limit: 9, beforeId })).map(({ subject }) => subject)).toEqual(['n2', 'n1'])
    expect(await audit.page({ limit: 9, beforeId: null, actorId: 2 })).toMatchObject([
      { ...entry(4, 2) },
      { ...entry(2, 2) },
    ])
  })

  test('entries are those of a name, an action and a period, where asked', async () => {
    const { audit } = stage().store
    for (const second of [1, 2, 3, 4])
      await audit.add({
        ...entry(second),
        action: second % 2 === 0 ? 'even' : 'odd',
        actorName: `a${second}`,
      })
    const found = async (filter: AuditFilter) =>
      (await audit.page({ limit: 9, beforeId: null, ...filter })).map(({ subject }) => subject)
    expect(await found({ action: 'odd' })).toEqual(['n3', 'n1'])
    expect(await found({ actorName: 'a2' })).toEqual(['n2'])
    expect(await found({ from: at(2), until: at(4) })).toEqual(['n3', 'n2'])
    expect(await found({ action: 'even', from: at(3), actorId: 1 })).toEqual(['n4'])
    expect(await found({ action: 'even', actorId: 2 })).toEqual([])
  })

  test('old entries are removed, and only they', async () => {
    const { audit } = stage().store
    for (const second of [1, 2, 3]) await audit.add(entry(second, null))
    expect(await audit.purge(at(3))).toBe(2)
    expect(await audit.page({ limit: 9, beforeId: null })).toMatchObject([entry(3, null)])
  })
}
