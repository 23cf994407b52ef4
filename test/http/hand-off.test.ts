import { describe, expect, test } from 'bun:test'
import { trustedProxies } from '../../src/http/client-address.ts'
import { fileSender } from '../../src/http/download.ts'
import { createHandOff, type Delivery } from '../../src/http/hand-off.ts'
import { createPacer } from '../../src/http/pacing.ts'
import { stubTransfer } from './paced-server.ts'

const KEY = 'ab/cd/abcd0000000000000000000000000000'
const PATH = `/srv/kist/objects/${KEY}`
const trusted = trustedProxies(['10.0.0.1'])
const from = (address: string) => ({ timeout() {}, requestIP: () => ({ address, port: 1 }) })
const proxy = from('10.0.0.1')
const headers = {
  'content-length': '10',
  'accept-ranges': 'bytes',
  'content-type': 'text/plain',
  'content-disposition': 'attachment',
  etag: '"e"',
}

const handOff = (delivery: Delivery, pathOf: ((key: string) => string | null) | null = () => PATH) =>
  createHandOff({ delivery, trusted, pathOf })

const get = (fields: Record<string, string> = {}) => new Request('http://localhost/x', { headers: fields })

function handed(delivery: Delivery, { speed = 0, request = get(), server = proxy, size = 10 } = {}) {
  const transfer = stubTransfer(speed)
  const response = handOff(delivery)?.(request, server, { key: KEY, headers, size, transfer }) ?? null
  return { response, outcomes: transfer.outcomes }
}

describe('hand-off', () => {
  const rows: Array<[delivery: Delivery, directions: Record<string, string>]> = [
    ['nginx_accel', { 'x-accel-redirect': `/_kist/objects/${KEY}` }],
    ['apache_xsendfile', { 'x-sendfile': PATH, 'accept-ranges': 'bytes' }],
    ['litespeed_internal', { 'x-litespeed-location': `/_kist/objects/${KEY}` }],
  ]
  test.each(rows)('by %s names the file to the web server, and only that', async (delivery, directions) => {
    const { response, outcomes } = handed(delivery)
    expect(response?.status).toBe(200)
    expect(await response?.text()).toBe('')
    expect(Object.fromEntries(response?.headers ?? [])).toEqual({
      ...directions,
      'content-type': 'text/plain',
      'content-disposition': 'attachment',
      etag: '"e"',
    })
    expect(outcomes).toEqual([{ bytes: 10, completed: true }])
  })

  test('tells nginx the speed, in whole bytes', () => {
    const { response } = handed('nginx_accel', { speed: 1000.5 })
    expect(response?.headers.get('x-accel-limit-rate')).toBe('1001')
  })

  test('tells Apache the path as it decodes it, whatever the name of a folder', () => {
    const hand = handOff('apache_xsendfile', (key) => `/srv/Über 100%/${key}`)
    const transfer = stubTransfer(0)
    const response = hand?.(get(), proxy, { key: KEY, headers, size: 10, transfer })
    expect(response?.headers.get('x-sendfile')).toBe(`/srv/%C3%9Cber%20100%25/${KEY}`)
  })

  test.each(['apache_xsendfile', 'litespeed_internal'] as const)(
    'by %s is none for an answer with a speed limit',
    (delivery) => expect(handed(delivery, { speed: 1000 })).toEqual({ response: null, outcomes: [] }),
  )

  const own: Array<[name: string, how: Parameters<typeof handed>[1]]> = [
    ['to who is no trusted proxy', { server: from('10.0.0.2') }],
    ['of a request without an address', { server: from('') }],
    ['of nothing', { size: 0 }],
    ['with If-Match', { request: get({ 'if-match': '"e"' }) }],
    [
      'with If-Unmodified-Since',
      { request: get({ 'if-unmodified-since': 'Mon, 04 May 2026 10:20:30 GMT' }) },
    ],
  ]
  test.each(own)('is none for an answer %s, and leaves its transfer alone', (_name, how) => {
    for (const [delivery] of rows) expect(handed(delivery, how)).toEqual({ response: null, outcomes: [] })
  })

  test('is none for a file that is in another store, and leaves its transfer alone', () => {
    const transfer = stubTransfer(0)
    const given = createHandOff({ delivery: 'nginx_accel', trusted, pathOf: () => null })
    expect(given?.(get(), proxy, { key: KEY, headers, size: 10, transfer })).toBeNull()
    expect(transfer.outcomes).toEqual([])
  })

  test('is none for delivery by the app, and for storage without files', () => {
    expect(handOff('app')).toBeNull()
    expect(handOff('nginx_accel', null)).toBeNull()
    expect(handOff('signed_origin')).toBeNull()
    expect(handOff('cdn')).toBeNull()
  })
})

test('an open file that the web server sends is let go of', async () => {
  let isOpen = true
  const body = new ReadableStream<Uint8Array>({
    cancel() {
      isOpen = false
    },
  })
  const send = fileSender(createPacer(), handOff('nginx_accel'))
  const file = {
    name: 'a',
    size: 10,
    etag: 'e',
    lastModified: null,
    mimeType: 'text/plain',
    cacheControl: '',
  }
  const grant = { begin: async () => ({ body, transfer: stubTransfer(0) }), object: { key: KEY } }
  const response = await send(get(), proxy, file, grant)
  expect(response.headers.get('x-accel-redirect')).toBe(`/_kist/objects/${KEY}`)
  expect(isOpen).toBe(false)
})
