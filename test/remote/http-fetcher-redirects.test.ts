import { describe, expect, test } from 'bun:test'
import { isFault } from '../../src/core/fault.ts'
import { certificate, key } from './certificate.ts'
import { answer, failure, fetchAll, open } from './fetching.ts'
import { readAll, sourcesUnderTest } from './sources.ts'

const sources = sourcesUnderTest()

describe('redirects', () => {
  const chain = (length: number, status: number) =>
    sources.raw((socket, request, count) => {
      const step = count <= length
      const head = step
        ? answer(`HTTP/1.1 ${status} X`, `Location: ../hop/${count}`, 'Content-Length: 0')
        : `${answer('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`
      expect(request).not.toMatch(/authorization|cookie|referer/i)
      socket.end(head)
    })

  test.each([301, 302, 303, 307, 308])('with %i are followed five times', async (status) => {
    const source = await chain(5, status)
    const file = await open(`${source.url}/first/name.bin`)
    expect(Buffer.from(await readAll(file)).toString()).toBe('ok')
    expect(source.requests.map((request) => request.split(' ')[1])).toEqual([
      '/first/name.bin',
      ...[1, 2, 3, 4, 5].map((hop) => `/hop/${hop}`),
    ])
    expect(file.names).toEqual(['5', 'name.bin'])
  })

  test('are followed no sixth time, and so never round and round', async () => {
    const source = await chain(6, 302)
    expect(await failure(open(`${source.url}/first/name.bin`))).toMatchObject({
      retryable: false,
      message: 'The source redirects too often.',
    })
    expect(source.requests).toHaveLength(6)
  })

  test('to nowhere are final', async () => {
    const source = await sources.raw((socket) => socket.end(answer('HTTP/1.1 302 X', 'Content-Length: 0')))
    expect(await failure(open(source.url))).toMatchObject({ retryable: false })
  })

  test('to a URL in raw UTF-8 arrive', async () => {
    const source = await sources.raw((socket, _, count) =>
      socket.end(
        count === 1
          ? Buffer.from(answer('HTTP/1.1 302 X', 'Location: /größe.txt', 'Content-Length: 0'))
          : answer('HTTP/1.1 200 OK', 'Content-Length: 0'),
      ),
    )
    expect((await open(source.url)).names[0]).toBe('größe.txt')
  })

  test('to another scheme are refused', async () => {
    const source = await sources.raw((socket) =>
      socket.end(answer('HTTP/1.1 302 X', 'Location: file:///etc/hostname', 'Content-Length: 0')),
    )
    expect(isFault(await open(source.url).catch((error: unknown) => error), 'url_refused')).toBe(true)
  })

  test('from encrypted to plain are followed', async () => {
    const plain = sources.serve(() => new Response('ok'))
    const encrypted = sources.serve(() => Response.redirect(String(plain)), { key, cert: certificate })
    const url = `https://source.test:${encrypted.port}/`
    const options = { authorities: certificate, resolver: async () => ['127.0.0.1'] }
    expect(Buffer.from(await fetchAll(url, {}, options)).toString()).toBe('ok')
  })
})
