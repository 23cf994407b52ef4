import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, defaultConfig, exampleFile, loadConfig, report } from '../src/config.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'kist-config-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function load(toml: string, environment: Record<string, string> = {}) {
  const file = join(dir, 'test.toml')
  writeFileSync(file, toml)
  return loadConfig({ file, environment })
}

/** The message of the ConfigError that loading gives. */
function refusal(toml: string, environment: Record<string, string> = {}): string {
  try {
    load(toml, environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    const { message } = error as ConfigError
    expect(message).not.toContain('\n')
    return message
  }
  throw new Error(`accepted: ${toml} ${JSON.stringify(environment)}`)
}

describe('the example file', () => {
  test('is what the code says', () => {
    expect(readFileSync(join(import.meta.dir, '../config.example.toml'), 'utf8')).toBe(exampleFile())
  })

  test('holds the defaults, all of them', () => {
    const { config, origins } = load(exampleFile())
    expect(config).toEqual(defaultConfig())
    expect(origins.filter(({ source }) => source === 'default')).toEqual([])
  })
})

describe('defaults', () => {
  test('are those the product promises', () => {
    const config = defaultConfig()
    expect(config.server).toEqual({
      host: '0.0.0.0',
      port: 8080,
      publicUrl: '',
      trustedProxies: [],
      allowedHosts: [],
      shutdownDeadline: 30,
    })
    expect(config.data).toEqual({ dir: './data', minFree: 512 * 2 ** 20 })
    expect(config.uploads).toMatchObject({ partSize: 64 * 2 ** 20, sessionTtl: 7200, guests: true })
    expect(config.uploader.maxFileSize).toBe(104_857_600)
    expect(config.flamenet.maxFileSize).toBe(52_428_800)
    expect(config.storage.s3.forcePathStyle).toBe(true)
  })

  test('cannot be changed after loading', () => {
    const config = defaultConfig()
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.storage.s3)).toBe(true)
    expect(Object.isFrozen(config.server.trustedProxies)).toBe(true)
  })

  test('can be replaced one by one by a program that embeds the product', () => {
    const config = defaultConfig({
      uploads: { partSize: 1024, guests: false },
      storage: { s3: { bucket: 'b' } },
    })
    expect(config.uploads).toMatchObject({ partSize: 1024, guests: false, sessionTtl: 7200 })
    expect(config.storage).toMatchObject({ driver: 'local', s3: { bucket: 'b', region: 'us-east-1' } })
  })
})

describe('order of sources', () => {
  test('the file goes before the defaults, the environment before the file', () => {
    const { config, origins } = load('[server]\nport = 1000\nhost = "127.0.0.1"', {
      KIST_SERVER_PORT: '2000',
    })
    expect(config.server).toMatchObject({ port: 2000, host: '127.0.0.1' })
    const sources = Object.fromEntries(origins.map(({ place, source }) => [place.key, source]))
    expect(sources['server.port']).toBe('KIST_SERVER_PORT')
    expect(sources['server.host']).toBe(join(dir, 'test.toml'))
    expect(sources['server.public_url']).toBe('default')
  })

  test('a nested section has its own variables', () => {
    const { config } = load('[storage.s3]\nregion = "eu"', {
      KIST_STORAGE_S3_ENDPOINT: 'https://s3.example.com',
    })
    expect(config.storage.s3).toMatchObject({ endpoint: 'https://s3.example.com', region: 'eu' })
  })

  test('a variable ending in _FILE names a file that holds the value, without its last line break', () => {
    const secret = join(dir, 'secret')
    writeFileSync(secret, 'open sesame\n')
    const { config, origins } = load('', { KIST_METRICS_TOKEN_FILE: secret })
    expect(config.metrics.token).toBe('open sesame')
    expect(report(origins)).not.toContain('open sesame')
    expect(report(origins)).toContain('token = "********"  # KIST_METRICS_TOKEN_FILE')
  })

  test('lists are comma-separated in the environment', () => {
    const { config } = load('', {
      KIST_SERVER_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,',
      KIST_SERVER_ALLOWED_HOSTS: '',
    })
    expect(config.server.trustedProxies).toEqual(['127.0.0.1', '10.0.0.0/8'])
    expect(config.server.allowedHosts).toEqual([])
  })

  test('without a file named, kist.toml may be missing; a named one may not', () => {
    expect(() => loadConfig({ file: join(dir, 'missing.toml'), environment: {} })).toThrow(
      /cannot read the configuration file .*missing\.toml/,
    )
  })
})

