/** How each mishap of the fault proxy is brought about, on bare sockets. */
import type { Socket } from 'node:net'
import type { ProxiedRequest } from './fault-proxy.ts'
import { closing, type Head, takeHead, xmlAnswer } from './raw-http.ts'

export interface Exchange {
  client: Socket
  head: Head
  request: ProxiedRequest
  /** Connects to the store. */
  reach(): Socket
}

const ANSWERS = {
  'slow-down': xmlAnswer('503 Slow Down', 'SlowDown', 'Please reduce your request rate.'),
  down: xmlAnswer('503 Service Unavailable', 'ServiceUnavailable', 'Service is unable to handle request.'),
  complete: xmlAnswer('200 OK', 'InternalError', 'We encountered an internal error. Please try again.'),
}

/** Does with the request what its `mishap` says. */
export async function carryOut(exchange: Exchange): Promise<void> {
  const { client, request } = exchange
  switch (request.mishap) {
    case 'pass':
      return pass(exchange)
    case 'cut':
      return cut(exchange)
    case 'slow-down':
    case 'down':
      await bodyRead(exchange)
      return answer(exchange, ANSWERS[request.mishap])
    case 'complete-fails-before':
      await bodyRead(exchange)
      return answer(exchange, ANSWERS.complete)
    case 'complete-fails-after':
      await storeDone(exchange)
      return answer(exchange, ANSWERS.complete)
    case 'reset-before':
      return void client.resetAndDestroy()
    case 'reset-after':
      await storeDone(exchange)
      return void client.resetAndDestroy()
    case 'hang-before':
      return void count(exchange).resume()
    case 'hang-after':
      return storeDone(exchange)
  }
}

async function pass(exchange: Exchange): Promise<void> {
  const store = send(exchange)
  const head = await finalHead(exchange, store)
  if (head === null) return void exchange.client.resetAndDestroy()
  give(exchange, head.bytes, head)
  store.on('data', (chunk: Buffer) => {
    exchange.request.received += chunk.length
  })
  // A store that breaks off has to look like it.
  store.on('close', () => store.readableEnded || exchange.client.resetAndDestroy())
  store.pipe(exchange.client)
}

/** Half of the body, or of the head where there is no body; then an end as if that were all. */
async function cut(exchange: Exchange): Promise<void> {
  const { client } = exchange
  const store = send(exchange)
  const head = await finalHead(exchange, store)
  if (head === null) return void client.resetAndDestroy()
  if (!hasBody(exchange, head)) {
    give(exchange, head.bytes.subarray(0, head.bytes.length / 2), head)
    client.end()
    return void store.resume()
  }
  give(exchange, head.bytes, head)
  // What is chunked is small: a list, an error. Its first byte is the half of it.
  let left = head.length === null ? 1 : Math.floor(head.length / 2)
  store.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, left)
    left -= part.length
    if (part.length > 0 && !give(exchange, part)) wait(store, client)
    if (left === 0) client.end()
  })
  store.resume()
}

function wait(store: Socket, client: Socket): void {
  store.pause()
  client.once('drain', () => store.resume())
}

const hasBody = ({ request }: Exchange, { line, length }: Head): boolean =>
  request.method !== 'HEAD' && length !== 0 && line[1] !== '204' && line[1] !== '304'

/** The request goes to the store, as the client sends it. */
function send(exchange: Exchange): Socket {
  const store = exchange.reach()
  store.write(closing(exchange.head))
  count(exchange).pipe(store)
  return store
}

function count({ client, request }: Exchange): Socket {
  return client.on('data', (chunk: Buffer) => {
    request.sent += chunk.length
  })
}

/** The head of the answer. Those before it, 100 Continue, are passed on: the client waits for them with its body. */
async function finalHead(exchange: Exchange, store: Socket): Promise<Head | null> {
  for (;;) {
    const head = await takeHead(store)
    if (!head?.line[1].startsWith('1')) return head
    give(exchange, head.bytes)
  }
}

/** False when it should be given no more for now. */
function give({ client, request }: Exchange, bytes: Buffer, head?: Head): boolean {
  request.received += bytes.length
  if (head) request.status = Number(head.line[1])
  return client.write(bytes)
}

/** The store has got all and has answered; the answer is thrown away. */
async function storeDone(exchange: Exchange): Promise<void> {
  const store = send(exchange)
  await finalHead(exchange, store)
  await new Promise<void>((resolve) => {
    store.on('close', () => resolve()).on('end', () => resolve())
    if (store.destroyed || store.readableEnded) resolve()
    store.resume()
  })
}

/** All of the request is here and thrown away; who waits for 100 Continue has not sent it. */
async function bodyRead(exchange: Exchange): Promise<void> {
  const { client, head } = exchange
  let left = head.has('expect') ? 0 : (head.length ?? 0)
  if (left === 0) return
  await new Promise<void>((resolve) => {
    client.on('close', () => resolve())
    const take = (chunk: Buffer): void => {
      left -= chunk.length
      if (left <= 0) resolve()
    }
    count(exchange).on('data', take).resume()
  })
}

function answer({ client, request }: Exchange, text: string): void {
  request.status = Number(text.split(' ')[1])
  request.received += text.length
  client.end(text)
  client.resume()
}
