/** kist s3: the bucket. */
import { storageOptions } from '../app.ts'
import { loadConfig } from '../config.ts'
import { randomIds } from '../core/ids.ts'
import { silentLog } from '../core/log.ts'
import type { SetUpStep } from '../storage/s3/set-up.ts'
import { type Action, CONFIG_OPTION, type Command, OperatorError, UsageError } from './command.ts'
import { prepareDataDirectory } from './data-directory.ts'
import { tabbed, writeLine } from './streams.ts'

const setup: Action = {
  about:
    'Makes the bucket of storage.s3 when it is missing, lets browsers in, has the store drop unfinished uploads, and\ntries all that Kist does with it. Prints the steps, one a line: name, outcome, what it found. Exits 1 when Kist\ncannot work with the bucket. Can be run again at any time.',
  options: {
    origin: {
      value: 'URL',
      repeats: true,
      about:
        'where the pages come from that reach the bucket, such as https://files.example.com; any when left out',
    },
    ...CONFIG_OPTION,
  },
  async run(given) {
    const origins = given.texts('origin').map(originOf)
    const { config } = loadConfig({ file: given.text('config') })
    const { s3 } = storageOptions(config, { recover: false, ids: randomIds, log: silentLog })
    if (!s3) throw new OperatorError('there is no bucket: storage.s3.bucket is not set')
    prepareDataDirectory(config.data.dir)
    const { setUpBucket } = await import('../storage/s3/set-up.ts')
    const { ok } = await setUpBucket({ ...s3, log: silentLog }, { origins, onStep: print })
    return ok ? 0 : 1
  },
}

const print = ({ name, outcome, message }: SetUpStep): void => writeLine(tabbed([name, outcome, message]))

/** Throws UsageError for what is no origin of a page. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError(`--origin takes a URL, not "${text}"`)
  return url.origin
}

export const command: Command = { actions: { setup } }