describe('values', () => {
  for (const [written, bytes] of [
    ['"64MiB"', 64 * 2 ** 20],
    ['"1 GiB"', 2 ** 30],
    ['"1.5KiB"', 1536],
    ['"2kb"', 2000],
    ['"3MB"', 3_000_000],
    ['4096', 4096],
    ['"4096"', 4096],
    ['"7B"', 7],
    ['50_000', 50_000],
  ] as const) {
    test(`a size of ${written} is ${bytes} bytes`, () => {
      expect(load(`[uploads]\npart_size = ${written}`).config.uploads.partSize).toBe(bytes)
    })
  }

  for (const [written, seconds] of [
    ['"90s"', 90],
    ['"15m"', 900],
    ['"2h"', 7200],
    ['"1d"', 86_400],
    ['"1.5h"', 5400],
    ['45', 45],
  ] as const) {
    test(`a duration of ${written} is ${seconds} seconds`, () => {
      expect(load(`[uploads]\nsession_ttl = ${written}`).config.uploads.sessionTtl).toBe(seconds)
    })
  }

  test('a public URL loses its trailing slash', () => {
    expect(load('[server]\npublic_url = "https://files.example.com/"').config.server.publicUrl).toBe(
      'https://files.example.com',
    )
  })

  test('host names and extensions are compared in lower case', () => {
    const { config } = load(
      '[server]\nallowed_hosts = ["Files.Example.COM", "::1"]\n[uploads]\nblocked_extensions=["EXE"]',
    )
    expect(config.server.allowedHosts).toEqual(['files.example.com', '[::1]'])
    expect(config.uploads.blockedExtensions).toEqual(['exe'])
  })
})

