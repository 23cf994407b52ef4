/** The contract of MetadataStore on SQLite: in memory and in a file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMetadata } from '../../src/metadata/open.ts'
import { metadataStoreContract } from './metadata-store.contract.ts'

async function openInMemory() {
  const store = await openMetadata({ path: ':memory:' })
  return { store, dispose: () => store.close() }
}

async function openInFile() {
  const folder = mkdtempSync(join(tmpdir(), 'kist-metadata-'))
  const path = join(folder, 'kist.db')
  const opened = {
    path,
    store: await openMetadata({ path }),
    async dispose() {
      await opened.store.close()
      rmSync(folder, { recursive: true })
    },
  }
  return opened
}

metadataStoreContract('SQLite in memory', openInMemory, null)

metadataStoreContract('SQLite in a file', openInFile, async (opened) => {
  await opened.store.close()
  opened.store = await openMetadata({ path: opened.path })
  return opened.store
})
