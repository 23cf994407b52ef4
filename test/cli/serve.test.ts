import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { createPlace } from '../support/binary.ts'
import type { RunningServer } from '../support/server-process.ts'

const portOf = (url: string): string => new URL(url).port

/** A request whose body never comes: it is under way until somebody ends it. */
async function unfinishedRequest(url: string): Promise<{ closed: Promise<void> }> {
  const { hostname, port } = new URL(url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.on('connect', () => resolve()))
  const head = [
    'POST /api/v1/uploads/sessions HTTP/1.1',
    `Host: ${hostname}`,
    'Content-Length: 100',
    'Expect: 100-continue',
  ]
  const invited = new Promise<void>((resolve) => socket.once('data', () => resolve()))
  socket.write(`${[...head, 'Content-Type: application/json'].join('\r\n')}\r\n\r\n`)
  await invited
  return { closed }
}

async function stops(served: RunningServer, signal: NodeJS.Signals = 'SIGTERM') {
  const code = await served.end(signal)
  return { code, stdout: served.stdout(), stderr: served.stderr() }
}

describe('start', () => {
  test('in an empty directory it listens and offers to make the first admin', async () => {
    await using place = createPlace()
    const served = await place.serve()
    const link = /^.*(http:\/\/\S+\/setup\?token=\S+)$/m.exec(served.stdout())?.[1] ?? ''
    expect((await fetch(`${served.url}/healthz`)).status).toBe(200)
    expect((await fetch(link)).status).toBe(200)
    expect((await fetch(`${served.url}/setup?token=wrong`)).status).not.toBe(200)
    expect(served.stderr()).not.toContain(new URL(link).searchParams.get('token') ?? '?')
  })

  test('with an admin there is no set-up link', async () => {
    await using place = createPlace()
    await place.lines(['user', 'add', 'ann', '--admin'])
    const { code, stdout } = await stops(await place.serve())
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Kist listens on \S+\n$/)
  })

  test('links begin with the public URL when there is one', async () => {
    await using place = createPlace()
    await place.lines(['user', 'list'])
    const served = await place.serve({
      env: { KIST_SERVER_PUBLIC_URL: 'https://files.example.com' },
      ready: false,
    })
    expect(served.stdout()).toContain('https://files.example.com')
  })

  test('with a bucket there is room for more requests than Bun makes by itself, else nothing changes', async () => {
    await using place = createPlace()
    const limitOf = (pid: number): string | undefined =>
      /BUN_CONFIG_MAX_HTTP_REQUESTS=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1]
    const plain = await place.serve()
    expect(limitOf(plain.pid)).toBeUndefined()
    await stops(plain)
    const bucket = {
      KIST_STORAGE_S3_ENDPOINT: 'http://127.0.0.1:1',
      KIST_STORAGE_S3_BUCKET: 'kist',
      KIST_STORAGE_S3_ACCESS_KEY_ID: 'key',
      KIST_STORAGE_S3_SECRET_ACCESS_KEY: 'secret',
    }
    const served = await place.serve({ env: bucket, ready: false })
    expect(limitOf(served.pid)).toBe('65535')
    expect((await fetch(`${served.url}/healthz`)).status).toBe(200)
    // A stop in good order waits for what is being asked of the bucket.
    await stops(served, 'SIGKILL')
    const set = await place.serve({
      env: { ...bucket, BUN_CONFIG_MAX_HTTP_REQUESTS: '400' },
      ready: false,
    })
    expect(limitOf(set.pid)).toBe('400')
    await stops(set, 'SIGKILL')
  })

  test('a second server on the same data directory is refused, until the first is killed', async () => {
    await using place = createPlace()
    const first = await place.serve()
    await expect(place.serve()).rejects.toThrow(
      /^kist serve ended with 1: kist: another kist serve[^\n]*data[^\n]*\n$/,
    )
    await stops(first, 'SIGKILL')
    const next = await place.serve()
    expect((await fetch(`${next.url}/healthz`)).status).toBe(200)
  })

  test('a port in use is said in one line', async () => {
    await using place = createPlace()
    await using other = createPlace()
    const first = await place.serve()
    await expect(other.serve({ env: { KIST_SERVER_PORT: portOf(first.url) } })).rejects.toThrow(
      /^kist serve ended with 1: kist: [^\n]*server\.port[^\n]*in use[^\n]*\n$/,
    )
    await stops(first)
  })

  test('an address that is not this machine’s is said in one line', async () => {
    await using place = createPlace()
    await expect(place.serve({ env: { KIST_SERVER_HOST: '192.0.2.1' } })).rejects.toThrow(
      /ended with 1: kist: [^\n]*192\.0\.2\.1[^\n]*\n$/,
    )
  })

  test('a database written by a newer version is refused in one line and left as it is', async () => {
    await using place = createPlace()
    await place.lines(['user', 'add', 'ann'])
    const path = join(place.dir, 'data/kist.db')
    const database = new Database(path)
    database.run('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)', [
      'future',
      4_102_444_800_000,
    ])
    database.close()
    for (const args of [['serve'], ['user', 'list']]) {
      const { code, stderr } = await place.run(args)
      expect(code).toBe(1)
      expect(stderr).toMatch(/^kist: [^\n]*newer[^\n]*\n$/)
    }
  })

  test('a database that is none is refused in one line', async () => {
    await using place = createPlace()
    await place.lines(['user', 'add', 'ann'])
    await Bun.write(
      join(place.dir, 'data/kist.db'),
      'this is not a database, but long enough to look like one'.repeat(100),
    )
    const { code, stderr } = await place.run(['serve'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^kist: [^\n]*kist\.db[^\n]*\n$/)
  })
})