describe('what is refused, with the key, the value and what is allowed', () => {
  for (const [toml, ...parts] of [
    ['[server]\nport = 70000', 'server.port', '70000', 'from 0 to 65535'],
    ['[server]\nport = "eighty"', 'server.port', '"eighty"', 'whole number'],
    ['[server]\nport = 80.5', 'server.port', '80.5'],
    ['[server]\nhost = "not a host"', 'server.host', '"not a host"', 'IP address'],
    ['[server]\npublic_url = "https://x.example/path"', 'server.public_url', 'without a path'],
    ['[server]\npublic_url = "ftp://x.example"', 'server.public_url', 'ftp://x.example'],
    ['[server]\npublic_url = "https://user:pw@x.example"', 'server.public_url'],
    ['[server]\ntrusted_proxies = ["10.0.0.0/33"]', 'server.trusted_proxies', '10.0.0.0/33', 'IP address'],
    ['[server]\ntrusted_proxies = ["proxy.example"]', 'server.trusted_proxies', 'proxy.example'],
    ['[server]\ntrusted_proxies = "10.0.0.1/8/9"', 'server.trusted_proxies'],
    ['[server]\nallowed_hosts = ["x.example:8080"]', 'server.allowed_hosts', 'without a port'],
    ['[uploads]\npart_size = "64 bananas"', 'uploads.part_size', '64 bananas', 'KiB MiB GiB TiB'],
    ['[uploads]\npart_size = "0"', 'uploads.part_size', '"0"', 'from 1B'],
    ['[uploads]\npart_size = -1', 'uploads.part_size', '-1'],
    ['[uploads]\npart_size = "0.3B"', 'uploads.part_size', '0.3B'],
    ['[uploads]\npart_size = 2024-01-01', 'uploads.part_size'],
    ['[uploads]\nsession_ttl = "2 weeks"', 'uploads.session_ttl', '2 weeks', 's m h d'],
    ['[uploads]\nguests = "maybe"', 'uploads.guests', 'maybe', 'true or false'],
    ['[uploads]\nblocked_extensions = [".exe"]', 'uploads.blocked_extensions', '.exe', 'without the dot'],
    ['[uploads]\nblocked_extensions = [1]', 'uploads.blocked_extensions', '[1]'],
    ['[log]\nlevel = "loud"', 'log.level', 'loud', '"debug" or "info" or "warn" or "error"'],
    ['[data]\ndir = ""', 'data.dir', '""', 'not empty'],
    ['[storage]\ndriver = "s3"', 'storage.driver', '"s3"', 'storage.s3.endpoint', 'KIST_STORAGE_S3_ENDPOINT'],
    ['[storage.s3]\nbucket = "b"\nendpoint = "http://x"', 'storage.s3.bucket', 'storage.s3.access_key_id'],
    ['[server]\nprot = 1', 'server.prot', 'port'],
    ['[sever]\nport = 1', 'sever', 'server'],
    ['[storage.s4]\nx = 1', 'storage.s4', 's3'],
    ['port = 1', 'port', 'server'],
    ['server = 1', 'server', 'section'],
    ['[server.port]\nx = 1', 'server.port', 'whole number'],
    ['[server]\n__proto__ = 1', '__proto__'],
    ['[server\nport', 'test.toml', 'not valid TOML'],
    ['[server]\nport=1\nport=2', 'test.toml', 'not valid TOML'],
  ] as const) {
    test(JSON.stringify(toml), () => {
      const message = refusal(toml)
      expect(message).toContain('test.toml')
      for (const part of parts) expect(message).toContain(part)
    })
  }

  for (const [environment, ...parts] of [
    [{ KIST_SERVER_PORT: 'x' }, 'KIST_SERVER_PORT', 'server.port', '"x"', '65535'],
    [{ KIST_SERVER_PORT: '' }, 'KIST_SERVER_PORT', '""'],
    [{ KIST_SERVER_PROT: '1' }, 'KIST_SERVER_PROT', 'KIST_SECTION_KEY'],
    [{ KIST_STORAGE_DRIVER: 's3' }, 'KIST_STORAGE_DRIVER', 's3', 'storage.s3.endpoint'],
    [{ KIST_SITE_NAME_FILE: '/nowhere/at/all' }, 'KIST_SITE_NAME_FILE', '/nowhere/at/all'],
    [{ KIST_SITE_NAME_FILE: '/dev/null', KIST_SITE_NAME: 'x' }, 'KIST_SITE_NAME', 'both set'],
  ] as const) {
    test(JSON.stringify(environment), () => {
      const message = refusal('', environment)
      for (const part of parts) expect(message).toContain(part)
    })
  }

  test('a bad value read from a file is not shown', () => {
    const file = join(dir, 'port')
    writeFileSync(file, 'hush hush')
    expect(refusal('', { KIST_SERVER_PORT_FILE: file })).not.toContain('hush')
  })

  test('what Kubernetes adds to the environment beside a service named kist is not taken for settings', () => {
    const links = {
      KIST_SERVICE_HOST: '10.0.0.1',
      KIST_PORT: 'tcp://10.0.0.1:80',
      KIST_PORT_80_TCP_ADDR: '10.0.0.1',
    }
    expect(load('', links).config).toEqual(defaultConfig())
  })
})

test('the report is TOML again, masks secrets that are set and names every source', () => {
  const { origins } = load('[storage.s3]\nsecret_access_key = "open sesame"', { KIST_SITE_NAME: 'Say "hi"' })
  const text = report(origins)
  expect(text).not.toContain('open sesame')
  const parsed = Bun.TOML.parse(text) as { storage: { s3: Record<string, unknown> }; site: unknown }
  expect(parsed.storage.s3).toMatchObject({ secret_access_key: '********', access_key_id: '' })
  expect(parsed.site).toEqual({ name: 'Say "hi"' })
  expect(
    text
      .split('\n')
      .filter((line) => line.includes(' = '))
      .every((line) => line.includes('  # ')),
  ).toBe(true)
})
