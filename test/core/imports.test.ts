/** Asking for a URL, what comes of it, and who may see it. */
import { describe, expect, test } from 'bun:test'
import { type FaultCode, isFault } from '../../src/core/fault.ts'
import { readImportUrl } from '../../src/core/import-url.ts'
import { pattern, sourcesUnderTest } from '../remote/sources.ts'
import { importsUnderTest } from './imports-under-test.ts'

const sources = sourcesUnderTest()
const open = importsUnderTest()
const md5 = (bytes: Uint8Array): string => new Bun.CryptoHasher('md5').update(bytes).digest('hex')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

async function faultOf(attempt: Promise<unknown>): Promise<FaultCode | null> {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error === null || isFault(error)) return error?.code ?? null
  throw error
}

describe('a URL', () => {
  const url = 'https://example.com/a?b=ÿ>>>???&c=~d'

  test.each([
    ['standard base64', base64(url)],
    ['URL-safe base64', Buffer.from(url).toString('base64url')],
    ['base64 without padding', base64(url).replace(/=+$/, '')],
    ['base64 whose plus a form made a space', base64(url).replaceAll('+', ' ')],
    ['base64 with spaces around', ` ${base64(url)}\n`],
    ['base64 of a URL with spaces around', base64(` ${url}\n`)],
  ])('is read from %s', (_, text) => {
    expect(readImportUrl(text)).toBe(new URL(url).href)
  })

  test('loses its fragment and nothing else', () => {
    expect(readImportUrl(base64('HTTP://Example.COM:8080/A%20b?c=d#e'))).toBe(
      'http://example.com:8080/A%20b?c=d',
    )
  })

  test.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['what is no base64', '!!!!'],
    ['a URL in plain text', 'https://example.com/'],
    ['too few digits', 'aHR0c'],
    ['padding alone', '=='],
    ['padding in the middle', 'aHR0=cDovL2EvYg'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0x41]).toString('base64')],
    ['no URL', base64('hello world')],
    ['half a URL', base64('example.com/file')],
    ['a URL without host', base64('http://')],
    ...[
      'ftp://a/b',
      'file:///etc/passwd',
      'data:text/plain,x',
      'javascript:alert(1)',
      's3://a/b',
      'ws://a/',
    ].map((other): [string, string] => [other, base64(other)]),
    ['a URL of 2049 characters', base64(`http://a/${'x'.repeat(2040)}`)],
    ['a URL that grows beyond 2048 characters', base64(`http://a/${'ÿ'.repeat(1000)}`)],
  ])('is not read from %s', (_, text) => {
    const error = (() => {
      try {
        return readImportUrl(text)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toMatchObject({
      code: 'invalid',
      field: 'url',
      message: "Could not parse the file_url_base64 parameter. Ensure it's base64 encoded.",
    })
  })

  test('of 2048 characters is read', () => {
    const longest = `http://a/${'x'.repeat(2039)}`
    expect(readImportUrl(base64(longest))).toBe(longest)
  })
})

describe('asking', () => {
  test('is refused when imports are off', async () => {
    const { add } = await open({ settings: { enabled: false } })
    expect(await faultOf(add('http://127.0.0.1/'))).toBe('imports_disabled')
  })

  test('is refused when the package allows no uploads', async () => {
    const { add } = await open({ limits: { can_upload: '0' } })
    expect(await faultOf(add('http://127.0.0.1/'))).toBe('upload_refused')
  })

  test('is refused beyond what the package allows at a time, and again allowed when one has ended', async () => {
    const url = String(sources.serve(() => new Response('x')))
    const { add, run } = await open({ limits: { max_remote_download_urls: '2' } })
    const first = await add(url)
    await add(url)
    expect(await faultOf(add(url))).toBe('too_many_imports')
    expect((await run(first.id)).status).toBe('complete')
    await add(url)
    expect(await faultOf(add(url))).toBe('too_many_imports')
  })
})

describe('looking', () => {
  test('shows an import to its account alone', async () => {
    const { core, add, account } = await open()
    const { id } = await add('http://127.0.0.1/')
    const other = await core.accounts.create({ name: 'bob', password: 'correct horse', packageName: 'Test' })
    expect((await core.imports.status(account, id)).item.status).toBe('pending')
    expect(await faultOf(core.imports.status(other, id))).toBe('import_not_found')
    expect(await faultOf(core.imports.status(account, id + 1))).toBe('import_not_found')
  })

  test('shows how far it is, then the file, then that the file is gone', async () => {
    const bytes = pattern(200_000)
    const middle = Promise.withResolvers<void>()
    const source = await sources.raw(async (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`)
      socket.write(bytes.subarray(0, 100_000))
      await middle.promise
      socket.end(bytes.subarray(100_000))
    })
    const { core, add, run, account, clock, metadata } = await open()
    const { id } = await add(`${source.url}/file.bin`)
    clock.advance(5)
    const running = run(id)
    for (;;) {
      const { item } = await core.imports.status(account, id)
      if (item.receivedBytes === 100_000) break
      await Bun.sleep(2)
    }
    expect(await core.imports.status(account, id)).toMatchObject({
      item: { status: 'downloading', totalBytes: 200_000, receivedBytes: 100_000, startedAt: clock.now() },
      file: null,
    })
    middle.resolve()
    await running
    const { item, file } = await core.imports.status(account, id)
    expect(item).toMatchObject({ status: 'complete', totalBytes: 200_000, receivedBytes: 200_000 })
    expect(item.finishedAt).toEqual(clock.now())
    expect(file).toMatchObject({ id: item.fileId, name: 'file.bin', size: 200_000 })
    await metadata.files.trash(account.id, file?.id ?? 0, clock.now())
    clock.advance(1)
    await metadata.files.purgeTrash(clock.now(), 10)
    expect((await core.imports.status(account, id)).file).toBeNull()
  })
})

describe('a file', () => {
  test('arrives whole, charged, in its folder, and marked as fetched', async () => {
    const bytes = pattern(1_000_000)
    const url = sources.serve(() => new Response(bytes, { headers: { 'content-type': 'image/png; q=1' } }))
    const { core, metadata, account, add, run, result } = await open()
    const folder = await core.folders.create(account, { name: 'in', parentId: null })
    const { id } = await add(String(new URL('/pictures/a%20b.png?size=large', url)), folder.id)
    const { file, bytes: stored } = await result(await run(id))
    expect(md5(stored)).toBe(md5(bytes))
    expect(file).toMatchObject({
      name: 'a b.png',
      size: 1_000_000,
      mimeType: 'image/png',
      folderId: folder.id,
      accountId: account.id,
      source: 'remote',
      uploadedIp: null,
      visibility: account.defaultVisibility,
    })
    expect((await metadata.accounts.find(account.id))?.storageUsed).toBe(1_000_000)
    expect((await metadata.folders.find(folder.id))?.totalSize).toBe(1_000_000)
    expect(await Array.fromAsync(core.check.run({ repair: false }))).toEqual([])
  })

  test.each([
    ['its header', 'attachment; filename="from header.txt"', '/path.txt', 'from header.txt'],
    ['its extended header', "attachment; filename*=UTF-8''%C3%A9.txt", '/path.txt', 'é.txt'],
    ['its path', '', '/a/from%20path.txt', 'from path.txt'],
    ['its path, when the header has none', 'attachment; filename=".."', '/a/path.txt', 'path.txt'],
    ['nothing, at the root', '', '/', 'download'],
    ['nothing, in a folder', '', '/a/b/', 'download'],
    ['nothing, where there are only dots', '', '/a/%2e%2e%2f%2e%2e', 'download'],
    ['the end of a path that leads elsewhere', 'attachment; filename="../../etc/passwd"', '/x', 'passwd'],
    ['the end of a path of Windows', 'attachment; filename="C:\\\\secret\\\\a.txt"', '/x', 'a.txt'],
    ['a path that is no proper encoding', '', '/a%zzb.txt', 'a%zzb.txt'],
    ['a path with an encoded slash', '', '/a%2Fb.txt', 'b.txt'],
    ['a path without its control characters', '', '/a%00%0d%0ab.txt', 'ab.txt'],
  ])('is named after %s', async (_, disposition, path, name) => {
    const source = await sources.raw((socket) =>
      socket.end(
        `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n${disposition && `Content-Disposition: ${disposition}\r\n`}\r\nx`,
      ),
    )
    const { fetch, result } = await open()
    expect((await result(await fetch(source.url + path))).file.name).toBe(name)
  })

  test('of a name that is taken gets another one', async () => {
    const url = String(
      new URL(
        '/a.txt',
        sources.serve(() => new Response('x')),
      ),
    )
    const { fetch, result } = await open()
    await fetch(url)
    expect((await result(await fetch(url))).file.name).toBe('a (1).txt')
  })

  test('whose folder is gone by then arrives at the root', async () => {
    const url = String(sources.serve(() => new Response('x')))
    const { core, account, add, run, result } = await open()
    const folder = await core.folders.create(account, { name: 'in', parentId: null })
    const { id } = await add(url, folder.id)
    await core.folders.trash(account, folder.id)
    expect((await result(await run(id))).file.folderId).toBeNull()
  })

  test('in gzip is kept as it came', async () => {
    const packed = Bun.gzipSync(new Uint8Array(20_000_000))
    const url = sources.serve(() => new Response(packed, { headers: { 'content-encoding': 'gzip' } }))
    const { fetch, result } = await open()
    expect((await result(await fetch(String(url)))).bytes).toEqual(packed)
  })
})

describe('workers', () => {
  test('take imports as they come, so many at a time, and stop when told', async () => {
    let now = 0
    let most = 0
    const url = sources.serve(async () => {
      most = Math.max(most, ++now)
      await Bun.sleep(20)
      now--
      return new Response('x')
    })
    const { core, add, metadata, account } = await open()
    const stop = new AbortController()
    const workers = [core.imports.work(stop.signal), core.imports.work(stop.signal)]
    const items = await Promise.all(Array.from({ length: 6 }, () => add(String(url))))
    for (;;) {
      const found = await Promise.all(items.map(({ id }) => metadata.imports.find(id)))
      if (found.every((item) => item?.status === 'complete')) break
      await Bun.sleep(5)
    }
    stop.abort()
    await Promise.all(workers)
    expect(most).toBe(2)
    expect(await metadata.files.list(account.id, null)).toHaveLength(6)
    await add(String(url))
    expect(await core.imports.runNext(stop.signal)).toBe(false)
  })

  test('wake up at once for what is added', async () => {
    const url = sources.serve(() => new Response('x'))
    const { core, add, metadata } = await open()
    const stop = new AbortController()
    const worker = core.imports.work(stop.signal)
    await Bun.sleep(20)
    const started = performance.now()
    const { id } = await add(String(url))
    while ((await metadata.imports.find(id))?.status !== 'complete') await Bun.sleep(2)
    expect(performance.now() - started).toBeLessThan(700)
    stop.abort()
    await worker
  })

  test('outlive a store that fails', async () => {
    let failures = 2
    const { core, add, metadata, log } = await open({
      metadata: (store) => ({
        ...store,
        close: () => store.close(),
        imports: {
          ...store.imports,
          claim: async (...request) => {
            if (failures-- > 0) throw new Error('the disk is on fire')
            return store.imports.claim(...request)
          },
        },
      }),
    })
    const { id } = await add(String(sources.serve(() => new Response('x'))))
    const stop = new AbortController()
    const workers = [1, 2, 3].map(() => core.imports.work(stop.signal))
    while ((await metadata.imports.find(id))?.status !== 'complete') await Bun.sleep(2)
    stop.abort()
    await Promise.all(workers)
    expect(log.events.filter((event) => event === 'error import_worker_failed')).toHaveLength(2)
  })
})
