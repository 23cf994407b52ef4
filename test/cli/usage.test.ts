import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../../package.json'
import { PACKAGE_COLUMNS } from '../../src/core/packages.ts'
import { TOKEN_SCOPES } from '../../src/core/tokens.ts'
import { BINARY, createPlace } from '../support/binary.ts'

const COMMANDS = [
  'serve',
  'user',
  'token',
  'package',
  'config',
  'check',
  'backup',
  'restore',
  's3',
  'storage',
  'version',
]
const ACTIONS = [
  ['user', 'add'],
  ['user', 'list'],
  ['user', 'set'],
  ['user', 'delete'],
  ['token', 'add'],
  ['token', 'list'],
  ['token', 'revoke'],
  ['package', 'list'],
  ['package', 'set'],
  ['package', 'add'],
  ['s3', 'setup'],
  ['storage', 'migrate'],
]

describe('help', () => {
  for (const args of [[], ...COMMANDS.map((name) => [name]), ...ACTIONS]) {
    test(`kist ${[...args, '--help'].join(' ')} explains itself on stdout and touches nothing`, async () => {
      await using place = createPlace()
      const { code, stdout, stderr } = await place.run([...args, '--help'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain(['kist', ...args].join(' '))
      expect(readdirSync(place.dir)).toEqual([])
    })
  }

  test('a name with a dot does not end the line that says what an action does', async () => {
    await using place = createPlace()
    const { stdout } = await place.run(['s3', '--help'])
    expect(stdout).toContain('setup  Makes the bucket of storage.s3 when it is missing')
  })

  test('every limit of a package is said with what its number counts, and every scope is named', async () => {
    await using place = createPlace()
    for (const action of ['set', 'add']) {
      const { stdout } = await place.run(['package', action, '--help'])
      for (const key of Object.keys(PACKAGE_COLUMNS))
        expect(stdout).toMatch(new RegExp(`^  ${key} {2,}\\S`, 'm'))
    }
    const { stdout } = await place.run(['token', 'add', '--help'])
    for (const scope of TOKEN_SCOPES) expect(stdout).toContain(scope)
  })

  test('the overview names every command and none that is not there', async () => {
    await using place = createPlace()
    const { stdout } = await place.run(['--help'])
    const named = [...stdout.matchAll(/^ {2}(\w+) {2}/gm)].map((match) => match[1] as string)
    expect(named).toEqual(COMMANDS)
  })
})

describe('wrong usage ends with 2 and one line that says what is wrong', () => {
  for (const [args, part] of [
    [['frobnicate'], 'frobnicate'],
    [['constructor'], 'constructor'],
    [['--frobnicate'], '--frobnicate'],
    [['serve', '--frobnicate'], '--frobnicate'],
    [['serve', 'now'], 'now'],
    [['serve', '--config'], '--config'],
    [['user'], 'add, list, set, delete'],
    [['user', 'frobnicate'], 'frobnicate'],
    [['user', 'toString'], 'toString'],
    [['user', 'add'], 'NAME'],
    [['user', 'add', 'ann', 'bob'], 'bob'],
    [['user', 'add', 'ann', '--admin=yes'], '--admin'],
    [['user', 'set', 'ann'], '--package, --status or --password-stdin'],
    [['user', 'set', 'ann', '--status', 'asleep'], 'asleep'],
    [['user', 'delete'], 'NAME'],
    [['token', 'add', '--kind', 'nating'], '--user'],
    [['token', 'add', '--user', 'ann'], '--kind'],
    [['token', 'add', '--user', 'ann', '--kind', 'golden'], 'golden'],
    [['token', 'add', '--user', 'ann', '--kind', 'flamenet', '--scopes', 'files.read'], '--scopes'],
    [['token', 'add', '--user', 'ann', '--kind', 'nating', '--expires-days', 'soon'], 'soon'],
    [['token', 'revoke'], 'ID'],
    [['package', 'set', 'Free'], 'KEY=VALUE'],
    [['package', 'set', 'Free', 'can_upload'], 'can_upload'],
    [['version', 'please'], 'please'],
  ] as const) {
    test(`kist ${args.join(' ')}`, async () => {
      await using place = createPlace()
      const { code, stdout, stderr } = await place.run([...args])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^kist: [^\n]+\n$/)
      expect(stderr).toContain(part)
      expect(readdirSync(place.dir)).toEqual([])
    })
  }

  test('kist alone shows the help on stderr', async () => {
    await using place = createPlace()
    const { code, stdout, stderr } = await place.run([])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Usage: kist COMMAND')
  })
})

describe('version', () => {
  test('names Kist, the commit, Bun, SQLite and libvips', async () => {
    await using place = createPlace()
    const { stdout } = await place.run(['version'])
    expect(stdout).toStartWith(`kist ${version}\n`)
    for (const part of [/commit +\S/, /Bun +\d+\.\d+\.\d+/, /SQLite +3\.\d+/, /libvips +\d+\.\d+/])
      expect(stdout).toMatch(part)
  })

  test('is also what --version says', async () => {
    await using place = createPlace()
    expect(await place.lines(['--version'])).toEqual(await place.lines(['version']))
  })
})

describe('config', () => {
  test('shows values, their sources and no secret', async () => {
    await using place = createPlace()
    writeFileSync(join(place.dir, 'kist.toml'), '[metrics]\ntoken = "open sesame"\n[site]\nname = "Chest"\n')
    const { code, stdout } = await place.run(['config'], { env: { KIST_SERVER_PORT: '1234' } })
    expect(code).toBe(0)
    expect(stdout).toContain('port = 1234  # KIST_SERVER_PORT\n')
    expect(stdout).toContain('name = "Chest"  # kist.toml\n')
    expect(stdout).toContain('token = "********"  # kist.toml\n')
    expect(stdout).toContain('host = "0.0.0.0"  # default\n')
    expect(stdout).not.toContain('sesame')
  })

  test('reads the file named with --config instead of kist.toml', async () => {
    await using place = createPlace()
    writeFileSync(join(place.dir, 'kist.toml'), '[site]\nname = "Wrong"\n')
    writeFileSync(join(place.dir, 'other.toml'), '[site]\nname = "Right"\n')
    expect(await place.lines(['config', '--config', 'other.toml'])).toContain('name = "Right"  # other.toml')
  })

  for (const [toml, parts] of [
    ['[server]\nport = 99999', ['kist.toml', 'server.port', '99999', '65535']],
    ['[server]\nprot = 1', ['kist.toml', 'server.prot']],
    ['[server', ['kist.toml', 'TOML']],
    ['[storage]\ndriver = "s3"', ['storage.driver', 's3']],
  ] as const) {
    test(`${JSON.stringify(toml)} is refused in one line by every command that reads it`, async () => {
      await using place = createPlace()
      writeFileSync(join(place.dir, 'kist.toml'), toml)
      for (const args of [['config'], ['serve'], ['user', 'list']]) {
        const { code, stdout, stderr } = await place.run(args)
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
        expect(stderr).toMatch(/^kist: [^\n]+\n$/)
        for (const part of parts) expect(stderr).toContain(part)
      }
      expect(existsSync(join(place.dir, 'data'))).toBe(false)
    })
  }
})

test('files of the working directory other than kist.toml change nothing', async () => {
  await using place = createPlace()
  const put = (name: string, text: string) => writeFileSync(join(place.dir, name), text)
  put('.env', 'KIST_SERVER_PORT=4321\nNODE_ENV=development\nBUN_OPTIONS=--preload ./evil.ts\n')
  put('.env.production', 'KIST_SERVER_PORT=4321\n')
  put('bunfig.toml', 'preload = ["./evil.ts"]\n[run]\npreload = ["./evil.ts"]\n')
  put('evil.ts', 'require("node:fs").writeFileSync("evil-was-here", "")')
  put('package.json', '{"type":"commonjs","imports":{"elysia":"./evil.ts"},"main":')
  put('tsconfig.json', '{"compilerOptions":{"paths":{"*":["./evil.ts"]}}')
  const lines = await place.lines(['config'])
  expect(lines).toContain('port = 8080  # default')
  expect(await place.lines(['user', 'add', 'ann'])).toHaveLength(2)
  expect(existsSync(join(place.dir, 'evil-was-here'))).toBe(false)
})

test('a reader that has seen enough ends a command quietly', async () => {
  await using place = createPlace()
  const shell = Bun.spawn(['sh', '-c', '"$0" config | head -n 1; "$0" config >&- 2>&1', BINARY], {
    cwd: place.dir,
    env: { PATH: '/usr/bin:/bin' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = await Promise.all([shell.stdout.text(), shell.stderr.text(), shell.exited])
  expect(stdout).toStartWith('[server]\n')
  expect(stderr).toBe('')
})
