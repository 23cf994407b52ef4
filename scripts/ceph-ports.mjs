/** Ports of 127.0.0.1 for the daemons of a cluster. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * For each gateway and monitor one: free ones, or those from `port` and `monPort` on. Rejects when one of these is
 * taken.
 */
export async function choosePorts({ mons, gateways }, { port, monPort }) {
  const taken = new Set()
  const choose = async (count, first) => {
    const ports = []
    for (let n = 0; n < count; n++)
      ports.push(first === undefined ? await freePort(taken) : await given(first + n))
    return ports
  }
  return { gateways: await choose(gateways, port), mons: await choose(mons, monPort) }
}

async function given(port) {
  if (await isFree(port)) return port
  throw new Error(`port ${port} of 127.0.0.1 is taken`)
}

/** Below the range from which the kernel serves clients, so that none of them takes it before the daemon does. */
async function freePort(taken) {
  for (let tries = 0; tries < 1000; tries++) {
    const port = randomInt(10_000, 32_000)
    if (!taken.has(port) && (await isFree(port))) {
      taken.add(port)
      return port
    }
  }
  throw new Error('no port is free on 127.0.0.1')
}

const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
