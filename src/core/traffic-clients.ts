/** Who is being sent bytes at this moment: how fast, and how many downloads at a time. */
import type { Downloader } from './model.ts'
import { clientKey, type LiveConnection, type OpenDownload } from './open-downloads.ts'

export interface ClientConnection extends LiveConnection {
  download: OpenDownload
  /** The address it goes to. */
  ip: string
  startedAt: Date
  listeners: Set<() => void>
}

interface Client {
  /** Bytes per second for all of its connections together; 0: no limit. */
  speed: number
  connections: Set<ClientConnection>
}

export interface TrafficClients {
  /** `speed` holds for all connections of the client from now on. */
  add(connection: ClientConnection, speed: number): void
  remove(connection: ClientConnection): void
  /** Bytes per second for this connection; 0: no limit. */
  speedOf(connection: ClientConnection): number
  /** Downloads of the client that are under way. */
  downloads(client: Downloader): Set<OpenDownload>
  all(): ClientConnection[]
}

export function createTrafficClients(): TrafficClients {
  const clients = new Map<string, Client>()
  const of = (client: Downloader): Client | undefined => clients.get(clientKey(client))

  /** Everybody's share has changed. */
  const tell = ({ speed, connections }: Client): void => {
    if (speed === 0) return
    for (const { listeners } of connections) for (const listener of listeners) listener()
  }
  return {
    add(connection, speed) {
      const key = clientKey(connection.download.client)
      const client = clients.get(key) ?? { speed, connections: new Set() }
      const wasLimited = client.speed > 0
      client.speed = speed
      client.connections.add(connection)
      clients.set(key, client)
      if (wasLimited && speed === 0) for (const { listeners } of client.connections) callAll(listeners)
      else tell(client)
    },
    remove(connection) {
      const key = clientKey(connection.download.client)
      const client = clients.get(key)
      client?.connections.delete(connection)
      if (client?.connections.size === 0) clients.delete(key)
      else if (client) tell(client)
    },
    speedOf({ download }) {
      const client = of(download.client)
      if (!client || client.speed === 0) return 0
      return Math.max(1, Math.floor(client.speed / client.connections.size))
    },
    downloads: (client) => new Set([...(of(client)?.connections ?? [])].map(({ download }) => download)),
    all: () => [...clients.values()].flatMap(({ connections }) => [...connections]),
  }
}

const callAll = (listeners: Set<() => void>): void => {
  for (const listener of listeners) listener()
}
