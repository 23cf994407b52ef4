/** The binary in places that are bare, foreign or meant to harm it: it is the same everywhere. */
import { describe, expect, test } from 'bun:test'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { BINARY, createPlace } from '../support/binary.ts'
import { createContent } from '../support/content.ts'
import { startServer } from '../support/server-process.ts'
import { createClient, downloadHash, downloadLink, uploadContent } from '../support/upload-client.ts'

const NOBODY = 65_534
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
const isRoot = process.getuid?.() === 0
/** In some containers not even root may. */
const canIsolate =
  isRoot &&
  Bun.which('unshare') !== null &&
  Bun.which('ip', { PATH }) !== null &&
  succeeds('unshare', '--mount', '--net', 'true')
if (!isRoot) process.stdout.write('NOT TESTED, for this is not root: serving as another user\n')
if (!canIsolate)
  process.stdout.write('NOT TESTED, for it takes root and iproute2: a bare place without a network\n')

function succeeds(...command: string[]): boolean {
  return Bun.spawnSync(command).exitCode === 0
}

/** Nothing of these files may act. */
const TRAPS: Record<string, string> = {
  '.env': 'KIST_DATA_DIR=./stolen\nKIST_SERVER_PORT=1\nNODE_ENV=development\n',
  '.env.production': 'KIST_DATA_DIR=./stolen\n',
  'bunfig.toml': 'preload = ["./trap.ts"]\n[serve]\nport = 1\n',
  'trap.ts': "require('node:fs').writeFileSync('sprung', '')\n",
  'package.json': '{"type":"commonjs","main":"trap.ts","imports":{"#x":"./trap.ts"},"patchedDependencies":5}',
  'tsconfig.json':
    '{"compilerOptions":{"paths":{"*":["./trap.ts"]},"jsx":"react","jsxImportSource":"./trap"}}',
  'node_modules/elysia/index.js': "require('node:fs').writeFileSync('sprung', '')\n",
}

describe('among files that are meant to harm', () => {
  test('none of them acts, and answers tell nothing of the inside, whatever NODE_ENV says', async () => {
    await using place = createPlace()
    for (const [name, text] of Object.entries(TRAPS)) {
      mkdirSync(dirname(join(place.dir, name)), { recursive: true })
      writeFileSync(join(place.dir, name), text)
    }
    const server = await place.serve({ env: { NODE_ENV: 'development', BUN_ENV: 'development' } })
    const token = await place.token('ann')
    const client = createClient(server.url, token)
    const content = createContent(300_000, 'trapped')
    const link = await downloadLink(client, await uploadContent(client, content))
    expect(await downloadHash(link, content.size, 100_001)).toBe(content.sha256())

    const json = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const post = (path: string, body: string) =>
      fetch(server.url + path, { method: 'POST', headers: json, body })
    for (const answer of await Promise.all([
      post('/api/v1/uploads/sessions', '{"filename":'),
      post('/api/v1/uploads/sessions', '{"filename":"a","size":"much"}'),
      post('/api/v1/uploads/managed', '{"filename":"a","size":1,"part_numbers":"all"}'),
      post('/web/session', '{"username":{"a":1},"password":[]}'),
      post('/api/v1/folders', `{"name":"${'x'.repeat(900_000)}"}`),
      fetch(`${server.url}/download/1?token=%00&expires=-5`),
      fetch(`${server.url}/api/v1/files/%E0%A4%A`, { headers: json }),
      fetch(`${server.url}/%c0%ae%c0%ae/etc/passwd`),
    ])) {
      expect(answer.status).toBeLessThan(500)
      expect(await answer.text()).not.toMatch(
        /\bat .+:\d+:\d+|\$bunfs|node_modules|elysia|\.ts\b|"found"|"schema"|stack/i,
      )
    }
    for (const name of ['sprung', 'stolen'])
      expect([name, existsSync(join(place.dir, name))]).toEqual([name, false])
    expect(existsSync(place.dataDir)).toBe(true)
    expect(await server.end('SIGTERM')).toBe(0)
  }, 20_000)

  test.skipIf(!isRoot)(
    'another user can serve from a directory of its own, and only from that',
    async () => {
      const through = [
        'setpriv',
        `--reuid=${NOBODY}`,
        `--regid=${NOBODY}`,
        '--clear-groups',
        '--no-new-privs',
      ]
      await using place = createPlace({ owner: NOBODY })
      await using foreign = createPlace({ owner: NOBODY })
      chmodSync(foreign.dir, 0o500)
      const server = await place.serve({ through })
      const [id] = await place.lines(['user', 'add', 'ann', '--admin'], { through })
      expect(id).toBe('1')
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
      expect(await server.end('SIGTERM')).toBe(0)

      const { code, stderr } = await foreign.run(['serve'], { through })
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^kist: cannot use the data directory [^\n]*data \(data\.dir\): permission denied\n$/,
      )
    },
    20_000,
  )
})

