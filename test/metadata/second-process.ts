/** What another process does in processes.test.ts. */
import { join } from 'node:path'
import { lockDataDirectory } from '../../src/metadata/lock.ts'
import { openMetadata } from '../../src/metadata/open.ts'
import { countDownload, NO_LIMITS, NOON, newUpload } from '../contract/metadata-store/records.ts'

const [task, folder = ''] = process.argv.slice(2)
const say = (word: string | number) => process.stdout.write(`${word}\n`)

async function write(): Promise<void> {
  const store = await openMetadata({ path: join(folder, 'kist.db') })
  const [account] = await store.accounts.list()
  const [object] = await store.objects.page(0, 1)
  say('writing')
  for (let n = 0; n < 200; n++) {
    await countDownload(store, object?.id ?? 0, NOON)
    const id = `ups_other${n}`
    await store.uploads.create(
      newUpload(account?.id ?? 0, { id, objectKey: id, storageUpload: id }),
      NO_LIMITS,
    )
  }
  await store.close()
}

/** Counts downloads for ever and says each number once it is durable. */
async function acknowledge(): Promise<never> {
  const store = await openMetadata({ path: join(folder, 'kist.db') })
  const [object] = await store.objects.page(0, 1)
  for (let n = 1; ; n++) {
    await countDownload(store, object?.id ?? 0, NOON)
    say(n)
  }
}

if (task === 'lock') {
  lockDataDirectory(folder)
  // A lock nobody refers to any more is held all the same.
  Bun.gc(true)
  say('locked')
  // Stays until it is killed.
  setInterval(() => undefined, 60_000)
} else if (task === 'write') await write()
else await acknowledge()
