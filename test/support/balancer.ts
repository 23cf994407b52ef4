/** What an operator puts in front of several gateways: each connection goes to the next one that takes it. */
import { connect, createServer, type Socket } from 'node:net'

export interface Balancer {
  /** Without slash at the end. */
  url: string
  stop(): Promise<void>
}

/** Listens on a free port of 127.0.0.1. A connection that breaks behind it is broken for its client as well. */
export async function startBalancer(endpoints: readonly string[]): Promise<Balancer> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
  }
  let turn = 0
  const server = createServer({ pauseOnConnect: true, noDelay: true }, async (client) => {
    keep(client)
    turn += 1
    for (const [index] of endpoints.entries()) {
      const gateway = await reach(endpoints[(turn + index) % endpoints.length] ?? '')
      if (!gateway) continue
      join(client, keep(gateway))
      return
    }
    client.resetAndDestroy()
  })
  const port = await new Promise<number>((resolve) => {
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      resolve((server.address() as { port: number }).port)
    })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Null when nobody listens there. */
function reach(endpoint: string): Promise<Socket | null> {
  const { hostname, port } = new URL(endpoint)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(null))
  })
}

function join(client: Socket, gateway: Socket): void {
  if (client.destroyed) return void gateway.destroy()
  client.on('close', () => gateway.destroy())
  gateway.on('close', () => (gateway.readableEnded ? client.end() : client.resetAndDestroy()))
  client.pipe(gateway)
  gateway.pipe(client)
  client.resume()
}
