/** user, token, package and check on a real data directory. */
import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createPlace, type Place } from '../support/binary.ts'

const cells = (line: string | undefined): string[] => line?.split('\t') ?? []

/** The one line on stderr of a command that must fail. */
async function failure(place: Place, args: string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await place.run(args, { input })
  expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' })
  expect(stderr).toMatch(/^kist: [^\n]+\n$/)
  return stderr
}

describe('user', () => {
  test('add prints the number alone when the password comes on stdin', async () => {
    await using place = createPlace()
    expect(
      await place.lines(['user', 'add', 'ann', '--password-stdin'], { input: 'correct horse\n' }),
    ).toEqual(['1'])
  })

  test('add makes a password, another one each time, and prints it on the second line', async () => {
    await using place = createPlace()
    const first = await place.lines(['user', 'add', 'ann'])
    const second = await place.lines(['user', 'add', 'bob'])
    expect([first[0], second[0]]).toEqual(['1', '2'])
    for (const [, password] of [first, second]) expect(password).toMatch(/^\S{16,}$/)
    expect(first[1]).not.toBe(second[1])
  })

  test('list shows every account on a line', async () => {
    await using place = createPlace()
    await place.lines(['user', 'add', 'ann', '--admin', '--email', 'ann@example.com'])
    await place.lines(['user', 'add', 'bob', '--package', 'Gold'])
    const [ann, bob, ...rest] = (await place.lines(['user', 'list'])).map(cells)
    expect(ann?.slice(0, 8)).toEqual(['1', 'ann', 'ann@example.com', 'Admin', 'active', 'admin', '0', '0'])
    expect(bob?.slice(0, 8)).toEqual(['2', 'bob', '-', 'Gold', 'active', 'user', '0', '0'])
    expect(rest).toEqual([])
  })

  test('set changes package, status and password', async () => {
    await using place = createPlace()
    await place.lines(['user', 'add', 'ann'])
    const set = ['user', 'set', 'ann', '--package', 'Silver', '--status', 'suspended', '--password-stdin']
    expect(await place.lines(set, { input: 'another password' })).toEqual([])
    expect(cells((await place.lines(['user', 'list']))[0]).slice(3, 5)).toEqual(['Silver', 'suspended'])
  })

  test('delete removes the account', async () => {
    await using place = createPlace()
    await place.lines(['user', 'add', 'ann'])
    await place.lines(['user', 'delete', 'ann'])
    expect(await place.lines(['user', 'list'])).toEqual([])
  })

  test('what cannot be done is said in one line and leaves nothing behind', async () => {
    await using place = createPlace()
    await place.lines(['user', 'add', 'ann'])
    expect(await failure(place, ['user', 'add', 'ANN'])).toContain('ANN')
    expect(await failure(place, ['user', 'add', 'bad/name'])).toContain('name')
    expect(await failure(place, ['user', 'add', 'bob', '--package', 'Platinum'])).toContain('Platinum')
    expect(await failure(place, ['user', 'add', 'bob', '--email', 'nowhere'])).toContain('e-mail')
    expect(await failure(place, ['user', 'add', 'bob', '--password-stdin'], 'short')).toContain(
      '8 characters',
    )
    expect(await failure(place, ['user', 'add', 'bob', '--password-stdin'], '\n')).toContain('standard input')
    expect(await failure(place, ['user', 'set', 'bob', '--status', 'active'])).toContain('bob')
    expect(await failure(place, ['user', 'delete', 'bob'])).toContain('bob')
    expect(await place.lines(['user', 'list'])).toHaveLength(1)
  })

  test('several commands at once do not disturb each other', async () => {
    await using place = createPlace()
    const names = ['a1', 'b2', 'c3', 'd4']
    const added = await Promise.all(names.map((name) => place.lines(['user', 'add', name])))
    expect(added.map(([id]) => id).sort()).toEqual(['1', '2', '3', '4'])
    expect((await place.lines(['user', 'list'])).map((line) => cells(line)[1]).sort()).toEqual(names)
  })
})

