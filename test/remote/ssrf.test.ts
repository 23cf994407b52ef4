/** Nothing on this machine or in its network can be reached by a URL, however it is written or led to. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isFault } from '../../src/core/fault.ts'
import { RemoteError } from '../../src/core/remote.ts'
import { httpFetcher } from '../../src/remote/http-fetcher.ts'
import type { Resolver } from '../../src/remote/resolve.ts'
import { readAll, sourcesUnderTest } from './sources.ts'

/** Answers whoever gets through. It listens on the loopback addresses, which are what every row leads to. */
const canary = { port: 0, hits: 0, servers: [] as Server[] }

async function listen(host: string, port: number): Promise<number> {
  const server = createServer((socket) => {
    canary.hits++
    socket.on('error', () => socket.destroy())
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret')
  })
  canary.servers.push(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return (server.address() as { port: number }).port
}

beforeAll(async () => {
  canary.port = await listen('127.0.0.1', 0)
  const hasV6 = Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === '::1'),
  )
  if (hasV6) await listen('::1', canary.port)
})

afterAll(() => {
  expect(canary.hits).toBe(0)
  for (const server of canary.servers) server.close()
})

/** Names that an attacker's name server answers for. */
const NAMES: Record<string, string[]> = {
  'loopback.test': ['127.0.0.1'],
  'loopback6.test': ['::1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'private.test': ['10.1.2.3'],
  'metadata.test': ['169.254.169.254'],
  'zone.test': ['fe80::1%lo'],
  'mixed.test': ['8.8.8.8', '127.0.0.1'],
  'mixed-first.test': ['127.0.0.1', '8.8.8.8'],
  'nat64.test': ['64:ff9b::127.0.0.1'],
  'sixtofour.test': ['2002:7f00:1::1'],
  'zero.test': ['0.0.0.0'],
  'garbage.test': ['not an address'],
  localhost: ['127.0.0.1', '::1'],
  'localhost.': ['127.0.0.1'],
  'a.localhost': ['127.0.0.1'],
}
const resolver: Resolver = async (host) => {
  const addresses = NAMES[host]
  if (!addresses) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  return addresses
}

const HOSTS = [
  // This machine in IPv4, in all spellings that URLs know.
  ...[
    '127.0.0.1',
    '127.0.0.2',
    '127.255.255.254',
    '2130706433',
    '0x7f000001',
    '0x7F.0x0.0x0.0x1',
    '017700000001',
  ],
  ...[
    '0177.0.0.1',
    '0177.0.0.01',
    '127.1',
    '127.0.1',
    '127.0.0.1.',
    '0x7f.1',
    '0',
    '0.0.0.0',
    '0.0.0.1',
    '0x0',
  ],
  ...[
    '①②⑦.⓪.⓪.①',
    '１２７.０.０.１',
    '127。0。0。1',
    '127．0．0．1',
    '127｡0｡0｡1',
    '%31%32%37.0.0.1',
    '127%2e0%2e0%2e1',
  ],
  ...[
    '0300.0250.0.1',
    '4294967295',
    '0xffffffff',
    '3232235521',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
  ],
  // Private and special networks.
  ...[
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '169.254.169.254',
    '169.254.170.2',
    '172.16.0.1',
  ],
  ...[
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.0.1',
    '192.168.1.1',
    '198.18.0.1',
  ],
  ...[
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
  ],
  // IPv6.
  ...[
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[0000::0001]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::FFFF:7F00:0001]',
  ],
  ...[
    '[::ffff:10.0.0.1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:0:127.0.0.1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
  ],
  ...[
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::1]',
    '[100::1]',
    '[2001::1]',
    '[2001:0:7f00:1::1]',
    '[2001:10::1]',
    '[2001:db8::1]',
  ],
  ...[
    '[2002:7f00:1::]',
    '[2002:a00:1::1]',
    '[2002:a9fe:a9fe::]',
    '[3fff::1]',
    '[5f00::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
  ],
  ...['[fdff::1]', '[fe80::1]', '[febf::1]', '[fec0::1]', '[ff02::1]', '[ff0e::1]'],
  // Names.
  ...Object.keys(NAMES),
  ...['LOCALHOST', 'LocalHost.', 'ⓛocalhost', 'loopback.test', 'LOOPBACK.TEST', 'localhost%00.example.com'],
]

