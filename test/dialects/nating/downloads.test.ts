/** What a signed link gives, to whom, and how. */
import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { PASSWORD } from '../../support/app.ts'
import { sampleBytes, sha256, uploadFile } from '../../support/upload.ts'
import { scenario } from './scenario.ts'

const given = scenario()
const DATA = sampleBytes(70_000)
const ETAG = `"${sha256(DATA)}"`
const DATE = 'Tue, 01 Jan 2030 00:00:00 GMT'
const EXPIRED: [number, string] = [403, 'Error: Download link expired or invalid.']
const MISSING: [number, string] = [404, 'File not found']

const stored = (filename = 'archive.iso', data = DATA) =>
  uploadFile(given.app, given.ann.token, data, { filename, mime_type: 'text/html' })
const linkTo = async (id: number): Promise<string> =>
  (await given.call('GET', `/api/v1/downloads/${id}/link`)).json.url
const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  given.app.request(method, url, { headers })
const counted = async (id: number): Promise<number> =>
  (await given.call('GET', `/api/v1/files/${id}`)).json.file.downloads
const cookieOf = async (username: string): Promise<string> => {
  const answer = await given.app.request('POST', '/web/session', { body: { username, password: PASSWORD } })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}
/** Files of ann made from now on are for herself alone. */
const bePrivate = (): void => {
  const db = new Database(`${given.app.dir}/kist.db`)
  db.run("UPDATE accounts SET default_visibility = 0 WHERE name = 'ann'")
  db.close()
}
const changed = (url: string, change: (url: URL) => void): string => {
  const copy = new URL(url)
  change(copy)
  return String(copy)
}