describe('token', () => {
  async function withAnn(): Promise<Place> {
    const place = createPlace()
    await place.lines(['user', 'add', 'ann'])
    return place
  }

  for (const [kind, count, form] of [
    ['nating', 1, /^fyu_[0-9a-zA-Z]{32,}$/],
    ['flamenet', 1, /^fn_[0-9a-zA-Z]{32,}$/],
    ['yetishare', 2, /^\S{64}$/],
  ] as const) {
    test(`add --kind ${kind} prints ${count} secret(s) and nothing else`, async () => {
      await using place = await withAnn()
      const secrets = await place.lines(['token', 'add', '--user', 'ann', '--kind', kind])
      expect(secrets).toHaveLength(count)
      for (const secret of secrets) expect(secret).toMatch(form)
    })
  }

  test('list shows id, kind, name, beginning, scopes, created, expires, last used and status', async () => {
    await using place = await withAnn()
    const options = ['--name', 'Back\tup', '--scopes', 'files.read, files.upload', '--expires-days', '30']
    const [secret] = await place.lines(['token', 'add', '--user', 'ann', '--kind', 'nating', ...options])
    await place.lines(['token', 'add', '--user', 'ann', '--kind', 'flamenet'])
    const [nating, flamenet] = (await place.lines(['token', 'list', '--user', 'ann'])).map(cells)
    expect(nating).toHaveLength(9)
    const [id, kind, name, beginning, scopes, created, expires, used, status] = nating ?? []
    expect(id).toMatch(/^atk_[0-9a-f]{16}$/)
    expect([kind, name, scopes, used, status]).toEqual([
      'nating',
      'Back up',
      'files.read,files.upload',
      '-',
      'active',
    ])
    expect(secret?.startsWith(beginning ?? '?')).toBe(true)
    expect(secret?.length).toBeGreaterThan((beginning?.length ?? 0) + 16)
    expect(Date.parse(expires ?? '') - Date.parse(created ?? '')).toBe(30 * 86_400_000)
    expect(flamenet?.[1]).toBe('flamenet')
    expect(flamenet?.[6]).toBe('-')
  })

  test('revoke is seen in the list, and may be repeated', async () => {
    await using place = await withAnn()
    await place.lines(['token', 'add', '--user', 'ann', '--kind', 'nating'])
    const [id = ''] = cells((await place.lines(['token', 'list', '--user', 'ann']))[0])
    expect(await place.lines(['token', 'revoke', id])).toEqual([])
    expect(await place.lines(['token', 'revoke', id])).toEqual([])
    expect(cells((await place.lines(['token', 'list', '--user', 'ann']))[0])[8]).toBe('revoked')
  })

  test('what cannot be done is said in one line', async () => {
    await using place = await withAnn()
    const add = ['token', 'add', '--kind', 'nating', '--user']
    expect(await failure(place, [...add, 'bob'])).toContain('bob')
    expect(await failure(place, [...add, 'ann', '--scopes', 'files.eat'])).toContain('files.eat')
    expect(await failure(place, [...add, 'ann', '--scopes', ','])).toContain('scope')
    expect(await failure(place, [...add, 'ann', '--expires-days', '99999'])).toContain('3650')
    expect(await failure(place, ['token', 'revoke', 'atk_0000000000000000'])).toContain('not found')
    expect(await place.lines(['token', 'list', '--user', 'ann'])).toEqual([])
  })
})

