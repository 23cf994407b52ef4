import { expect, test } from 'bun:test'
import type { MetadataStore } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addFile, addUpload, at, EXPIRY, expectFault, part } from './records.ts'

export function durabilityCases(stage: Stage, reopen: (() => Promise<MetadataStore>) | null): void {
  test('a setting keeps the value it was given first, whoever asks at the same moment', async () => {
    const { settings } = stage().store
    expect(await settings.find('signing_key')).toBeNull()
    const values = ['a', 'b', 'c', 'd']
    const stored = await Promise.all(values.map((value) => settings.findOrCreate('signing_key', value)))
    expect(new Set(stored).size).toBe(1)
    expect(await settings.find('signing_key')).toBe(stored[0] ?? '')
  })

  test('a closed store refuses, and closing twice is fine', async () => {
    const { store } = stage()
    await addAccount(store)
    await store.close()
    await store.close()
    await expectFault(store.accounts.list(), 'unavailable')
    await expectFault(store.settings.findOrCreate('a', 'b'), 'unavailable')
  })

  test('closing waits for what is under way', async () => {
    const { store } = stage()
    await addAccount(store)
    const work = Array.from({ length: 20 }, () => addUpload(store, null))
    const [outcomes] = await Promise.all([Promise.allSettled(work), store.close()])
    expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true)
  })

  if (!reopen) return

  test('what was acknowledged is there after reopening', async () => {
    const opened = stage().store
    const account = await addAccount(opened)
    const file = await addFile(opened, account.id)
    const upload = await addUpload(opened, account.id)
    await opened.uploads.savePart(upload.id, part(2), at(1), EXPIRY)
    const before = [await opened.accounts.list(), await opened.uploads.parts(upload.id)]
    const store = await reopen()
    expect(store).not.toBe(opened)
    expect([await store.accounts.list(), await store.uploads.parts(upload.id)]).toEqual(before)
    expect(await store.files.find(file.id)).toEqual(file)
    expect(await store.uploads.savePart(upload.id, part(1), at(2), EXPIRY)).toBe(2)
  })
}