describe('beside a running server', () => {
  test('a token made on the command line works at once, and is refused at once when revoked', async () => {
    await using place = createPlace()
    const served = await place.serve()
    await place.lines(['user', 'add', 'ann'])
    const [token] = await place.lines(['token', 'add', '--user', 'ann', '--kind', 'nating'])
    const ask = () => fetch(`${served.url}/api/v1/files/1`, { headers: { authorization: `Bearer ${token}` } })
    expect((await ask()).status).toBe(404)
    const [id = ''] = (await place.lines(['token', 'list', '--user', 'ann']))[0]?.split('\t') ?? []
    await place.lines(['token', 'revoke', id])
    expect((await ask()).status).toBe(401)
    expect((await place.run(['check'])).code).toBe(0)
    expect(served.stderr()).not.toContain(token as string)
  })
})

describe('production mode', () => {
  test('holds whatever the environment says: no answer tells about the inside', async () => {
    await using place = createPlace()
    const served = await place.serve({ env: { NODE_ENV: 'development' } })
    const json = { 'content-type': 'application/json' }
    const answers = await Promise.all([
      fetch(`${served.url}/api/v1/uploads/sessions`, { method: 'POST', headers: json, body: '{"filename":' }),
      fetch(`${served.url}/api/v1/uploads/sessions`, { method: 'POST', headers: json, body: '[[[]]]' }),
      fetch(`${served.url}/web/session`, { method: 'POST', headers: json, body: '{"name":5}' }),
      fetch(`${served.url}/%E0%A4%A`),
      fetch(`${served.url}/nowhere`),
    ])
    for (const answer of answers) {
      expect(answer.status).toBeWithin(400, 500)
      expect(await answer.text()).not.toMatch(/elysia|bunfs|node_modules|\.ts\b|at \w+ \(|"found"|"schema"/i)
    }
  })
})

describe('stop', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} ends it with 0`, async () => {
      await using place = createPlace()
      const { code, stderr } = await stops(await place.serve(), signal)
      expect(code).toBe(0)
      expect(stderr).toContain('"event":"stopped"')
    })
  }

  test('a second signal ends it at once with 130', async () => {
    await using place = createPlace()
    const served = await place.serve()
    const { closed } = await unfinishedRequest(served.url)
    served.signal('SIGTERM')
    while (!served.stderr().includes('"event":"stopping"')) await Bun.sleep(5)
    const { code } = await stops(served, 'SIGINT')
    expect(code).toBe(130)
    await closed
  })

  test('what is under way is cut at the deadline, and the exit code is still 0', async () => {
    await using place = createPlace()
    const served = await place.serve({ env: { KIST_SERVER_SHUTDOWN_DEADLINE: '0s' } })
    const { closed } = await unfinishedRequest(served.url)
    const { code, stderr } = await stops(served)
    expect(code).toBe(0)
    expect(stderr).toContain('"event":"requests_cut"')
    await closed
  })

  test('nobody reading its log holds it up', async () => {
    await using place = createPlace()
    // A pipe that is open and never read: full after 64 KiB.
    const served = await place.serve({
      env: { KIST_LOG_LEVEL: 'info' },
      through: ['sh', '-c', 'mkfifo log && exec 3<>log && exec "$0" "$@" 2>&3'],
    })
    for (let round = 0; round < 10; round++) {
      const all = Array.from({ length: 20 }, () =>
        fetch(`${served.url}/${'x'.repeat(2000)}`).then((answer) => answer.status),
      )
      expect(new Set(await Promise.all(all))).toEqual(new Set([404]))
    }
    expect((await stops(served)).code).toBe(0)
  })
})

test('an error nobody caught is logged and counted, and the server goes on', async () => {
  await using place = createPlace()
  const broken = join(place.dir, 'broken.ts')
  await Bun.write(
    broken,
    `process.on('SIGUSR1', () => { throw new Error('boom') })
     process.on('SIGUSR2', () => { void Promise.reject(new Error('bang')) })`,
  )
  const served = await place.serve({ env: { BUN_OPTIONS: `--preload ${broken}` } })
  for (const [signal, event, message] of [
    ['SIGUSR1', 'uncaught_exception', 'boom'],
    ['SIGUSR2', 'unhandled_rejection', 'bang'],
  ] as const) {
    served.signal(signal)
    while (!served.stderr().includes(`"event":"${event}"`)) await Bun.sleep(5)
    expect(served.stderr()).toContain(message)
  }
  expect((await fetch(`${served.url}/healthz`)).status).toBe(200)
  expect(await (await fetch(`${served.url}/metrics`)).text()).toMatch(/unhandled\w* 2$/m)
  expect((await stops(served)).code).toBe(0)
})
