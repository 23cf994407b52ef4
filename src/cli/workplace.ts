/** Opens the product for a command that works on the data directory itself, beside a server or without one. */
import { type OpenedCore, openCore } from '../app.ts'
import { loadConfig } from '../config.ts'
import { systemClock } from '../core/clock.ts'
import type { Core } from '../core/core.ts'
import { createLog } from '../log.ts'
import type { Given } from './command.ts'
import { prepareDataDirectory, requireDataDirectory } from './data-directory.ts'

/**
 * Runs `work` with the core; closes it whatever happens. The data directory is made when there is none, unless
 * it `mustExist`. Throws ConfigError, OperatorError, Faults.
 */
export async function withCore<Result>(
  given: Given,
  work: (core: Core, opened: OpenedCore) => Promise<Result>,
  { mustExist = false } = {},
): Promise<Result> {
  const { config } = loadConfig({ file: given.text('config') })
  const level = config.log.level === 'error' ? 'error' : 'warn'
  const log = createLog({ level, format: config.log.format, clock: systemClock })
  if (mustExist) requireDataDirectory(config.data.dir)
  prepareDataDirectory(config.data.dir)
  const opened = await openCore(config, log)
  try {
    return await work(opened.core, opened)
  } finally {
    await opened.close()
  }
}
