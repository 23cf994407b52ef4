/** Signing in and out: both ways, every refusal, and how long a token lives. */
import { describe, expect, test } from 'bun:test'
import { type Answer, PASSWORD } from '../../support/app.ts'
import {
  API,
  encode,
  type Member,
  type Parameters,
  REAUTHENTICATE,
  refusal,
  scenario,
  success,
} from './scenario.ts'

const given = scenario({ config: { server: { trustedProxies: ['unix'] } } })

const KEY1 = 'Please provide key1. It must be 64 characters in length.'
const KEY2 = 'Please provide key2. It must be 64 characters in length.'
const NAME = 'Please provide a username.'
const WORD = 'Please provide a password.'
const BAD_KEYS =
  'Could not authenticate user. The key pair may be invalid or your account may be locked from too many failed logins.'
const BAD_PASSWORD =
  'Could not authenticate user. The username and password may be invalid or your account may be locked from too many failed logins.'
const NO_API =
  'Your account level does not have access to the file upload API. Please contact site support for more information.'
const KEY = 'k'.repeat(64)

/** From an address of its own. */
const from = (address: string, parameters: Parameters): Promise<Answer> =>
  given.app.request('POST', `${API}/authorize`, {
    headers: { 'x-forwarded-for': address, 'content-type': 'application/x-www-form-urlencoded' },
    body: encode(parameters),
  })
const account = (member: Member, fields: Parameters = {}) =>
  given.app.core.accounts.change(member.account.id, fields)
const authorize = (parameters: Parameters) => given.post('authorize', parameters)
/** Of an account with a password. */
const cid = { username: 'cid', password: PASSWORD }
const withPassword = async () => (await given.app.account('cid')).account

describe('signing in', () => {
  test('with keys gives a token of 128 letters and digits and the account, both as text', async () => {
    const answer = await authorize(given.ann.keys)
    expect(Object.keys(answer.json)).toEqual(['data', '_status', '_datetime'])
    expect(Object.keys(answer.json.data)).toEqual(['access_token', 'account_id'])
    expect(answer.json.data.access_token).toMatch(/^[0-9A-Za-z]{128}$/)
    expect(answer.json.data.account_id).toBe(String(given.ann.account.id))
  })

  test('with name and password does so too; letter case and blanks of the name do not matter', async () => {
    const { id } = await withPassword()
    for (const username of ['cid', 'CID', '  Cid\t']) {
      const { data } = success(await authorize({ username, password: PASSWORD }))
      expect(data.account_id).toBe(String(id))
    }
  })

  test('works by GET and with a form', async () => {
    for (const answer of [await given.get('authorize', given.ann.keys), await authorize(given.ann.keys)])
      expect(success(answer).data.account_id).toBe(given.ann.credentials.account_id)
  })

  test('notes when and from where', async () => {
    given.app.clock.advance(100)
    await from('192.0.2.7', given.ann.keys)
    const { data } = await given.ann.must('account/info')
    expect(data).toMatchObject({ lastlogindate: '2030-01-01 00:01:40', lastloginip: '192.0.2.7' })
  })

  const REFUSED: Array<[string, Parameters, string]> = [
    ['nothing', {}, NAME],
    ['a password alone', { password: 'x' }, NAME],
    ['a blank name', { username: '  ', password: 'x' }, NAME],
    ['a name alone', { username: 'ann-lee' }, WORD],
    ['an empty password', { username: 'ann-lee', password: '' }, WORD],
    ['an unknown name', { username: 'nobody', password: PASSWORD }, BAD_PASSWORD],
    ['a wrong password', { username: 'cid', password: `${PASSWORD}!` }, BAD_PASSWORD],
    ['a password with a blank too many', { username: 'cid', password: `${PASSWORD} ` }, BAD_PASSWORD],
    ['a password of 100 kB', { username: 'cid', password: 'x'.repeat(100_000) }, BAD_PASSWORD],
    ['a name with NUL', { username: 'cid\u0000', password: PASSWORD }, BAD_PASSWORD],
    ['key1 alone', { key1: KEY }, KEY2],
    ['key2 alone', { key2: KEY }, KEY1],
    ['a short key1', { key1: 'k'.repeat(63), key2: KEY }, KEY1],
    ['a long key1', { key1: 'k'.repeat(65), key2: KEY }, KEY1],
    ['a short key2', { key1: KEY, key2: 'k' }, KEY2],
    ['two bad keys', { key1: 'a', key2: 'b' }, KEY1],
    ['an unknown pair', { key1: KEY, key2: KEY }, BAD_KEYS],
    ['keys beside a good password', { ...cid, key1: KEY, key2: KEY }, BAD_KEYS],
    ['one key beside a good password', { ...cid, key1: KEY }, KEY2],
  ]

  test.each(REFUSED)('with %s is refused', async (_, parameters, message) => {
    await withPassword()
    expect(refusal(await authorize(parameters))).toBe(message)
  })

  test('with blank keys beside a good password works: forms send all their fields', async () => {
    await withPassword()
    success(await authorize({ ...cid, key1: '', key2: '' }))
  })

  test('with the keys of two people, swapped keys or those of another API is refused', async () => {
    const { ann, bob, app } = given
    const flamenet = await app.core.tokens.issue(ann.account, { kind: 'flamenet' })
    const pairs = [
      { key1: ann.keys.key1, key2: bob.keys.key2 },
      { key1: ann.keys.key2, key2: ann.keys.key1 },
      { key1: flamenet.secrets[0]?.padEnd(64, '0') ?? '', key2: KEY },
    ]
    for (const pair of pairs) expect(refusal(await authorize(pair))).toBe(BAD_KEYS)
  })

  test('with revoked keys is refused', async () => {
    const [token] = await given.app.core.tokens.list(given.ann.account)
    await given.app.core.tokens.revoke(token?.id ?? '')
    expect(refusal(await authorize(given.ann.keys))).toBe(BAD_KEYS)
  })

  test.each(['suspended', 'disabled', 'pending'])('to a %s account is refused', async (status) => {
    await withPassword()
    for (const who of ['cid', given.ann.account.id])
      await given.app.core.accounts.change(who, { status: status as 'suspended' })
    expect(refusal(await authorize(cid))).toBe(BAD_PASSWORD)
    expect(refusal(await authorize(given.ann.keys))).toBe(BAD_KEYS)
  })

  test('without API access in the package is refused, in both ways', async () => {
    const { app, ann } = given
    await withPassword()
    await app.core.packages.set('Gold', { api_access: '0' })
    expect(refusal(await authorize(cid))).toBe(NO_API)
    expect(refusal(await authorize(ann.keys))).toBe(NO_API)
    expect(refusal(await authorize({ ...cid, password: 'wrong' }))).toBe(BAD_PASSWORD)
    success(await authorize(given.admin.keys))
  })
})

