/** What runs when, beside the requests. */
import type { Core } from './core/core.ts'
import type { Log } from './core/log.ts'

const SWEEP_SECONDS = 60
/** Those who waited for the start are answered before the house is tidied. */
const FIRST_MILLISECONDS = 250

export interface Jobs {
  /** Waits for the round and the preview under way; imports are put down for the next start. */
  stop(): Promise<void>
}

/**
 * Starts the schedule, a moment after the server listens: a sweep and then one each minute, never two at a time;
 * imports, previews and what is to be verified as they come.
 */
export function startJobs(core: Core, log: Log, { importWorkers }: { importWorkers: number }): Jobs {
  const stopping = new AbortController()
  const { signal } = stopping
  const sweeps = sweeping(core, log)
  let works: Array<Promise<void>> = []
  const start = (): void => {
    works = [
      core.verification.work(signal),
      core.previews.work(signal),
      ...Array.from({ length: importWorkers }, () => core.imports.work(signal)),
    ]
    sweeps.start()
  }
  const first = setTimeout(start, FIRST_MILLISECONDS)
  return {
    async stop() {
      clearTimeout(first)
      stopping.abort()
      await Promise.all([sweeps.stop(), ...works])
    },
  }
}

/** Rounds of the sweeper; `stop` waits for the one under way. */
function sweeping({ sweeper }: Core, log: Log): { start(): void; stop(): Promise<void> } {
  let timer: Timer | undefined
  let running: Promise<void> = Promise.resolve()
  let idle = true
  const sweep = async (): Promise<void> => {
    try {
      const swept = await sweeper.sweep()
      if (Object.values(swept).some((count) => count > 0)) log.info('swept', { ...swept })
    } catch (error) {
      log.error('sweep_failed', { cause: error instanceof Error ? error.stack : String(error) })
    } finally {
      idle = true
    }
  }
  const round = (): void => {
    if (!idle) return
    idle = false
    running = sweep()
  }
  return {
    start() {
      timer = setInterval(round, SWEEP_SECONDS * 1000)
      round()
    },
    stop() {
      clearInterval(timer)
      return running
    },
  }
}
