/** A process that begins an import and is killed in the middle of it; see import-interruptions.test.ts. */
import { join } from 'node:path'
import { systemClock } from '../../src/core/clock.ts'
import { createCore } from '../../src/core/core.ts'
import { randomIds } from '../../src/core/ids.ts'
import { silentLog } from '../../src/core/log.ts'
import { openMetadata } from '../../src/metadata/open.ts'
import { httpFetcher } from '../../src/remote/http-fetcher.ts'
import { localDriver } from '../../src/storage/local/local-driver.ts'
import { plainPasswords } from './core-under-test.ts'

const [dir = '', url = ''] = process.argv.slice(2)

/** The product as it starts on the directory. */
export async function openProduct(folder: string, recover = false) {
  const metadata = await openMetadata({ path: join(folder, 'kist.db') })
  const storage = await localDriver({ dir: folder, ids: randomIds, recover })
  const core = await createCore({
    metadata,
    storage,
    passwords: plainPasswords,
    fetcher: httpFetcher({ allowPrivateAddresses: true }),
    clock: systemClock,
    ids: randomIds,
    log: silentLog,
    settings: {
      uploads: {
        partSize: 65_536,
        sessionTtl: 7200,
        minFree: 0,
        enabled: true,
        guests: true,
        blockedExtensions: [],
      },
      idempotencyTtl: 86_400,
      defaultPackage: 'Gold',
      imports: { enabled: true, maxSize: 1024 ** 3, tickSeconds: 0.01 },
      trashTtl: 86_400,
      guestBytesPerDay: 0,
    },
  })
  if (recover) await (await core.sweeper.recover())()
  return { core, metadata, storage }
}

if (import.meta.main) {
  const { core } = await openProduct(dir)
  const account = await core.accounts.create({ name: 'ann', password: 'correct horse', packageName: 'Gold' })
  await core.imports.add(account, { urlBase64: btoa(url), folderId: null })
  await core.imports.work(new AbortController().signal)
}
