/** Reads that nobody goes on with, from a store that pauses. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StorageDriver } from '../../../src/core/storage.ts'
import { s3Driver } from '../../../src/storage/s3/s3-driver.ts'

const KEY = 'aa/aa/aaaa0000000000000000000000000000'
const open = new Set<Socket>()
let connections = 0
/** Written to whoever asks; what follows never comes. */
let answer: (request: number) => string
let server: Server
let dir: string
let driver: StorageDriver

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(5)
}

const begun = (rest: string): string =>
  `HTTP/1.1 206 Partial Content\r\netag: "e"\r\ncontent-length: 100\r\n\r\n${rest}`

beforeEach(async () => {
  connections = 0
  server = createServer((socket) => {
    const number = ++connections
    open.add(socket)
    socket.once('data', () => socket.write(answer(number)))
    socket.on('error', () => {}).on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  dir = mkdtempSync(join(tmpdir(), 'kist-reading-'))
  driver = await s3Driver({
    ...{ endpoint: `http://127.0.0.1:${port}`, region: 'eu', bucket: 'bucket', spoolDir: dir },
    ...{ accessKeyId: 'key', secretAccessKey: 'secret' },
    timeouts: { request: 5000, idle: 5000, retry: 5000 },
  })
})
afterEach(async () => {
  await driver.close()
  for (const socket of open) socket.destroy()
  server.close()
  rmSync(dir, { recursive: true, force: true })
})

const read = async () =>
  ((await driver.open(KEY, { start: 0, end: 99 })) as ReadableStream<Uint8Array>).getReader()

test('a read that is cancelled while the store pauses lets go of its connection, and makes no other', async () => {
  answer = () => begun('first')
  const reader = await read()
  expect((await reader.read()).value?.byteLength).toBe(5)
  const next = reader.read()
  await until(() => open.size === 1)
  await reader.cancel()
  expect((await next).done).toBe(true)
  await until(() => open.size === 0)
  // Longer than the first pauses before a request that is repeated.
  await Bun.sleep(300)
  expect([connections, open.size]).toEqual([1, 0])
})

test('a read that is cancelled while it is taken up again ends there', async () => {
  answer = (request) => (request === 1 ? begun('first') : '')
  const reader = await read()
  await reader.read()
  const next = reader.read()
  for (const socket of open) socket.destroy()
  await until(() => connections === 2)
  await reader.cancel()
  expect((await next).done).toBe(true)
  await until(() => open.size === 0)
  await Bun.sleep(300)
  expect([connections, open.size]).toEqual([2, 0])
})
