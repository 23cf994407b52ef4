/** The sweeper, with the clock of the day after: what nobody needs in a bucket is old enough for it then. */
import { openCore } from '../../src/app.ts'
import { defaultConfig } from '../../src/config.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Place } from './binary.ts'
import type { Bucket } from './bucket.ts'
import { fixedClock } from './fixed-clock.ts'

/** As at the start of a server and in its first round. The clock of the store is the real one. */
export async function sweepLater({ dataDir }: Place, { storage }: Bucket): Promise<void> {
  const config = defaultConfig({ data: { dir: dataDir, minFree: 0 }, trash: { keep: 0 }, storage })
  const later = new Date(Date.now() + 27 * 3_600_000).toISOString()
  const { core, close } = await openCore(config, silentLog, { clock: fixedClock(later) })
  const tidy = await core.sweeper.recover()
  await tidy()
  await core.sweeper.sweep()
  await close()
}
