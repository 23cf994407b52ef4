/** Room for as many requests of our own as there are clients: every file that comes from a bucket is one. */
import type { Config, Environment } from '../config.ts'

/** Bun reads it once, before any code runs; without it 256 requests of the process are under way at most. */
const LIMIT = 'BUN_CONFIG_MAX_HTTP_REQUESTS'
const MOST = '65535'

/**
 * Begins the process anew, under the same number, with room for many requests, where a bucket is used and nobody
 * has set the limit. Comes back where that is not needed or not possible.
 */
export function makeRoomForRequests(
  { storage }: Pick<Config, 'storage'>,
  environment: Environment,
  onFailure: (cause: unknown) => void,
): void {
  if (storage.s3.bucket === '' || environment[LIMIT] !== undefined) return
  const { argv, execArgv } = process
  const words = Bun.isStandaloneExecutable ? argv.slice(2) : [...execArgv, ...argv.slice(1)]
  const known = Object.entries(environment).filter((pair): pair is [string, string] => pair[1] !== undefined)
  try {
    process.execve?.(process.execPath, [process.argv0, ...words], {
      ...Object.fromEntries(known),
      [LIMIT]: MOST,
    })
  } catch (cause) {
    onFailure(cause)
  }
}