const SCHEMES = [
  ...['file:///etc/hostname', 'file://localhost/etc/hostname', 'FILE:///etc/hostname', 'file:/etc/hostname'],
  ...[
    'ftp://127.0.0.1/x',
    'sftp://127.0.0.1/x',
    'gopher://127.0.0.1:6379/_INFO',
    'dict://127.0.0.1:6379/info',
  ],
  ...[
    'ldap://127.0.0.1/',
    'tftp://127.0.0.1/x',
    's3://bucket/key',
    'data:text/plain,hello',
    'javascript:alert(1)',
  ],
  ...[
    'blob:http://127.0.0.1/x',
    'ws://127.0.0.1/',
    'wss://127.0.0.1/',
    'unix:/run/docker.sock',
    'jar:http://127.0.0.1!/',
  ],
  ...[
    'about:blank',
    'view-source:http://127.0.0.1/',
    '//127.0.0.1/',
    '/etc/passwd',
    '',
    'http://',
    'https://',
    'http:///',
  ],
  ...[
    'http+unix://%2Frun%2Fdocker.sock/',
    'http://[::1',
    'http://127.0.0.1:99999/',
    'http://exa mple/',
    'phar://x',
  ],
]

/** A public address, so that only what is odd about the URL can be what refuses it. */
const REFUSED_ANYWHERE = [
  ...[
    'http://user@8.8.8.8/',
    'http://user:pass@8.8.8.8/',
    'http://:pass@8.8.8.8/',
    'https://127.0.0.1@8.8.8.8/',
  ],
  ...[
    1, 7, 19, 21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 389, 445, 465, 587, 636, 873, 993, 1433, 1521,
    2049,
  ]
    .concat([2375, 2379, 3306, 3389, 5432, 5900, 6000, 6379, 6667, 9042, 9092, 10080, 11211, 27017])
    .map((port) => `http://8.8.8.8:${port}/`),
  'https://8.8.8.8:22/',
  'http://8.8.8.8:0/',
]

const TARGETS = [
  ...HOSTS.map((host) => `http://${host}:PORT/secret`),
  ...['127.0.0.1', '[::1]', 'localhost', 'loopback.test', '2130706433'].map(
    (host) => `https://${host}:PORT/`,
  ),
  ...SCHEMES,
  ...REFUSED_ANYWHERE,
]

const open = (url: string, fetcher = httpFetcher({ allowPrivateAddresses: false, resolver })) =>
  fetcher.open(url, { offset: 0, ifRange: null, signal: new AbortController().signal })

async function failure(attempt: Promise<unknown>): Promise<unknown> {
  try {
    return { reached: await attempt }
  } catch (error) {
    return error
  }
}

test('the canary sings for those who may come', async () => {
  const free = httpFetcher({ allowPrivateAddresses: true })
  const file = await open(`http://127.0.0.1:${canary.port}/`, free)
  expect(Buffer.from(await readAll(file)).toString()).toBe('secret')
  expect(canary.hits).toBe(1)
  canary.hits = 0
})

describe('a URL that leads here', () => {
  test('has enough spellings in this table', () => {
    expect(new Set(TARGETS).size).toBeGreaterThanOrEqual(120)
  })

  test.each(TARGETS)('is refused: %s', async (target) => {
    const error = await failure(open(target.replace('PORT', String(canary.port))))
    const isUnknownName = error instanceof RemoteError && !error.retryable
    expect(isFault(error, 'url_refused') || isUnknownName).toBe(true)
    expect(String(error)).not.toMatch(/127\.0\.0\.1|::1|10\.1\.2\.3|169\.254|etc\/hostname/)
    expect(canary.hits).toBe(0)
  })
})