/** Files the dynamic linker needs for the binary, by their own paths. */
function libraries(): string[] {
  const listed = Bun.spawnSync(['ldd', BINARY]).stdout.toString()
  return [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path as string)
}

/** A root directory with the binary, its libraries and an empty place to work in: no shell, no /dev, no /tmp. */
function bareRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'kist-bare-'))
  chmodSync(root, 0o755)
  for (const path of libraries()) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    copyFileSync(path, join(root, path))
    chmodSync(join(root, path), 0o755)
  }
  copyFileSync(BINARY, join(root, 'kist'))
  chmodSync(join(root, 'kist'), 0o755)
  mkdirSync(join(root, 'proc'))
  mkdirSync(join(root, 'data'))
  chownSync(join(root, 'data'), NOBODY, NOBODY)
  return root
}

describe('in a root directory that holds nothing but the binary and libc, as nobody, without a network', () => {
  test.skipIf(!canIsolate)(
    'an account and a token are made, and a file goes up and comes down',
    async () => {
      const root = bareRoot()
      const inside = ['chroot', `--userspec=${NOBODY}:${NOBODY}`, root, '/kist']
      // The engine looks for its stack in /proc. What is mounted goes with the process.
      const shell = (before: string): string[] => [
        'sh',
        '-c',
        `${before} && mount -t proc proc proc && exec "$@"`,
        '-',
      ]
      const alone = (...isolation: string[]): string[] => ['unshare', '--mount', ...isolation]
      const kist = (...args: string[]): string => {
        const { exitCode, stdout, stderr } = Bun.spawnSync(
          [...alone(), ...shell('true'), ...inside, ...args],
          { cwd: root, env: { PATH } },
        )
        if (exitCode !== 0) throw new Error(`kist ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
        return stdout.toString()
      }
      const offline = [...alone('--net'), ...shell('ip link set lo up'), ...inside, 'serve']
      const env = {
        PATH,
        KIST_SERVER_HOST: '127.0.0.1',
        KIST_SERVER_PORT: '8080',
        KIST_UPLOADS_PART_SIZE: '1MiB',
      }
      await using cleanup = new AsyncDisposableStack()
      cleanup.defer(() => rmSync(root, { recursive: true, force: true }))
      const server = await startServer(offline, { cwd: root, env, reachable: false })
      cleanup.defer(async () => void (await server.end('SIGKILL')))
      expect(kist('user', 'add', 'ann', '--package', 'Admin')).toMatch(/^1\n\S+\n$/)
      const token = kist('token', 'add', '--user', 'ann', '--kind', 'nating').trim()
      const content = createContent(2_500_000, 'bare')
      const client = Bun.spawnSync(
        [
          'nsenter',
          `--net=/proc/${server.pid}/ns/net`,
          process.execPath,
          join(import.meta.dir, '../support/round-trip.ts'),
          server.url,
          token,
          String(content.size),
          'bare',
        ],
        { env: {} },
      )
      expect({
        exit: client.exitCode,
        stdout: client.stdout.toString(),
        stderr: client.stderr.toString(),
      }).toEqual({ exit: 0, stdout: `${content.sha256()}\n`, stderr: '' })
      expect(kist('check')).toBe('')
      expect(await server.end('SIGTERM')).toBe(0)
    },
    30_000,
  )
})
