/** What runs when, beside the requests. */
import type { Core } from './core/core.ts'
import type { Log } from './core/log.ts'

const SWEEP_SECONDS = 60

export interface Jobs {
  /** Waits for the round and the preview under way; imports are put down for the next start. */
  stop(): Promise<void>
}

/** Starts the schedule: a sweep now and then once a minute, never two at a time; imports and previews as they come. */
export function startJobs(core: Core, log: Log, { importWorkers }: { importWorkers: number }): Jobs {
  const stopping = new AbortController()
  const imports = Array.from({ length: importWorkers }, () => core.imports.work(stopping.signal))
  const previews = core.previews.work(stopping.signal)
  let running: Promise<void> = Promise.resolve()
  let idle = true
  const sweep = async (): Promise<void> => {
    try {
      const swept = await core.sweeper.sweep()
      if (Object.values(swept).some((count) => count > 0)) log.info('swept', { ...swept })
    } catch (error) {
      log.error('sweep_failed', { cause: error instanceof Error ? error.stack : String(error) })
    } finally {
      idle = true
    }
  }
  const start = (): void => {
    if (!idle) return
    idle = false
    running = sweep()
  }
  start()
  const timer = setInterval(start, SWEEP_SECONDS * 1000)
  return {
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await Promise.all([running, previews, ...imports])
    },
  }
}
