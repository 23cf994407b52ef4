/** The commands as a script uses them, most of them beside a server that runs. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync, renameSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import packageJson from '../../package.json'
import { createPlace, type Place } from '../support/binary.ts'
import { createContent } from '../support/content.ts'
import type { RunningServer } from '../support/server-process.ts'
import { type Client, createClient, openUpload, uploadContent } from '../support/upload-client.ts'

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('every command', () => {
  const place = createPlace()
  afterAll(() => place.remove())

  const COMMANDS: Record<string, string[]> = {
    serve: [],
    user: ['add', 'list', 'set', 'delete'],
    token: ['add', 'list', 'revoke'],
    package: ['list', 'set', 'add'],
    config: [],
    check: [],
    version: [],
  }
  const actions = Object.entries(COMMANDS).flatMap(([name, verbs]) => [
    [name],
    ...verbs.map((verb) => [name, verb]),
  ])

  test('says how it is used when it is asked for --help, touches nothing, and ends with 0', async () => {
    for (const action of actions) {
      const { code, stdout, stderr } = await place.run([...action, '--help'])
      expect({ action, code, stderr }).toEqual({ action, code: 0, stderr: '' })
      expect(stdout).toStartWith('Usage:')
      expect(stdout).toContain(`kist ${action.join(' ')}`)
    }
    const { code, stdout } = await place.run(['--help'])
    expect(code).toBe(0)
    for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(readdirSync(place.dir)).toEqual([])
  }, 20_000)

  test('refuses what it does not know in one line, and ends with 2', async () => {
    const wrong = [
      ['frobnicate'],
      ['user'],
      ['user', 'rename', 'ann'],
      ['user', 'add'],
      ['user', 'add', 'a', 'b'],
      ['user', 'set', 'ann'],
      ['user', 'set', 'ann', '--status', 'asleep'],
      ['token', 'add', '--user', 'ann'],
      ['token', 'add', '--user', 'ann', '--kind', 'other'],
      ['token', 'add', '--user', 'ann', '--kind', 'nating', '--expires-days', 'soon'],
      ['package', 'set', 'Free', 'max_upload_size'],
      ['serve', '--port', '80'],
      ['check', 'all'],
      ['version', '--short'],
    ]
    for (const args of wrong) {
      const { code, stdout, stderr } = await place.run(args)
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
      expect(stderr).toMatch(/^kist: [^\n]+\n$/)
    }
    const bare = await place.run([])
    expect({ code: bare.code, stdout: bare.stdout }).toEqual({ code: 2, stdout: '' })
    expect(readdirSync(place.dir)).toEqual([])
  }, 20_000)

  test('names the setting that is wrong in one line, and ends with 1', async () => {
    for (const [name, value] of [
      ['KIST_SERVER_PORT', 'http'],
      ['KIST_DATA_MIN_FREE', '1 furlong'],
      ['KIST_UPLOADS_SESSION_TTL', '-1s'],
    ] as const) {
      const { code, stdout, stderr } = await place.run(['serve'], { env: { [name]: value } })
      expect({ name, code, stdout }).toEqual({ name, code: 1, stdout: '' })
      expect(stderr).toMatch(new RegExp(`^kist: [^\\n]*${name}[^\\n]*${value}[^\\n]*\\n$`))
    }
    expect(readdirSync(place.dir)).toEqual([])
  })

  test('version tells version, commit and what it is built on', async () => {
    const { code, stdout } = await place.run(['version'])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      new RegExp(
        `^kist ${packageJson.version.replaceAll('.', '\\.')}\\n  commit +([0-9a-f]{12}|unknown)\\n  Bun +1\\.4\\.5\\n  SQLite +3\\.`,
      ),
    )
  })
})

describe('beside a running server', () => {
  let place: Place
  let server: RunningServer
  let client: Client
  let token = ''

  beforeAll(async () => {
    place = createPlace({ settings: '[uploads]\npart_size = "64KiB"\n' })
    server = await place.serve()
    token = await place.token('ann')
    client = createClient(server.url, token)
  })
  afterAll(() => place.remove())

  const status = async (path: string, secret = token): Promise<number> =>
    (await createClient(server.url, secret).call('GET', path)).status

  test('what a script reads stands alone on standard output', async () => {
    expect(
      await place.lines(['user', 'add', 'bob', '--password-stdin'], { input: 'correct horse\n' }),
    ).toEqual(['2'])
    const made = await place.run(['user', 'add', 'cid', '--email', 'cid@example.com'])
    expect(made).toEqual({ code: 0, stdout: expect.stringMatching(/^3\n\S{16,}\n$/), stderr: '' })
    for (const [kind, form] of [
      ['nating', /^fyu_\w{40,}\n$/],
      ['flamenet', /^fn_\w{32,}\n$/],
      ['yetishare', /^\w{64}\n\w{64}\n$/],
    ] as const) {
      const { code, stdout, stderr } = await place.run(['token', 'add', '--user', 'bob', '--kind', kind])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(form)
    }
    expect(await place.lines(['package', 'add', 'Platinum', 'max_upload_size=5'])).toEqual([
      expect.stringMatching(/^\d+$/),
    ])
  })

  test('lists have one record a line, cells separated by tabs', async () => {
    const cells = (line = ''): string[] => line.split('\t')
    const tokens = await place.lines(['token', 'list', '--user', 'bob'])
    expect(tokens.map((line) => cells(line)[1]).sort()).toEqual(['flamenet', 'nating', 'yetishare'])
    for (const line of tokens) {
      expect(cells(line)).toHaveLength(9)
      expect(cells(line)[0]).toMatch(/^atk_[0-9a-f]{16}$/)
      expect(cells(line)[5]).toMatch(DATE)
      expect(cells(line)[8]).toBe('active')
    }
    const users = await place.lines(['user', 'list'])
    expect(users.map((line) => cells(line).slice(0, 2))).toEqual([
      ['1', 'ann'],
      ['2', 'bob'],
      ['3', 'cid'],
    ])
    for (const line of users) expect(cells(line).at(-1)).toMatch(DATE)
    const packages = (await place.lines(['package', 'list'])).map((line) => cells(line)[1])
    expect(packages).toEqual(['Guest', 'Free', 'Bronze', 'Silver', 'Gold', 'Admin', 'Platinum'])
  })

  test('a token that is revoked is refused at once', async () => {
    const [secret = ''] = await place.lines(['token', 'add', '--user', 'bob', '--kind', 'nating'])
    expect(await status('/api/v1/files/999', secret)).toBe(404)
    const lines = await place.lines(['token', 'list', '--user', 'bob'])
    const line = lines.find((text) => text.includes(secret.slice(0, 12))) ?? ''
    await place.lines(['token', 'revoke', line.split('\t')[0] ?? ''])
    expect(await status('/api/v1/files/999', secret)).toBe(401)
  })

  test('an account that is suspended is refused at once, with all it has under way, until it is active again', async () => {
    const upload = await openUpload(client, createContent(100_000, 'under way'))
    const path = `/api/v1/uploads/sessions/${upload.id}`
    expect(await status(path)).toBe(200)
    await place.lines(['user', 'set', 'ann', '--status', 'suspended'])
    expect(await status(path)).toBe(401)
    await place.lines(['user', 'set', 'ann', '--status', 'active'])
    expect(await status(path)).toBe(200)
  })

  test('a password that is changed is the only one from then on', async () => {
    const signIn = async (password: string): Promise<number> => {
      const body = JSON.stringify({ username: 'bob', password })
      const headers = { 'content-type': 'application/json' }
      return (await fetch(`${server.url}/web/session`, { method: 'POST', headers, body })).status
    }
    expect(await signIn('correct horse')).toBe(200)
    await place.lines(['user', 'set', 'bob', '--password-stdin'], { input: 'battery staple\n' })
    expect(await signIn('correct horse')).toBe(401)
    expect(await signIn('battery staple')).toBe(200)
  })

  test('a limit of a package holds from the next request on', async () => {
    const create = () => client.call('POST', '/api/v1/uploads/sessions', { filename: 'a', size: 1000 })
    await place.lines(['package', 'set', 'Admin', 'max_upload_size=999'])
    expect(await create()).toMatchObject({
      status: 422,
      json: { error: 'File exceeds your package upload limit.' },
    })
    await place.lines(['package', 'set', 'Admin', 'max_upload_size=0'])
    expect((await create()).status).toBe(201)
  })

  test('an account that is deleted is gone at once, with its files', async () => {
    const [secret = ''] = await place.lines(['token', 'add', '--user', 'cid', '--kind', 'nating'])
    const id = await uploadContent(createClient(server.url, secret), createContent(100_000, 'of cid'))
    expect(await status(`/api/v1/files/${id}`, secret)).toBe(200)
    await place.lines(['user', 'delete', 'cid'])
    expect(await status(`/api/v1/files/${id}`, secret)).toBe(401)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  })

  test('config shows what is in effect and where it comes from, secrets masked', async () => {
    const env = { KIST_METRICS_TOKEN: 'hunter2', KIST_SITE_NAME: 'Chest' }
    const { code, stdout } = await place.run(['config'], { env })
    expect(code).toBe(0)
    expect(stdout).toContain('part_size = "64KiB"  # kist.toml\n')
    expect(stdout).toContain('name = "Chest"  # KIST_SITE_NAME\n')
    expect(stdout).toMatch(/^token = "\*+" {2}# KIST_METRICS_TOKEN$/m)
    expect(Bun.TOML.parse(stdout)).toMatchObject({ uploads: { part_size: '64KiB' }, site: { name: 'Chest' } })
    expect(stdout).not.toContain('hunter2')
  })

  test('check names an object that is cut, one that is gone and one that nobody knows', async () => {
    for (const seed of ['cut', 'gone']) await uploadContent(client, createContent(200_000, seed))
    await server.end('SIGTERM')
    const objects = [...new Bun.Glob('**/*').scanSync({ cwd: join(place.dataDir, 'objects') })]
      .map((name) => join(place.dataDir, 'objects', name))
      .filter((path) => statSync(path).size === 200_000)
    const [cut = '', gone = ''] = objects
    expect(objects).toHaveLength(2)
    truncateSync(cut, 199_999)
    renameSync(gone, gone.replace(/[0-9a-z]{4}$/, '0000'))

    const { code, stdout } = await place.run(['check'])
    const kinds = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t')[0])
    expect(code).toBe(1)
    expect(kinds.sort()).toEqual(['missing_object', 'orphan_object', 'truncated_object'])
    for (const line of stdout.split('\n').slice(0, -1)) expect(line.split('\t')).toHaveLength(3)
  })
})
