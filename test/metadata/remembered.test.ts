import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMetadata } from '../../src/metadata/open.ts'
import { addAccount, addOneShot, at } from '../contract/metadata-store/records.ts'

async function withStore(
  work: (open: () => ReturnType<typeof openMetadata>) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'kist-remembered-'))
  const opened: Array<Awaited<ReturnType<typeof openMetadata>>> = []
  try {
    await work(async () => {
      const store = await openMetadata({ path: join(dir, 'kist.db') })
      opened.push(store)
      return store
    })
  } finally {
    for (const store of opened) await store.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

test('a file that is sent again and again is what the last write made of it, whatever was written', () =>
  withStore(async (open) => {
    const store = await open()
    const account = await addAccount(store)
    const file = await addOneShot(store, account.id, { usesLeft: 2 })
    const look = async () => {
      const [byId, bySlug] = [
        await store.files.findWithObject(file.id),
        await store.files.findWithObjectBySlug(file.slug),
      ]
      expect(bySlug).toEqual(byId)
      return byId
    }
    expect((await look())?.file).toMatchObject({ usesLeft: 2, name: file.name })
    expect(await look()).toBe(await look())
    await store.files.takeUse(file.id)
    expect((await look())?.file.usesLeft).toBe(1)
    await store.files.update(account.id, file.id, { name: 'other.bin' }, at(1))
    expect((await look())?.file.name).toBe('other.bin')
    await store.files.trash(account.id, file.id, at(2))
    expect((await look())?.file.status).toBe('trashed')
    await store.files.purgeTrash(at(3), 10)
    expect(await look()).toBeNull()
  }))

test('what another process writes holds at once', () =>
  withStore(async (open) => {
    const [store, other] = [await open(), await open()]
    const account = await addAccount(store)
    const file = await addOneShot(store, account.id)
    const look = async () => (await store.files.findWithObject(file.id))?.file
    expect((await look())?.status).toBe('active')
    for (const name of ['a.bin', 'b.bin', 'c.bin']) {
      await other.files.update(account.id, file.id, { name }, at(1))
      expect((await look())?.name).toBe(name)
    }
    await other.files.trash(account.id, file.id, at(2))
    expect((await look())?.status).toBe('trashed')
  }))
