/** What stands before several gateways of a store: a connection goes to the first one that takes it. */
import { connect, createServer, type Socket } from 'node:net'

export interface Balancer {
  /** Without slash at the end. */
  url: string
  stop(): Promise<void>
}

/** Listens on a free port of 127.0.0.1. `targets` are URLs, the preferred one first. Bytes pass as they are. */
export async function startBalancer(targets: readonly string[]): Promise<Balancer> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true, pauseOnConnect: true }, async (client) => {
    keep(sockets, client)
    const upstream = await firstThatTakes(targets)
    if (!upstream) return client.destroy()
    keep(sockets, upstream)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    client.pipe(upstream)
    upstream.pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  // A reset is an end like any other here.
  socket.on('error', () => socket.destroy())
  socket.on('close', () => sockets.delete(socket))
}

async function firstThatTakes(targets: readonly string[]): Promise<Socket | null> {
  for (const target of targets) {
    const { hostname, port } = new URL(target)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const taken = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (taken) return socket
  }
  return null
}
