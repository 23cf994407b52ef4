/** Processes that stop, stall and die in the middle of an import: somebody finishes it, once. */
import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pattern, sourcesUnderTest } from '../remote/sources.ts'
import { openProduct } from './import-process.ts'
import { type ImportsUnderTest, importsUnderTest } from './imports-under-test.ts'

const sources = sourcesUnderTest()
const open = importsUnderTest()
const content = pattern(300_000)
const hash = (bytes: Uint8Array): string => new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
const dir = mkdtempSync(join(tmpdir(), 'kist-import-process-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Sends half and waits on the first connection, all of it on later ones. */
async function halting() {
  const reached = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const resume = Promise.withResolvers<void>()
  const source = await sources.raw(async (socket, _, count) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`)
    if (count > 1) return void socket.end(content)
    socket.on('close', () => closed.resolve())
    socket.write(content.subarray(0, 150_000), () => reached.resolve())
    await resume.promise
    socket.end(content.subarray(150_000))
  })
  return { ...source, reached: reached.promise, closed: closed.promise, resume: resume.resolve }
}

async function halfReceived({ metadata }: Pick<ImportsUnderTest, 'metadata'>, id: number): Promise<void> {
  while ((await metadata.imports.find(id))?.receivedBytes !== 150_000) await Bun.sleep(2)
}

test('a process that stops puts its import down for the next one', async () => {
  const source = await halting()
  const product = await open()
  const { core, metadata, add, result, expectNothingKept, otherProcess } = product
  const { id } = await add(source.url)
  const stop = new AbortController()
  const running = core.imports.runNext(stop.signal)
  await halfReceived(product, id)
  stop.abort()
  expect(await running).toBe(true)
  await source.closed
  expect(await metadata.imports.find(id)).toMatchObject({ status: 'pending', errorMessage: null })
  await expectNothingKept()
  const next = await otherProcess()
  expect(await next.imports.runNext(new AbortController().signal)).toBe(true)
  const item = await metadata.imports.find(id)
  if (!item) throw new Error('The import is gone.')
  expect(hash((await result(item)).bytes)).toBe(hash(content))
})

test('a process that stops when all bytes are there finishes first', async () => {
  const stop = new AbortController()
  const { core, metadata, add } = await open({
    storage: (driver) => ({
      ...driver,
      put: async (...request) => {
        const written = await driver.put(...request)
        stop.abort()
        return written
      },
    }),
  })
  const { id } = await add(String(sources.serve(() => new Response('ok'))))
  await core.imports.runNext(stop.signal)
  expect((await metadata.imports.find(id))?.status).toBe('complete')
})

test('what is being stored is shown as processing', async () => {
  const seen: Array<string | undefined> = []
  const { metadata, fetch } = await open({
    storage: (driver) => ({
      ...driver,
      put: async (...request) => {
        const written = await driver.put(...request)
        seen.push((await metadata.imports.find(1))?.status)
        return written
      },
    }),
  })
  await fetch(String(sources.serve(() => new Response('ok'))))
  expect(seen).toEqual(['processing'])
})

test('a process that was too slow to renew its lease makes no file when another has taken over', async () => {
  const source = await halting()
  // It does not look at its lease at all while it waits.
  const { core, metadata, clock, add, result, otherProcess, account, log } = await open({
    settings: { tickSeconds: 600 },
  })
  const { id } = await add(source.url)
  const slow = core.imports.runNext(new AbortController().signal)
  await source.reached
  const other = await otherProcess()
  expect(await other.imports.runNext(new AbortController().signal)).toBe(false)
  clock.advance(61)
  expect(await other.imports.runNext(new AbortController().signal)).toBe(true)
  source.resume()
  expect(await slow).toBe(true)
  expect(await metadata.files.list(account.id, null)).toHaveLength(1)
  const item = await metadata.imports.find(id)
  if (!item) throw new Error('The import is gone.')
  expect(item.attempts).toBe(2)
  expect(hash((await result(item)).bytes)).toBe(hash(content))
  expect(log.events).toContain('warn import_lost')
  expect(await Array.fromAsync(core.check.run({ repair: false }))).toEqual([])
})

test('a lease that is lost while the last bytes are stored makes no file, and keeps no bytes', async () => {
  const { core, metadata, clock, add, log, expectNothingKept } = await open({
    settings: { tickSeconds: 600 },
    storage: (driver) => ({
      ...driver,
      put: async (...request) => {
        const written = await driver.put(...request)
        clock.advance(61)
        await metadata.imports.claim('another', clock.now(), new Date(clock.now().getTime() + 60_000))
        return written
      },
    }),
  })
  const { id } = await add(String(sources.serve(() => new Response('ok'))))
  expect(await core.imports.runNext(new AbortController().signal)).toBe(true)
  expect(await metadata.imports.find(id)).toMatchObject({ status: 'downloading', attempts: 2, fileId: null })
  expect(log.events).toContain('warn import_lost')
  await expectNothingKept()
})

test('a process that dies when the file is there has finished: nobody makes it again', async () => {
  const died = Promise.withResolvers<never>()
  const { core, metadata, add, clock, account, otherProcess } = await open({
    metadata: (store) => ({
      ...store,
      close: () => store.close(),
      files: {
        ...store.files,
        add: async (...request) => {
          await store.files.add(...request)
          return died.promise
        },
      },
    }),
  })
  const { id } = await add(String(sources.serve(() => new Response('ok'))))
  const dying = core.imports.runNext(new AbortController().signal).catch((error: unknown) => error)
  while ((await metadata.imports.find(id))?.status !== 'complete') await Bun.sleep(2)
  clock.advance(61)
  const next = await otherProcess()
  await metadata.imports.reopenInterrupted(clock.now())
  expect(await next.imports.runNext(new AbortController().signal)).toBe(false)
  expect(await metadata.files.list(account.id, null)).toHaveLength(1)
  died.resolve(undefined as never)
  await dying
})

test('a lease is renewed while nothing arrives, so that nobody takes over', async () => {
  const source = await halting()
  const product = await open()
  const { core, metadata, clock, add, otherProcess } = product
  const { id } = await add(source.url)
  const running = core.imports.runNext(new AbortController().signal)
  await halfReceived(product, id)
  const other = await otherProcess()
  for (let looks = 0; looks < 8; looks++) {
    clock.advance(10)
    await Bun.sleep(40)
    expect(await other.imports.runNext(new AbortController().signal)).toBe(false)
  }
  source.resume()
  await running
  expect(await metadata.imports.find(id)).toMatchObject({ status: 'complete', attempts: 1 })
})

test('an import whose account is deleted ends, and leaves nothing', async () => {
  const source = await halting()
  const product = await open()
  const { core, metadata, clock, add, account, expectNothingKept } = product
  const { id } = await add(source.url)
  const running = core.imports.runNext(new AbortController().signal)
  await halfReceived(product, id)
  await metadata.accounts.delete(account.id, clock.now())
  clock.advance(16)
  await source.closed
  expect(await running).toBe(true)
  expect(await metadata.imports.find(id)).toBeNull()
  await expectNothingKept()
})

test('an import that kills every process that begins it is given up', async () => {
  const { metadata, clock, add, run } = await open()
  const { id } = await add(String(sources.serve(() => new Response('ok'))))
  for (let n = 0; n < 20; n++) {
    await metadata.imports.claim(`dead${n}`, clock.now(), new Date(clock.now().getTime() + 1))
    clock.advance(1)
  }
  expect(await run(id)).toMatchObject({
    status: 'failed',
    errorMessage: 'The download was interrupted too often.',
  })
})

test('a process killed in the middle of an import leaves it to the next one, and no byte behind', async () => {
  const source = await halting()
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'import-process.ts'), dir, `${source.url}/big.bin`],
    { stdout: 'inherit', stderr: 'inherit' },
  )
  await source.reached
  const watching = await openProduct(dir)
  await halfReceived(watching, 1)
  child.kill('SIGKILL')
  await child.exited
  await watching.storage.close()
  await watching.metadata.close()

  const { core, metadata, storage } = await openProduct(dir, true)
  expect(await Array.fromAsync(storage.list())).toEqual([])
  expect(await metadata.imports.find(1)).toMatchObject({ status: 'pending', attempts: 1 })
  expect(await core.imports.runNext(new AbortController().signal)).toBe(true)
  const item = await metadata.imports.find(1)
  expect(item).toMatchObject({ status: 'complete', attempts: 2, receivedBytes: content.length })
  const stored = await metadata.files.findWithObject(item?.fileId ?? 0)
  expect(stored?.file).toMatchObject({ name: 'big.bin', size: content.length })
  expect(stored?.object.sha256).toBe(hash(content))
  expect(await Array.fromAsync(storage.list())).toHaveLength(1)
  expect(await Array.fromAsync(core.check.run({ repair: false }))).toEqual([])
  await storage.close()
  await metadata.close()
})
