/** What the sources do to an import: refuse, fail, lie, break, and what is left of it then: nothing. */
import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import type { RemoteImport } from '../../src/core/model.ts'
import type { StorageDriver } from '../../src/core/storage.ts'
import { pattern, sentHeader, sourcesUnderTest } from '../remote/sources.ts'
import { importsUnderTest } from './imports-under-test.ts'

const sources = sourcesUnderTest()
const open = importsUnderTest()
const hash = (bytes: Uint8Array): string => new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
const answer = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`

/** What the account is told. */
const outcome = ({ status, errorMessage, attempts }: RemoteImport) => ({ status, errorMessage, attempts })
const failed = (errorMessage: string, attempts = 1): ReturnType<typeof outcome> => ({
  status: 'failed',
  errorMessage,
  attempts,
})

describe('for good fails', () => {
  test.each([
    ['what is not there', 404, 'The source answered with status 404.'],
    ['what is forbidden', 403, 'The source answered with status 403.'],
    ['what has no content', 204, 'The source answered with status 204.'],
  ])('%s', async (_, status, message) => {
    const source = await sources.raw((socket) =>
      socket.end(answer(`HTTP/1.1 ${status} X`, 'Content-Length: 0')),
    )
    const { fetch, expectNothingKept } = await open()
    expect(outcome(await fetch(source.url))).toEqual(failed(message))
    await expectNothingKept()
  })

  test('what redirects too often', async () => {
    const source = await sources.raw((socket) =>
      socket.end(answer('HTTP/1.1 302 X', 'Location: /again', 'Content-Length: 0')),
    )
    const { fetch } = await open()
    expect(outcome(await fetch(source.url))).toEqual(failed('The source redirects too often.'))
    expect(source.requests).toHaveLength(6)
  })

  test('what redirects to this machine', async () => {
    const canary = await sources.raw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nsecret'))
    const source = await sources.raw(
      (socket) => socket.end(answer('HTTP/1.1 302 X', `Location: ${canary.url}/`, 'Content-Length: 0')),
      '127.0.0.2',
    )
    const { fetch, expectNothingKept } = await open({
      fetcher: { allowPrivateAddresses: false, exemptAddresses: ['127.0.0.2'] },
    })
    const refused = failed('That URL can not be downloaded. Its address is not public.')
    expect(outcome(await fetch(source.url))).toEqual(refused)
    expect(outcome(await fetch(canary.url))).toEqual(refused)
    expect(canary.connections()).toBe(0)
    await expectNothingKept()
  })

  test('an empty file', async () => {
    const { fetch, expectNothingKept } = await open()
    const item = await fetch(String(sources.serve(() => new Response(''))))
    expect(outcome(item)).toEqual(failed('Filesize received was zero.'))
    await expectNothingKept()
  })

  test('a file of a kind that is blocked', async () => {
    const url = new URL(
      '/setup.exe',
      sources.serve(() => new Response('MZ')),
    )
    const { fetch, expectNothingKept } = await open({ blockedExtensions: ['exe'] })
    expect(outcome(await fetch(String(url)))).toEqual(
      failed('Security Error: file type (.exe) is not allowed.'),
    )
    await expectNothingKept()
  })

  const TOO_LARGE = 'The file is larger than a remote download may be.'

  test('what is announced to be larger than an import may be, without a byte of it', async () => {
    const source = await sources.raw((socket) => {
      socket.write(answer('HTTP/1.1 200 OK', 'Content-Length: 1001'))
    })
    const { fetch, expectNothingKept } = await open({ settings: { maxSize: 1000 } })
    expect(outcome(await fetch(source.url))).toEqual(failed(TOO_LARGE))
    await expectNothingKept()
  })

  const endless = () =>
    sources.raw((socket) => {
      socket.write(answer('HTTP/1.1 200 OK'))
      const piece = Buffer.alloc(16_384)
      const flood = (): void => {
        while (!socket.destroyed && socket.write(piece));
      }
      socket.on('drain', flood)
      flood()
    })

  test('what never ends, at the first byte too many', async () => {
    const { fetch, expectNothingKept } = await open({ settings: { maxSize: 100_000 } })
    expect(outcome(await fetch((await endless()).url))).toEqual(failed(TOO_LARGE))
    await expectNothingKept()
  })

  test.each([
    ['max_upload_size', 'File exceeds your package upload limit.'],
    ['max_storage_bytes', 'This upload would exceed your storage quota.'],
  ])('what is more than %s allows, announced or not', async (limit, message) => {
    const { fetch, expectNothingKept } = await open({ limits: { [limit]: '50000' } })
    expect(outcome(await fetch((await endless()).url))).toEqual(failed(message))
    const announced = await fetch(String(sources.serve(() => new Response(pattern(50_001)))))
    expect(outcome(announced)).toEqual(failed(message))
    await expectNothingKept()
    expect((await fetch(String(sources.serve(() => new Response(pattern(50_000)))))).status).toBe('complete')
  })

  test('what takes too long, however steadily it drips', async () => {
    const source = await sources.raw((socket) => {
      socket.write(answer('HTTP/1.1 200 OK'))
      const drip = setInterval(() => socket.write(Buffer.alloc(2048)), 5)
      socket.on('close', () => clearInterval(drip))
    })
    const { fetch, expectNothingKept } = await open({ settings: { maxSeconds: 0.2 } })
    expect(outcome(await fetch(source.url))).toEqual(failed('The download took too long.'))
    await expectNothingKept()
  })

  test('the import of an account that is suspended meanwhile', async () => {
    const source = await sources.raw((socket) => socket.end(answer('HTTP/1.1 200 OK')))
    const { add, run, metadata, account } = await open()
    const { id } = await add(source.url)
    await metadata.accounts.update(account.id, { status: 'suspended' })
    expect(outcome(await run(id))).toEqual(failed('The account is not active.'))
    expect(source.connections()).toBe(0)
  })
})

describe('what may pass', () => {
  test('is tried again after a growing while, five times in all', async () => {
    const source = await sources.raw((socket) => socket.end(answer('HTTP/1.1 500 X', 'Content-Length: 0')))
    const { add, run, core, clock, expectNothingKept } = await open({ settings: { retrySeconds: 10 } })
    const { id } = await add(source.url)
    const stop = new AbortController().signal
    for (const seconds of [10, 20, 40, 80]) {
      expect((await run(id)).status).toBe('pending')
      clock.advance(seconds - 1)
      expect(await core.imports.runNext(stop)).toBe(false)
      clock.advance(1 + seconds / 4)
    }
    expect(outcome(await run(id))).toEqual(failed('The source answered with status 500.', 5))
    expect(await core.imports.runNext(stop)).toBe(false)
    expect(source.requests).toHaveLength(5)
    await expectNothingKept()
  })

  test('waits as long as the source asks, but no more than an hour', async () => {
    const source = await sources.raw((socket, _, count) =>
      socket.end(
        count < 3
          ? answer('HTTP/1.1 429 X', `Retry-After: ${count === 1 ? 120 : 999_999}`, 'Content-Length: 0')
          : `${answer('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`,
      ),
    )
    const { add, run, core, clock } = await open()
    const { id } = await add(source.url)
    const stop = new AbortController().signal
    for (const seconds of [120, 3600]) {
      await run(id)
      clock.advance(seconds - 1)
      expect(await core.imports.runNext(stop)).toBe(false)
      clock.advance(1)
    }
    expect(outcome(await run(id))).toEqual({ status: 'complete', errorMessage: null, attempts: 3 })
  })

  test('is shown as waiting, and forgotten when it has passed', async () => {
    let answers = 0
    const url = sources.serve(() => new Response('ok', { status: answers++ === 0 ? 503 : 200 }))
    const { add, run, clock } = await open()
    const { id } = await add(String(url))
    expect(outcome(await run(id))).toEqual({ status: 'pending', errorMessage: null, attempts: 1 })
    clock.advance(60)
    expect(outcome(await run(id))).toEqual({ status: 'complete', errorMessage: null, attempts: 2 })
  })

  test('is a full disk of ours', async () => {
    let full = true
    const { add, run, clock, expectNothingKept } = await open({
      storage: (driver) => ({
        ...driver,
        put: async (...request: Parameters<StorageDriver['put']>) => {
          if (full) throw new Fault('storage_full')
          return driver.put(...request)
        },
      }),
    })
    const { id } = await add(String(sources.serve(() => new Response('ok'))))
    expect((await run(id)).status).toBe('pending')
    await expectNothingKept()
    full = false
    clock.advance(60)
    expect((await run(id)).status).toBe('complete')
  })

  test('is a store of ours that is down, for nearly half an hour', async () => {
    let isDown = true
    const { add, run, core, clock, expectNothingKept } = await open({
      settings: { retrySeconds: 1 },
      storage: (driver) => ({
        ...driver,
        put: async (...request: Parameters<StorageDriver['put']>) => {
          if (isDown) throw new Fault('unavailable')
          return driver.put(...request)
        },
      }),
    })
    const { id } = await add(String(sources.serve(() => new Response('ok'))))
    for (let minute = 0; minute < 12; minute++) {
      expect((await run(id)).status).toBe('pending')
      clock.advance(150)
    }
    await core.sweeper.sweep()
    await expectNothingKept()
    isDown = false
    expect((await run(id)).status).toBe('complete')
  })

  test('is a store of ours that stays down, and that is told in the end', async () => {
    const { fetch } = await open({
      storage: (driver) => ({ ...driver, put: () => Promise.reject(new Fault('unavailable')) }),
    })
    const item = await fetch(String(sources.serve(() => new Response('ok'))))
    expect(outcome(item)).toEqual(failed('The service is busy. Try again shortly.', 20))
  })

  test('is an error of ours, which is logged and not shown', async () => {
    const { fetch, log } = await open({
      storage: (driver) => ({
        ...driver,
        put: async () => {
          throw new Error('secret path /var/lib')
        },
      }),
    })
    const item = await fetch(String(sources.serve(() => new Response('ok'))))
    expect(outcome(item)).toEqual(failed('Internal error.', 5))
    expect(log.events).toContain('warn import_failed')
  })

  test('is a store that can not make the file at once: it is made once', async () => {
    let failures = 3
    const { fetch, core, metadata, storage, account } = await open({
      metadata: (store) => ({
        ...store,
        close: () => store.close(),
        files: {
          ...store.files,
          add: async (...request) => {
            if (failures-- > 0) throw new Fault('unavailable')
            return store.files.add(...request)
          },
        },
      }),
    })
    const item = await fetch(String(sources.serve(() => new Response('ok'))))
    expect(outcome(item)).toEqual({ status: 'complete', errorMessage: null, attempts: 4 })
    expect(await metadata.files.list(account.id, null)).toHaveLength(1)
    await core.sweeper.sweep()
    expect(await Array.fromAsync(storage.list())).toHaveLength(1)
  })

  test('is a source that announces more than it has, until it is believed no more', async () => {
    const source = await sources.raw((socket) =>
      socket.end(`${answer('HTTP/1.1 200 OK', 'Content-Length: 100')}short`),
    )
    const { fetch, expectNothingKept } = await open()
    expect(outcome(await fetch(source.url))).toEqual(failed('The connection to the source broke.', 5))
    await expectNothingKept()
  })
})