describe('five failures within a quarter of an hour', () => {
  const wrong = { ...cid, password: 'wrong' }
  const fail = async (times: number, address = '192.0.2.1', parameters: Parameters = wrong) => {
    const message = 'key1' in parameters ? BAD_KEYS : BAD_PASSWORD
    for (let time = 0; time < times; time++) expect(refusal(await from(address, parameters))).toBe(message)
  }

  test('lock the account for that address, though rate limits are off', async () => {
    await withPassword()
    await fail(5)
    expect(refusal(await from('192.0.2.1', cid))).toBe(BAD_PASSWORD)
    expect(refusal(await from('192.0.2.1', { ...cid, username: ' CID ' }))).toBe(BAD_PASSWORD)
  })

  test('lock neither other addresses nor other accounts', async () => {
    await withPassword()
    await fail(5)
    success(await from('192.0.2.2', cid))
    success(await from('192.0.2.1', given.ann.keys))
    await fail(1, '192.0.2.1', { username: 'nobody', password: 'x' })
  })

  test('are forgiven by one success before the fifth', async () => {
    await withPassword()
    await fail(4)
    success(await from('192.0.2.1', cid))
    await fail(4)
    success(await from('192.0.2.1', cid))
  })

  test('are forgotten after that time, and asking in between does not prolong it', async () => {
    await withPassword()
    await fail(5)
    for (let minute = 1; minute < 15; minute++) {
      given.app.clock.advance(60)
      expect(refusal(await from('192.0.2.1', cid))).toBe(BAD_PASSWORD)
    }
    given.app.clock.advance(60)
    success(await from('192.0.2.1', cid))
  })

  test('do not count when they are older', async () => {
    await withPassword()
    await fail(3)
    given.app.clock.advance(900)
    await fail(4)
    success(await from('192.0.2.1', cid))
  })

  test('lock a first key, whatever the second', async () => {
    const { key1, key2 } = given.ann.keys
    for (let time = 0; time < 5; time++) await fail(1, '192.0.2.1', { key1, key2: String(time).repeat(64) })
    expect(refusal(await from('192.0.2.1', { key1, key2 }))).toBe(BAD_KEYS)
    success(await from('192.0.2.2', { key1, key2 }))
  })

  test('are five when they come at once, too', async () => {
    await withPassword()
    const guesses = Array.from({ length: 12 }, (_, index) => ({
      ...cid,
      password: index === 11 ? PASSWORD : 'x',
    }))
    const answers = await Promise.all(guesses.map((guess) => from('192.0.2.1', guess)))
    for (const answer of answers) expect(refusal(answer)).toBe(BAD_PASSWORD)
  })

  test('do not keep those from signing in at once who know the password', async () => {
    await withPassword()
    const answers = await Promise.all(Array.from({ length: 12 }, () => from('192.0.2.1', cid)))
    for (const answer of answers) success(answer)
  })

  test('of calls without a password or key do not count', async () => {
    await withPassword()
    for (let time = 0; time < 9; time++) refusal(await from('192.0.2.1', { username: 'cid' }))
    success(await from('192.0.2.1', cid))
  })
})