describe('package', () => {
  const limits = (line: string | undefined): Record<string, string> =>
    Object.fromEntries(
      cells(line)
        .slice(2)
        .map((pair) => pair.split('=') as [string, string]),
    )

  test('list shows the seeded packages with every limit', async () => {
    await using place = createPlace()
    const lines = await place.lines(['package', 'list'])
    expect(lines.map((line) => cells(line)[1])).toEqual([
      'Guest',
      'Free',
      'Bronze',
      'Silver',
      'Gold',
      'Admin',
    ])
    expect(lines.map((line) => limits(line).max_storage_bytes).slice(1)).toEqual([
      '104857600',
      '1073741824',
      '5368709120',
      '6597069766656',
      '0',
    ])
    expect(Object.keys(limits(lines[0]))).toHaveLength(19)
  })

  test('set changes some limits and keeps the others', async () => {
    await using place = createPlace()
    const before = limits((await place.lines(['package', 'list']))[1])
    await place.lines(['package', 'set', 'Free', 'max_upload_size=1000', 'level_type=free as in beer'])
    const after = limits((await place.lines(['package', 'list']))[1])
    expect(after).toEqual({ ...before, max_upload_size: '1000', level_type: 'free as in beer' })
  })

  test('add starts from the defaults of a package without keys', async () => {
    await using place = createPlace()
    const [id] = await place.lines(['package', 'add', 'Crew', 'download_speed=5000'])
    const line = (await place.lines(['package', 'list'])).at(-1)
    expect(cells(line).slice(0, 2)).toEqual([id ?? '', 'Crew'])
    const { can_upload, api_access, level_type, download_speed, ...rest } = limits(line)
    expect([can_upload, api_access, level_type, download_speed]).toEqual(['1', '1', 'paid user', '5000'])
    expect(new Set(Object.values(rest))).toEqual(new Set(['0']))
    expect(await place.lines(['package', 'add', 'Plain'])).toHaveLength(1)
  })

  test('what cannot be done names the key or the package', async () => {
    await using place = createPlace()
    expect(await failure(place, ['package', 'set', 'Free', 'speed=1'])).toContain('speed')
    expect(await failure(place, ['package', 'set', 'Free', 'can_upload=yes'])).toContain('can_upload')
    expect(await failure(place, ['package', 'set', 'Free', 'max_upload_size=-1'])).toContain(
      'max_upload_size',
    )
    expect(await failure(place, ['package', 'set', 'Nope', 'can_upload=1'])).toContain('Nope')
    expect(await failure(place, ['package', 'add', 'free'])).toContain('already in use')
  })
})

describe('check', () => {
  test('finds nothing wrong in a new installation', async () => {
    await using place = createPlace()
    await place.lines(['user', 'add', 'ann'])
    expect(await place.run(['check'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'checked 0 objects, 0 bytes\n',
    })
  })

  test('names what is wrong, one a line, and repairs what can be repaired', async () => {
    await using place = createPlace()
    await place.lines(['user', 'add', 'ann'])
    const key = 'ab/cd/abcd0123456789abcdef0123456789ab'
    const orphan = join(place.dir, 'data/objects', key)
    mkdirSync(dirname(orphan), { recursive: true })
    writeFileSync(orphan, 'nobody knows me')
    const database = new Database(join(place.dir, 'data/kist.db'))
    database.run('UPDATE accounts SET storage_used = 5')
    database.close()

    const found = await place.run(['check'])
    expect(found.code).toBe(1)
    expect(found.stdout.split('\n').map((line) => cells(line).slice(0, 2))).toEqual([
      ['orphan_object', key],
      ['wrong_counter', 'ann'],
      [''],
    ])
    const repaired = await place.run(['check', '--repair'])
    expect(repaired.code).toBe(0)
    expect(repaired.stdout.match(/\(repaired\)$/gm)).toHaveLength(2)
    expect(existsSync(orphan)).toBe(false)
    expect((await place.run(['check'])).stdout).toBe('')
  })

  test('does not call a directory clean that is not there, nor make one', async () => {
    await using place = createPlace()
    expect(await failure(place, ['check'])).toContain('data.dir')
    expect(await failure(place, ['check', '--repair'])).toContain('data.dir')
  })
})

describe('the data directory', () => {
  test('can be read by its owner only, also what lies in it', async () => {
    await using place = createPlace()
    mkdirSync(join(place.dir, 'open'), { mode: 0o755 })
    for (const data of ['made', 'open']) {
      await place.lines(['user', 'add', 'ann'], { env: { KIST_DATA_DIR: data } })
      expect(statSync(join(place.dir, data, 'kist.db')).mode & 0o077).toBe(0)
    }
    expect(statSync(join(place.dir, 'made')).mode & 0o777).toBe(0o700)
  })

  test('that cannot be one is refused by name', async () => {
    await using place = createPlace()
    writeFileSync(join(place.dir, 'data'), 'a file')
    for (const args of [['serve'], ['user', 'list'], ['check']]) {
      expect(await failure(place, args)).toMatch(/data.*not a directory/)
    }
  })
})