describe('a whole file', () => {
  test('comes with everything a client needs, and nothing that runs', async () => {
    const answer = await get(await linkTo(await stored()))
    expect(answer.status).toBe(200)
    expect(sha256(answer.bytes)).toBe(sha256(DATA))
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
      'cache-control': 'no-store',
      'content-disposition': `attachment; filename="archive.iso"; filename*=UTF-8''archive.iso`,
      'content-length': '70000',
      'content-type': 'text/html',
      etag: ETAG,
      'last-modified': DATE,
      'x-content-type-options': 'nosniff',
    })
  })

  test('may carry a name in its address, which means nothing', async () => {
    const url = await linkTo(await stored())
    const named = changed(url, (copy) => {
      copy.pathname += '/any%2Fname.exe'
    })
    const answer = await get(named)
    expect([answer.status, answer.headers.get('content-disposition')?.includes('archive.iso')]).toEqual([
      200,
      true,
    ])
  })

  test.each([
    ['"quoted".txt', '_quoted_.txt', '%22quoted%22.txt'],
    ['文件.txt', '__.txt', '%E6%96%87%E4%BB%B6.txt'],
    ['🎉 party.iso', '_ party.iso', '%F0%9F%8E%89%20party.iso'],
    ["it's (1)*.txt", "it's (1)*.txt", 'it%27s%20%281%29%2A.txt'],
    ['100%.txt', '100_.txt', '100%25.txt'],
    ['a;b=c,d.txt', 'a;b=c,d.txt', 'a%3Bb%3Dc%2Cd.txt'],
  ])('named %s is named so in both ways', async (filename, ascii, extended) => {
    const answer = await get(await linkTo(await stored(filename)))
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`,
    )
  })
})

describe('HEAD', () => {
  test('tells the length, sends nothing and counts nothing', async () => {
    const id = await stored()
    const answer = await get(await linkTo(id), {}, 'HEAD')
    expect([answer.status, answer.bytes.length]).toEqual([200, 0])
    expect(answer.headers.get('content-length')).toBe('70000')
    expect(answer.headers.get('etag')).toBe(ETAG)
    expect(await counted(id)).toBe(0)
  })
})

describe('ranges', () => {
  test.each([
    ['bytes=0-0', 206, 0, 0],
    ['bytes=0-99', 206, 0, 99],
    ['bytes=69999-', 206, 69_999, 69_999],
    ['bytes=-1', 206, 69_999, 69_999],
    ['bytes=-100000', 206, 0, 69_999],
    ['bytes=60000-99999999999999999999', 206, 60_000, 69_999],
    ['bytes=100-50', 200, 0, 69_999],
    ['bytes=abc', 200, 0, 69_999],
    ['lines=0-1', 200, 0, 69_999],
    ['bytes=0-1,5-6', 200, 0, 69_999],
  ])('%s gives %d and the bytes %d to %d', async (range, status, start, end) => {
    const answer = await get(await linkTo(await stored()), { range })
    expect(answer.status).toBe(status)
    expect(sha256(answer.bytes)).toBe(sha256(DATA.subarray(start, end + 1)))
    expect(answer.headers.get('content-length')).toBe(String(end - start + 1))
    expect(answer.headers.get('content-range')).toBe(status === 206 ? `bytes ${start}-${end}/70000` : null)
  })

  test.each(['bytes=70000-', 'bytes=70000-70001', 'bytes=-0'])('%s is outside', async (range) => {
    const id = await stored()
    const answer = await get(await linkTo(id), { range })
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */70000'])
    expect(await counted(id)).toBe(0)
  })
})

describe('conditions', () => {
  test.each<[Record<string, string>, number]>([
    [{ 'if-none-match': ETAG }, 304],
    [{ 'if-none-match': `"x", W/${ETAG}` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-modified-since': DATE }, 304],
    [{ 'if-modified-since': 'Mon, 31 Dec 2029 23:59:59 GMT' }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
    [{ 'if-none-match': '"x"', 'if-modified-since': DATE }, 200],
    [{ 'if-match': ETAG }, 200],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-unmodified-since': 'Mon, 31 Dec 2029 23:59:59 GMT' }, 412],
    [{ range: 'bytes=0-9', 'if-range': ETAG }, 206],
    [{ range: 'bytes=0-9', 'if-range': `W/${ETAG}` }, 200],
    [{ range: 'bytes=0-9', 'if-range': '"x"' }, 200],
    [{ range: 'bytes=0-9', 'if-range': DATE }, 206],
  ])('%j gives %d', async (headers, status) => {
    const answer = await get(await linkTo(await stored()), headers)
    expect(answer.status).toBe(status)
    if (status === 304) expect([answer.bytes.length, answer.headers.get('etag')]).toEqual([0, ETAG])
  })
})

describe('a download is counted', () => {
  test('once for every answer that begins at the first byte', async () => {
    const id = await stored()
    const url = await linkTo(id)
    for (const [headers, count] of [
      [{}, 1],
      [{ range: 'bytes=0-9' }, 2],
      [{ range: 'bytes=10-19' }, 2],
      [{ range: 'bytes=-5' }, 2],
      [{ 'if-none-match': ETAG }, 2],
      [{}, 3],
    ] as const) {
      await get(url, headers)
      expect([headers, await counted(id)]).toEqual([headers, count])
    }
  })
})

describe('a bad link', () => {
  test('opens nothing, whichever digit of it is wrong', async () => {
    const url = await linkTo(await stored())
    const token = new URL(url).searchParams.get('token') ?? ''
    for (let at = 0; at < token.length; at++) {
      const digit = (Number.parseInt(token[at] ?? '', 16) ^ 8).toString(16)
      const flipped = token.slice(0, at) + digit + token.slice(at + 1)
      const answer = await get(changed(url, (copy) => copy.searchParams.set('token', flipped)))
      expect([answer.status, answer.text]).toEqual(EXPIRED)
    }
  })

  test('is one for another file, with another expiry, or with nothing at all', async () => {
    const [first, second] = [await stored(), await stored()]
    const url = await linkTo(first)
    const bad = [
      changed(url, (copy) => {
        copy.pathname = `/download/${second}`
      }),
      changed(url, (copy) => copy.searchParams.set('expires', '9999999999')),
      changed(url, (copy) => copy.searchParams.set('expires', '1e99')),
      changed(url, (copy) => copy.searchParams.delete('expires')),
      changed(url, (copy) => copy.searchParams.delete('token')),
      changed(url, (copy) => copy.searchParams.append('token', 'x')),
      `http://localhost/download/${first}`,
    ]
    for (const one of bad) {
      const answer = await get(one)
      expect([one, answer.status, answer.text]).toEqual([one, ...EXPIRED])
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    }
    expect([await counted(first), await counted(second)]).toEqual([0, 0])
  })

  test.each(['0', '-1', 'x', '999999', '1%00', '..%2f..%2fetc%2fpasswd', '99999999999999999999', '1.5'])(
    'to the file %s leads nowhere',
    async (id) => {
      await stored()
      const answer = await get(`/download/${id}?token=${'0'.repeat(64)}&expires=9999999999`)
      expect([answer.status, answer.text]).toEqual(MISSING)
    },
  )

  test('by another method says which there are', async () => {
    const answer = await get(await linkTo(await stored()), {}, 'POST')
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

describe('a private file', () => {
  test('is not there without a good link, and says nothing of itself', async () => {
    bePrivate()
    const id = await stored()
    expect((await given.call('GET', `/api/v1/files/${id}`)).json.file.is_public).toBe(0)
    const url = await linkTo(id)
    expect((await get(url)).status).toBe(200)
    const forged = [
      `/download/${id}`,
      changed(url, (copy) => copy.searchParams.set('token', '0'.repeat(64))),
      changed(url, (copy) => copy.searchParams.set('expires', '9999999999')),
    ]
    for (const one of forged) {
      const answer = await get(one)
      expect([one, answer.status, answer.text]).toEqual([one, ...MISSING])
    }
    given.app.clock.advance(3600)
    const late = await get(url)
    expect([late.status, late.text]).toEqual(EXPIRED)
  })

  test("opens for its owner's browser without a link, and for no other", async () => {
    bePrivate()
    const id = await stored()
    const own = await get(`/download/${id}`, { cookie: await cookieOf('ann') })
    expect([own.status, sha256(own.bytes)]).toEqual([200, sha256(DATA)])
    const foreign = await get(`/download/${id}`, { cookie: await cookieOf('bob') })
    expect([foreign.status, foreign.text]).toEqual(MISSING)
  })
})
