/** What the compiled binary takes when it has started and nobody asks it for anything. */
import { describe, expect, test } from 'bun:test'
import { createPlace } from '../support/binary.ts'
import type { RunningServer } from '../support/server-process.ts'

/** MiB. What small machines are promised. */
const PROMISED = 70

/** Once it has let go of what only the start needed. */
async function settled(server: RunningServer): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (server.logged('pages_released').length > 0) return
    await Bun.sleep(25)
  }
  throw new Error(`it never settled: ${server.stderr()}`)
}

describe('a server that has started', () => {
  test('lets go of what only the start needed, and serves as before', async () => {
    await using place = createPlace()
    const server = await place.serve({ env: { KIST_LOG_LEVEL: 'debug' } })
    await settled(server)
    const { resident, anonymous } = server.memory()
    expect(resident).toBeLessThan(PROMISED)
    expect(anonymous).toBeLessThan(PROMISED / 2)
    for (const path of ['/', '/swagger/json', '/healthz'])
      expect((await fetch(`${server.url}${path}`)).status).toBe(200)
    expect(server.memory().resident).toBeLessThan(100)
    expect(await server.end('SIGTERM')).toBe(0)
  }, 30_000)
})
