/** kist serve: the server, in the foreground, from its first line to its last. */
import { type App, openApp, reportBucket } from '../app.ts'
import { type Config, type LoadedConfig, loadConfig, type Origin, processEnvironment } from '../config.ts'
import { systemClock } from '../core/clock.ts'
import { listen as listenHttp, stopHttp } from '../http/server.ts'
import { type Jobs, startJobs } from '../jobs.ts'
import { createLog, flushLog, type OperatorLog } from '../log.ts'
import { lockDataDirectory } from '../metadata/lock.ts'
import { VERSION } from '../version.ts'
import { CONFIG_OPTION, type Command, OperatorError } from './command.ts'
import { prepareDataDirectory } from './data-directory.ts'
import { makeRoomForRequests } from './many-requests.ts'
import { writeLine } from './streams.ts'

export const command: Command = {
  action: {
    about:
      'Runs the server until SIGTERM or SIGINT, then finishes what is under way. Settings come from kist.toml in this\ndirectory and the environment; kist config shows them.',
    options: CONFIG_OPTION,
    run: (given) => serve(loadConfig({ file: given.text('config') })),
  },
}

async function serve({ config, origins }: LoadedConfig): Promise<number> {
  const log = createLog({ ...config.log, clock: systemClock })
  makeRoomForRequests(config, processEnvironment(), (cause) =>
    log.warn('few_requests', { cause: String(cause) }),
  )
  log.debug('settings', changed(origins))
  const stopWanted = firstSignal()
  prepareDataDirectory(config.data.dir)
  const lock = lockDataDirectory(config.data.dir)
  const app = await openApp(config, log)
  surviveErrors(app, log)
  await listen(app, config)
  const jobs = startJobs(app.core, log, {
    importWorkers: config.remoteImport.enabled ? config.remoteImport.concurrency : 0,
  })
  await announce(app, config, log)
  void reportBucket(config, log)
  setTimeout(() => void slimDown(log), SETTLED_MILLISECONDS).unref()
  await stopWanted
  await stop(app, jobs, config, log)
  lock.release()
  log.info('stopped')
  await flushLog()
  process.exit(0)
}

/** What differs from the defaults, by name of the setting; secrets are left out. */
const changed = (origins: readonly Origin[]): Record<string, unknown> =>
  Object.fromEntries(
    origins
      .filter(({ source, masked }) => source !== 'default' && !masked)
      .map(({ place, value, source }) => [place.key, { value, source }]),
  )

/** One broken request must not end all others. */
function surviveErrors(app: App, log: OperatorLog): void {
  const note = (event: string) => (cause: unknown) => {
    app.metrics.countUnhandled()
    log.error(event, { cause })
  }
  process.on('unhandledRejection', note('unhandled_rejection'))
  process.on('uncaughtException', note('uncaught_exception'))
}

const LISTEN_REASONS: Record<string, string> = {
  EADDRINUSE: 'the port is in use by another program',
  EACCES: 'permission denied; ports below 1024 need a privilege',
  EADDRNOTAVAIL: 'this machine does not have that address',
}

async function listen(app: App, { server }: Config): Promise<void> {
  try {
    listenHttp(app.http, { hostname: server.host, port: server.port })
  } catch (error) {
    await app.close()
    const { code = '', message } = error as NodeJS.ErrnoException
    const where = `${server.host}:${server.port}`
    throw new OperatorError(
      `cannot listen on ${where} (server.host, server.port): ${LISTEN_REASONS[code] ?? message}`,
    )
  }
}

/** Says where the server is, and while there is no admin, how to become one. */
async function announce(app: App, { server }: Config, log: OperatorLog): Promise<void> {
  const port = app.http.server?.port ?? server.port
  const url = server.publicUrl || `http://${reachable(server.host)}:${port}`
  log.info('listening', { host: server.host, port, url, version: VERSION, bun: Bun.version })
  const token = await app.core.setup.token()
  const setup = token === null ? '' : `\nMake the first admin account: ${url}/setup?token=${token}`
  writeLine(`Kist listens on ${url}${setup}`)
}

/** After the start and the first round of the jobs. */
const SETTLED_MILLISECONDS = 700

/** What it cannot do without is the server, not this. */
async function slimDown(log: OperatorLog): Promise<void> {
  try {
    const { releaseProgramPages } = await import('./unneeded-pages.ts')
    log.debug('pages_released', { bytes: releaseProgramPages() })
  } catch (error) {
    log.debug('pages_not_released', { cause: String(error) })
  }
}

/** An address a browser on this machine can open. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** Resolves with the first signal to stop; the second one ends the process at once. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let first = true
    const arrived = (): void => {
      if (!first) process.exit(130)
      first = false
      resolve()
    }
    process.on('SIGTERM', arrived)
    process.on('SIGINT', arrived)
  })
}

/** Beyond the deadline of transfers: what is acknowledged is safe whatever happens. */
const CLOSE_SECONDS = 10

/** How long housekeeping may wait for a store once nobody waits for it: the next start goes on with it. */
const STORE_SECONDS = 2

async function stop(app: App, jobs: Jobs, { server }: Config, log: OperatorLog): Promise<void> {
  const patience = server.shutdownDeadline + CLOSE_SECONDS
  const watchdog = setTimeout(() => {
    log.error('stop_timed_out', { seconds: patience })
    void flushLog().then(() => process.exit(1))
  }, patience * 1000)
  log.info('stopping', { deadline_seconds: server.shutdownDeadline })
  app.beginStopping()
  const cut = app.http.server ? await stopHttp(app.http.server, server.shutdownDeadline) : 0
  if (cut > 0) log.warn('requests_cut', { count: cut })
  const impatience = setTimeout(() => app.storage.giveUp?.(), STORE_SECONDS * 1000)
  await jobs.stop()
  clearTimeout(impatience)
  await app.close()
  clearTimeout(watchdog)
}