describe('a source on the public internet', () => {
  const sources = sourcesUnderTest()
  /** The source stands for a public one. */
  const PUBLIC = '127.0.0.2'
  const withNames = (names: Resolver) =>
    httpFetcher({ allowPrivateAddresses: false, resolver: names, exemptAddresses: [PUBLIC] })

  const REDIRECTS = [
    ...['http://127.0.0.1:PORT/', 'http://2130706433:PORT/', 'http://[::1]:PORT/', 'http://localhost:PORT/'],
    ...[
      'http://loopback.test:PORT/',
      'http://mixed.test:PORT/',
      '//127.0.0.1:PORT/',
      'https://127.0.0.1:PORT/',
    ],
    ...[
      'http://[::ffff:127.0.0.1]:PORT/',
      'http://0:PORT/',
      'http://user@127.0.0.2:PORT/',
      'file:///etc/hostname',
    ],
    ...[
      'data:text/plain,x',
      'ftp://127.0.0.1/',
      'gopher://127.0.0.1:PORT/',
      's3://bucket/key',
      'javascript:1',
    ],
    ...['http://127.0.0.2:6379/', 'http://127.0.0.2:22/'],
  ]

  test.each(REDIRECTS)('can not lead here by a redirect to %s', async (location) => {
    const there = location.replace('PORT', String(canary.port))
    const source = await sources.raw(
      (socket) => socket.end(`HTTP/1.1 302 Found\r\nLocation: ${there}\r\nContent-Length: 0\r\n\r\n`),
      PUBLIC,
    )
    const error = await failure(open(`${source.url}/start`, withNames(resolver)))
    expect(isFault(error, 'url_refused')).toBe(true)
    expect(source.requests).toHaveLength(1)
    expect(canary.hits).toBe(0)
  })

  test('can not lead here at the fifth redirect either', async () => {
    const source = await sources.raw((socket, _, count) => {
      const next = count < 5 ? `/hop${count}` : `http://127.0.0.1:${canary.port}/`
      socket.end(`HTTP/1.1 307 Temporary Redirect\r\nLocation: ${next}\r\nContent-Length: 0\r\n\r\n`)
    }, PUBLIC)
    const error = await failure(open(`${source.url}/start`, withNames(resolver)))
    expect(isFault(error, 'url_refused')).toBe(true)
    expect(source.requests).toHaveLength(5)
    expect(canary.hits).toBe(0)
  })

  test('is asked at the address that was judged, though its name leads here a moment later', async () => {
    const answers = [[PUBLIC], ['127.0.0.1']]
    let asked = 0
    const flipping: Resolver = async () => answers[Math.min(asked++, 1)] ?? []
    const source = await sources.raw(
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
      PUBLIC,
    )
    const url = `http://rebind.test:${source.port}/file`
    const bytes = await readAll(await open(url, withNames(flipping)))
    expect(Buffer.from(bytes).toString()).toBe('ok')
    expect(asked).toBe(1)
    expect(source.requests[0]).toContain(`host: rebind.test:${source.port}\r\n`)
    const second = await failure(open(url, withNames(flipping)))
    expect(isFault(second, 'url_refused')).toBe(true)
    expect(source.requests).toHaveLength(1)
    expect(canary.hits).toBe(0)
  })

  test('is never asked for through a proxy of the environment', async () => {
    const source = await sources.raw(
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
      PUBLIC,
    )
    const proxy = `http://127.0.0.1:${canary.port}`
    const program = `
      import { httpFetcher } from ${JSON.stringify(Bun.resolveSync('../../src/remote/http-fetcher.ts', import.meta.dir))}
      const fetcher = httpFetcher({ allowPrivateAddresses: false, exemptAddresses: ['${PUBLIC}'] })
      const request = { offset: 0, ifRange: null, signal: new AbortController().signal }
      const file = await fetcher.open('${source.url}/file', request)
      for await (const chunk of file.body) process.stdout.write(chunk)`
    const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']
    const child = Bun.spawn([process.execPath, '-e', program], {
      env: Object.fromEntries(names.map((name) => [name, proxy])),
      stdout: 'pipe',
    })
    expect(await new Response(child.stdout).text()).toBe('ok')
    expect(await child.exited).toBe(0)
    expect(canary.hits).toBe(0)
  })
})

test('this machine is not reached by its other addresses either', async () => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  expect(own.length).toBeGreaterThan(0)
  for (const { address, family } of own) {
    const host = family === 'IPv6' ? `[${address.replace(/%.*/, '')}]` : address
    const error = await failure(open(`http://${host}:${canary.port}/`))
    expect(isFault(error, 'url_refused')).toBe(true)
  }
})
