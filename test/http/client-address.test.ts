import { describe, expect, test } from 'bun:test'
import {
  clientAddress,
  hostOf,
  normalAddress,
  requestOrigin,
  trustedProxies,
} from '../../src/http/client-address.ts'

const asked = (headers: Record<string, string> = {}) => new Request('http://localhost/x', { headers })
const peer = (address: string) => ({ requestIP: () => ({ address }) })

describe('an address', () => {
  const rows: Array<[given: string, normal: string | null]> = [
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:443', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:c000:201', '192.0.2.1'],
    ['[2001:DB8::1]', '2001:db8::1'],
    ['[2001:db8::1]:8080', '2001:db8::1'],
    ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unknown', null],
    ['', null],
    ['300.1.1.1', null],
    ['2130706433', null],
    ['a, b', null],
  ]
  test.each(rows)('%p has one spelling', (given, normal) => {
    expect(normalAddress(given)).toBe(normal)
  })
})

describe('the list of trusted proxies', () => {
  test('holds addresses and blocks of both families', () => {
    const trusted = trustedProxies(['127.0.0.1', '10.0.0.0/8', '2001:db8::/32', '::1'])
    const inside = ['127.0.0.1', '10.255.0.1', '::ffff:10.1.1.1', '2001:db8:ffff::1', '::1', '[::1]']
    expect(inside.map((address) => trusted.has(address))).toEqual(inside.map(() => true))
    const outside = ['127.0.0.2', '11.0.0.1', '2001:db9::1', '::2', 'unknown', '']
    expect(outside.map((address) => trusted.has(address))).toEqual(outside.map(() => false))
  })

  test('knows a peer without an address only by the word unix', () => {
    expect(trustedProxies(['unix']).has('')).toBe(true)
    expect(trustedProxies(['unix']).has('127.0.0.1')).toBe(false)
  })

  test.each(['nonsense', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/-1', ''])(
    'refuses %p and says so',
    (entry) => {
      expect(() => trustedProxies([entry])).toThrow(`not an address or CIDR block: ${entry}`)
    },
  )
})

describe("the client's address", () => {
  const trusted = trustedProxies(['127.0.0.1', '10.0.0.0/8', '::1'])
  const rows: Array<[name: string, peer: string, forwarded: string | null, client: string]> = [
    ['is the peer without a proxy', '192.0.2.1', null, '192.0.2.1'],
    ['is the peer when nobody trusts it, whatever it claims', '192.0.2.1', '8.8.8.8', '192.0.2.1'],
    ['is what the trusted peer says', '127.0.0.1', '8.8.8.8', '8.8.8.8'],
    ['is the right-most entry', '127.0.0.1', '1.1.1.1, 8.8.8.8', '8.8.8.8'],
    ['passes over trusted proxies', '127.0.0.1', '1.1.1.1, 8.8.8.8, 10.1.2.3', '8.8.8.8'],
    [
      'passes over trusted proxies as mapped addresses',
      '::ffff:127.0.0.1',
      '8.8.8.8, ::ffff:10.1.2.3',
      '8.8.8.8',
    ],
    ['is the first proxy when all are trusted', '127.0.0.1', '10.9.9.9, 10.1.2.3', '10.9.9.9'],
    ['is the peer when the header is missing', '127.0.0.1', null, '127.0.0.1'],
    ['stops at what is no address', '127.0.0.1', '8.8.8.8, evil', '127.0.0.1'],
    ['stops at what is no address behind a proxy', '127.0.0.1', '8.8.8.8, evil, 10.1.2.3', '10.1.2.3'],
    ['may be IPv6', '::1', '2001:DB8::5', '2001:db8::5'],
    ['may have a port', '127.0.0.1', '[2001:db8::5]:99', '2001:db8::5'],
  ]
  test.each(rows)('%s', (_name, address, forwarded, client) => {
    const request = asked(forwarded === null ? {} : { 'x-forwarded-for': forwarded })
    expect(clientAddress(request, peer(address), trusted)).toBe(client)
  })

  test('is empty without a server', () => {
    expect(clientAddress(asked({ 'x-forwarded-for': '8.8.8.8' }), null, trusted)).toBe('')
  })
})

describe('our own origin', () => {
  const nobody = { publicUrl: null, trusted: trustedProxies([]) }
  const proxy = { publicUrl: null, trusted: trustedProxies(['127.0.0.1']) }
  const local = peer('127.0.0.1')

  test('is the configured one, without a slash at the end', () => {
    const options = { ...proxy, publicUrl: 'https://files.example/base/' }
    expect(requestOrigin(asked({ host: 'other' }), local, options)).toBe('https://files.example/base')
  })

  test('is the Host header', () => {
    expect(requestOrigin(asked({ host: 'Files.Example:8080' }), local, nobody)).toBe(
      'http://files.example:8080',
    )
  })

  test('is the Host header, whatever an untrusted peer forwards', () => {
    const request = asked({
      host: 'a.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    })
    expect(requestOrigin(request, local, nobody)).toBe('http://a.example')
  })

  test('is what a trusted peer forwards', () => {
    const request = asked({ host: 'a', 'x-forwarded-host': 'files.example', 'x-forwarded-proto': 'https' })
    expect(requestOrigin(request, local, proxy)).toBe('https://files.example')
  })

  test('takes of a forwarded list what the nearest proxy wrote', () => {
    const request = asked({
      host: 'a',
      'x-forwarded-host': 'evil, good.example',
      'x-forwarded-proto': 'http, https',
    })
    expect(requestOrigin(request, local, proxy)).toBe('https://good.example')
  })

  test('keeps to the Host header when the forwarded host is none', () => {
    const request = asked({ host: 'a.example', 'x-forwarded-host': 'x y', 'x-forwarded-proto': 'javascript' })
    expect(requestOrigin(request, local, proxy)).toBe('http://a.example')
  })

  test.each(['a b', 'a, b', 'user@host', 'host/path', 'a?b', 'a#b', '-a', '[::1', 'a:b', ''])(
    'is refused for the Host header %p',
    (host) => {
      const request = { headers: { get: () => host }, url: '/x' } as unknown as Request
      expect(() => hostOf(request)).toThrow('The Host header is not valid.')
    },
  )

  test.each(['a', '1.2.3.4', '[::1]:80', 'a_b.example', 'example.com.'])('may be %p', (host) => {
    expect(hostOf(asked({ host }))).toBe(host)
  })
})
