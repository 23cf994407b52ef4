/**
 * A proxy in front of an S3 server that spoils requests, the same ones in every run. It passes bytes on as they are,
 * Host included: what was signed for the proxy's address is right for the server too. One request a connection.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { carryOut } from './mishaps.ts'
import { type Head, takeHead } from './raw-http.ts'

/** What happens to a request that should have gone well. `after`: the store has done it, else it sees nothing. */
export type Mishap =
  /** 503 SlowDown. */
  | 'slow-down'
  /** The connection is reset instead of an answer. */
  | 'reset-before'
  | 'reset-after'
  /** The store has done it, but the answer ends in the middle. */
  | 'cut'
  /** No answer, as long as the client waits. */
  | 'hang-before'
  | 'hang-after'
  /** CompleteMultipartUpload is answered with 200 and an error. Other requests pass. */
  | 'complete-fails-before'
  | 'complete-fails-after'

/** A request that has come, as far as it has come. */
export interface ProxiedRequest {
  method: string
  /** With the query, as it was sent. */
  target: string
  /** `down` while the store is. */
  mishap: Mishap | 'pass' | 'down'
  /** Of the answer that the client was given; 0 while it has none. */
  status: number
  /** Bytes that came from the client, and that it was given; heads included. */
  sent: number
  received: number
}

export interface MishapPlan {
  /** Of all requests, by kind: 0 to 1, together too. */
  fractions: Partial<Record<Mishap, number>>
  /** Others pass, and draw no lot. */
  only?: (request: Readonly<ProxiedRequest>) => boolean
}

export interface FaultProxy {
  /** Without slash at the end. */
  url: string
  /** From the next request on. The lots go on where they are. */
  plan(plan: MishapPlan): void
  /** For one request each, before the plan is asked. */
  next(...mishaps: Array<Mishap | 'pass'>): void
  /** Breaks all connections. Then nobody listens (`refused`), or all is answered with 503 (`unavailable`). */
  goDown(how: 'refused' | 'unavailable'): Promise<void>
  comeBack(): Promise<void>
  /** All so far, in the order in which they came. */
  requests: readonly Readonly<ProxiedRequest>[]
  /** How many, and the sums of their bytes. */
  traffic(): { requests: number; sent: number; received: number }
  stop(): Promise<void>
}

export interface FaultProxyOptions {
  /** The S3 server: `http://host:port`. */
  target: string
  seed?: number
  plan?: MishapPlan
}

/** Listens on a free port of 127.0.0.1. */
export async function startFaultProxy({ target, seed = 1, plan }: FaultProxyOptions): Promise<FaultProxy> {
  const fate = createFate(seed, plan)
  const requests: ProxiedRequest[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, async (client) => {
    keep(sockets, client)
    const head = await takeHead(client)
    if (head === null) return client.destroy()
    const request = begin(requests, head)
    request.mishap = fate.of(request)
    carryOut({ client, head, request, reach: () => reach(target, client, sockets) })
  })
  const port = await listen(server, 0)
  const goDown: FaultProxy['goDown'] = async (how) => {
    fate.unavailable = how === 'unavailable'
    if (how === 'refused' && server.listening) await close(server, sockets)
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${port}`,
    plan: (next) => fate.follow(next),
    next: (...mishaps) => fate.first(mishaps),
    goDown,
    async comeBack() {
      fate.unavailable = false
      if (!server.listening) await listen(server, port)
    },
    requests,
    traffic: () => ({
      requests: requests.length,
      sent: sum(requests, 'sent'),
      received: sum(requests, 'received'),
    }),
    stop: () => goDown('refused'),
  }
}

const sum = (requests: ProxiedRequest[], bytes: 'sent' | 'received'): number =>
  requests.reduce((total, request) => total + request[bytes], 0)

function begin(requests: ProxiedRequest[], { line, bytes }: Head): ProxiedRequest {
  const [method, target] = line
  const request: ProxiedRequest = {
    method,
    target,
    mishap: 'pass',
    status: 0,
    sent: bytes.length,
    received: 0,
  }
  requests.push(request)
  return request
}

interface Fate {
  unavailable: boolean
  follow(plan: MishapPlan): void
  first(mishaps: Array<Mishap | 'pass'>): void
  of(request: ProxiedRequest): ProxiedRequest['mishap']
}

function createFate(seed: number, firstPlan: MishapPlan = { fractions: {} }): Fate {
  const draw = drawFrom(seed)
  const queue: Array<Mishap | 'pass'> = []
  let plan = firstPlan
  const planned = (request: ProxiedRequest): Mishap | 'pass' =>
    plan.only?.(request) === false ? 'pass' : pick(plan.fractions, draw())
  return {
    unavailable: false,
    follow: (next) => {
      plan = next
    },
    first: (mishaps) => void queue.push(...mishaps),
    of(request) {
      if (this.unavailable) return 'down'
      const mishap = queue.shift() ?? planned(request)
      return mishap.startsWith('complete-') && !isComplete(request) ? 'pass' : mishap
    },
  }
}

/** Numbers from 0 up to 1 that depend on the seed alone (mulberry32). */
function drawFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function pick(fractions: MishapPlan['fractions'], lot: number): Mishap | 'pass' {
  let below = 0
  for (const [mishap, fraction] of Object.entries(fractions) as Array<[Mishap, number]>) {
    below += fraction
    if (lot < below) return mishap
  }
  return 'pass'
}

const isComplete = ({ method, target }: ProxiedRequest): boolean =>
  method === 'POST' && /[?&]uploadId=/.test(target)

/** Knows the socket while it lives. A connection that breaks is what this is made for. */
function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
  socket.on('error', () => socket.destroy())
}

/** A connection to the store that ends when the client's does. */
function reach(target: string, client: Socket, sockets: Set<Socket>): Socket {
  const { hostname, port } = new URL(target)
  const store = connect({ host: hostname, port: Number(port), noDelay: true })
  keep(sockets, store)
  client.on('close', () => store.destroy())
  return store
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', reject)
      resolve((server.address() as { port: number }).port)
    })
  })
}

function close(server: Server, sockets: Set<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
  })
}