describe('a token', () => {
  const isAlive = async ({ call }: Member): Promise<boolean> => {
    const answer = await call('account/info')
    if (answer.json._status === 'success') return true
    expect(refusal(answer)).toBe(REAUTHENTICATE)
    return false
  }

  test('lives for an hour without use', async () => {
    given.app.clock.advance(3599)
    expect(await isAlive(given.ann)).toBe(true)
    given.app.clock.advance(3600)
    expect(await isAlive(given.ann)).toBe(false)
  })

  test('lives on while it is used, each hour beginning with the last use', async () => {
    const { app, ann } = given
    for (const pause of [3000, 59, 3599, 30, 30, 3599, 3599]) {
      app.clock.advance(pause)
      await app.core.sweeper.sweep()
      expect([pause, await isAlive(ann)]).toEqual([pause, true])
    }
    app.clock.advance(3600)
    expect(await isAlive(ann)).toBe(false)
    app.clock.advance(10 * 3600)
    await app.core.sweeper.sweep()
    expect(await isAlive(ann)).toBe(false)
  })

  test('stands beside others of the same account', async () => {
    const { ann } = given
    const tokens = await Promise.all(Array.from({ length: 5 }, () => authorize(ann.keys)))
    const secrets = new Set(tokens.map((answer) => success(answer).data.access_token))
    expect(secrets.size).toBe(5)
    for (const access_token of secrets)
      success(await given.post('account/info', { ...ann.credentials, access_token }))
    expect(await isAlive(ann)).toBe(true)
  })

  test('that is disabled is dead at once, and only it', async () => {
    const { ann } = given
    const other = success(await authorize(ann.keys)).data
    const answer = await ann.call('disable_access_token')
    expect(answer.json).toEqual({
      response: 'Token removed or no longer available.',
      _status: 'success',
      _datetime: '2030-01-01 00:00:00',
    })
    expect(await isAlive(ann)).toBe(false)
    expect(refusal(await ann.call('disable_access_token'))).toBe(REAUTHENTICATE)
    success(await given.post('account/info', other))
  })

  test.each(['suspended', 'disabled', 'pending'])(
    'of an account that becomes %s is dead at once',
    async (status) => {
      await account(given.ann, { status })
      expect(await isAlive(given.ann)).toBe(false)
      await account(given.ann, { status: 'active' })
      expect(await isAlive(given.ann)).toBe(false)
      expect(await isAlive(given.bob)).toBe(true)
    },
  )

  test('of an account that is deleted is dead at once', async () => {
    await given.app.core.accounts.delete(given.ann.account.id)
    expect(await isAlive(given.ann)).toBe(false)
    expect(refusal(await authorize(given.ann.keys))).toBe(BAD_KEYS)
  })

  test('is no credential elsewhere, and theirs are none here', async () => {
    const { app, ann } = given
    const nating = await app.core.tokens.issue(ann.account, { kind: 'nating', scopes: ['*'] })
    const { account_id, access_token } = ann.credentials
    for (const secret of [nating.secrets[0] ?? '', ann.keys.key1, ann.keys.key1 + ann.keys.key2]) {
      const answer = await given.post('account/info', { access_token: secret, account_id })
      expect(refusal(answer)).toBe(REAUTHENTICATE)
    }
    const elsewhere = await app.request('GET', '/api/v1/folders', { token: access_token })
    expect(elsewhere.status).toBe(401)
    const header = await app.request('GET', `${API}/account/info?account_id=${account_id}`, {
      token: access_token,
    })
    expect(refusal(header)).toBe('Please provide the access_token param.')
  })

  test('is kept as its hash only, and no secret is in the log', async () => {
    const bytes = await Bun.file(`${given.app.dir}/kist.db`).text()
    const wal = await Bun.file(`${given.app.dir}/kist.db-wal`).text()
    const { key1, key2 } = given.ann.keys
    for (const secret of [given.ann.credentials.access_token, key1, key2])
      expect([bytes.includes(secret), wal.includes(secret)]).toEqual([false, false])
  })
})