describe('a broken connection', () => {
  const content = pattern(3_000_000)

  /** Serves ranges by hand and cuts the connection after `most` bytes of each answer. */
  const cutting = (most: number, etag: (count: number) => string, doesRanges = true) => {
    const sent = { bytes: 0 }
    const source = sources.raw((socket, request, count) => {
      const current = etag(count)
      const isSame = sentHeader(request, 'if-range') === current
      const from = doesRanges && isSame ? Number(/bytes=(\d+)-/.exec(request)?.[1] ?? 0) : 0
      const piece = content.subarray(from, from + most)
      sent.bytes += piece.length
      const head =
        from > 0
          ? ['HTTP/1.1 206 X', `Content-Range: bytes ${from}-${content.length - 1}/${content.length}`]
          : ['HTTP/1.1 200 OK']
      socket.write(answer(...head, `Content-Length: ${content.length - from}`, `ETag: ${current}`))
      socket.end(piece)
    })
    return source.then((raw) => ({ ...raw, sent }))
  }

  test('is continued where it broke, and only what was on its way is sent again', async () => {
    const source = await cutting(1_200_000, () => '"v1"')
    const { fetch, result } = await open()
    const item = await fetch(source.url)
    expect(hash((await result(item)).bytes)).toBe(hash(content))
    expect(item).toMatchObject({ attempts: 1, receivedBytes: content.length })
    const starts = source.requests.map((request) => Number(/bytes=(\d+)-/.exec(request)?.[1] ?? 0))
    expect(starts).toHaveLength(3)
    expect(starts.toSorted((one, other) => one - other)).toEqual(starts)
    expect(source.sent.bytes - content.length).toBeLessThan(400_000)
  })

  test('is continued after answers that say nothing but "later"', async () => {
    const source = await sources.raw((socket, request, count) => {
      const from = Number(/bytes=(\d+)-/.exec(request)?.[1] ?? 0)
      if (count === 2) return socket.destroy()
      if (count === 3) return socket.end(answer('HTTP/1.1 503 X', 'Retry-After: 0', 'Content-Length: 0'))
      const head = from > 0 ? ['HTTP/1.1 206 X', `Content-Range: bytes ${from}-9/10`] : ['HTTP/1.1 200 X']
      socket.write(answer(...head, `Content-Length: ${10 - from}`, 'ETag: "v1"'))
      return socket.end('0123456789'.slice(from, from === 0 ? 4 : 10))
    })
    const { fetch, result } = await open()
    const item = await fetch(source.url)
    expect(Buffer.from((await result(item)).bytes).toString()).toBe('0123456789')
    expect([item.attempts, source.requests.length]).toEqual([1, 4])
  })

  test('is not continued for ever when it brings next to nothing', async () => {
    const source = await cutting(10, () => '"v1"')
    const { fetch, expectNothingKept } = await open()
    expect(outcome(await fetch(source.url))).toEqual(failed('The connection to the source broke.', 5))
    expect(source.requests).toHaveLength(5 * 6)
    await expectNothingKept()
  })

  test.each([
    ['the content has changed', (count: number) => (count === 1 ? '"v1"' : '"v2"'), true],
    ['the source does not do ranges', () => '"v1"', false],
  ])('begins anew when %s', async (_, etag, doesRanges) => {
    const source = await cutting(1_000_000, etag, doesRanges)
    const { add, run, clock, result } = await open()
    const { id } = await add(source.url)
    expect((await run(id)).status).toBe('pending')
    expect(source.requests).toHaveLength(2)
    clock.advance(60)
    const second = await run(id)
    // Without ranges it never gets further than the first cut.
    if (doesRanges) expect(hash((await result(second)).bytes)).toBe(hash(content))
    else expect(outcome(second)).toEqual({ status: 'pending', errorMessage: null, attempts: 2 })
  })

  test('of content that can not be told from other content begins anew', async () => {
    const source = await sources.raw((socket, request, count) => {
      expect(sentHeader(request, 'range')).toBeNull()
      socket.write(answer('HTTP/1.1 200 OK', 'Content-Length: 10', 'ETag: W/"weak"'))
      socket.end('0123456789'.slice(0, count === 1 ? 5 : 10))
    })
    const { add, run, clock } = await open()
    const { id } = await add(source.url)
    expect((await run(id)).status).toBe('pending')
    clock.advance(60)
    expect(await run(id)).toMatchObject({ status: 'complete', attempts: 2 })
  })

  test('never mixes two contents of which the second claims to be the first of another size', async () => {
    const source = await sources.raw((socket, _, count) => {
      const head = count === 2 ? ['HTTP/1.1 206 X', 'Content-Range: bytes 5-19/20'] : ['HTTP/1.1 200 OK']
      socket.write(answer(...head, `Content-Length: ${count === 2 ? 15 : 10}`, 'ETag: "v1"'))
      socket.write(count === 1 ? '01234' : 'abcdefghijklmno'.slice(0, count === 2 ? 15 : 10))
      // Time for the half to be taken: what is on its way when a connection breaks is sent again.
      setTimeout(() => socket.end(), 30)
    })
    const { add, run, clock, result } = await open()
    const { id } = await add(source.url)
    expect((await run(id)).status).toBe('pending')
    clock.advance(60)
    expect(Buffer.from((await result(await run(id))).bytes).toString()).toBe('abcdefghij')
  })

  test('is continued by as many ranges as a source likes to answer with', async () => {
    const source = await sources.raw((socket, request) => {
      const from = Number(/bytes=(\d+)-/.exec(request)?.[1] ?? 0)
      const head =
        from > 0 ? ['HTTP/1.1 206 X', `Content-Range: bytes ${from}-${from + 1}/6`] : ['HTTP/1.1 200 X']
      socket.write(answer(...head, `Content-Length: ${from > 0 ? 2 : 6}`, 'ETag: "v1"'))
      socket.end('012345'.slice(from, from + 2))
    })
    const { fetch, result } = await open()
    expect(Buffer.from((await result(await fetch(source.url))).bytes).toString()).toBe('012345')
  })
})
