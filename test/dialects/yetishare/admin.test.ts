/** What an admin can do: make, change and delete accounts, and see the packages. */
import { describe, expect, test } from 'bun:test'
import { missing, NO_FILE, type Parameters, REAUTHENTICATE, refusal, scenario, success } from './scenario.ts'

const given = scenario()

const EMAIL_TAKEN = 'Email address already exists on another account'
const NAME_TAKEN = 'Username already exists on another account'
const NO_ADMINS = 'API can not be used to create admin or moderator accounts.'
const BAD_PACKAGE = 'Can not have package ids greater or equal to 10 or less than 0 via the API.'
const NO_SUCH_ACCOUNT = 'Failed loading a user account with the supplied account_id.'
const NEW = { username: 'new-user', password: 'long enough', email: 'new@example.com' }

const create = (fields: Parameters = {}) => given.admin.call('account/create', { ...NEW, ...fields })
const edit = (account_id: string | number, fields: Parameters = {}) =>
  given.admin.call('account/edit', { ...fields, account_id })
const packageId = async (label: string): Promise<string> => {
  const { packages } = (await given.admin.must('package/listing')).data
  return packages.find((entry: { label: string }) => entry.label === label).id
}
/** The status under which `username` and `password` sign in, or the refusal. */
const canSignIn = async (username: string, password: string): Promise<boolean> =>
  (await given.post('authorize', { username, password })).json._status === 'success'

describe('making an account', () => {
  test('with what is needed gives an active account of the usual package that can sign in', async () => {
    const { response, data } = success(await create())
    expect(response).toBe('User successfully created.')
    expect(data).toMatchObject({
      username: 'new-user',
      email: 'new@example.com',
      status: 'active',
      level_id: '1',
    })
    expect(data).toMatchObject({
      title: null,
      firstname: null,
      lastname: null,
      paidExpiryDate: null,
      lastlogindate: null,
    })
    const signedIn = success(
      await given.post('authorize', { username: 'new-user', password: 'long enough' }),
    ).data
    expect(signedIn.account_id).toBe(data.id)
    expect((await given.post('account/package', signedIn)).json.data.label).toBe('Free')
  })

  test('with everything takes it all', async () => {
    const package_id = await packageId('Silver')
    const profile = {
      title: 'Dr',
      firstname: ' Ada ',
      lastname: 'Løve',
      paid_expiry_date: '2031-12-31 23:59:59',
    }
    const { data } = success(await create({ ...profile, package_id }))
    const account_id = data.id
    expect(data).toMatchObject({
      title: 'Dr',
      firstname: 'Ada',
      lastname: 'Løve',
      paidExpiryDate: '2031-12-31 23:59:59',
      level_id: '2',
    })
    expect((await given.admin.must('account/package', { account_id })).data.label).toBe('Silver')
    expect((await given.admin.must('account/info', { account_id })).data).toEqual(data)
  })

  test.each(['pending', 'disabled', 'suspended'])(
    'that is %s makes one that cannot sign in yet',
    async (status) => {
      const { data } = success(await create({ status }))
      expect(data.status).toBe(status)
      expect(await canSignIn('new-user', 'long enough')).toBe(false)
      success(await edit(data.id, { status: 'active' }))
      expect(await canSignIn('new-user', 'long enough')).toBe(true)
    },
  )

  const REFUSED: Array<[Parameters, string | RegExp]> = [
    [{ username: ' ' }, missing('username')],
    [{ password: '' }, missing('password')],
    [{ email: '' }, missing('email')],
    [{ username: 'short' }, /6 to 50 characters/],
    [{ username: 'x'.repeat(51) }, /6 to 50 characters/],
    [{ username: 'has/slash' }, /user name/i],
    [{ password: 'short' }, /password/i],
    [{ email: 'nonsense' }, /e-mail/i],
    [{ email: 'Ann-Lee@Example.com' }, EMAIL_TAKEN],
    [{ username: 'ANN-LEE' }, NAME_TAKEN],
    [{ username: 'ann-lee', email: 'bob-ray@example.com' }, EMAIL_TAKEN],
    [{ package_id: '10' }, BAD_PACKAGE],
    [{ package_id: '-1' }, BAD_PACKAGE],
    [{ package_id: '0' }, BAD_PACKAGE],
    [{ package_id: '9' }, BAD_PACKAGE],
    [{ package_id: 'abc' }, BAD_PACKAGE],
    [{ package_id: '1.5' }, BAD_PACKAGE],
    [{ status: 'happy' }, /status/],
    [{ title: 'Lord' }, /title/],
    [{ paid_expiry_date: '2030-02-31 00:00:00' }, /paid_expiry_date/],
    [{ paid_expiry_date: '2030-02-01' }, /paid_expiry_date/],
    [{ paid_expiry_date: 'tomorrow' }, /paid_expiry_date/],
  ]

  test.each(REFUSED)('with %p is refused and makes nothing', async (fields, message) => {
    const before = (await given.app.core.accounts.list()).length
    const said = refusal(await create(fields))
    if (typeof message === 'string') expect(said).toBe(message)
    else expect(said).toMatch(message)
    expect((await given.app.core.accounts.list()).length).toBe(before)
  })

  test('of 6 and of 50 characters is possible', async () => {
    for (const username of ['sixsix', 'x'.repeat(50)])
      success(await create({ username, email: `${username}@example.com` }))
  })

  test('in the package of admins or moderators is refused', async () => {
    await given.app.core.packages.add('Moderators', { level_type: 'moderator' })
    for (const label of ['Admin', 'Moderators'])
      expect(refusal(await create({ package_id: await packageId(label) }))).toBe(NO_ADMINS)
  })

  test('twice at once makes one', async () => {
    const answers = await Promise.all([create(), create(), create()])
    expect(answers.map(({ json }) => json._status).sort()).toEqual(['error', 'error', 'success'])
    for (const { json } of answers.filter((answer) => answer.json._status === 'error'))
      expect([EMAIL_TAKEN, NAME_TAKEN]).toContain(json.response)
  })
})

describe('changing an account', () => {
  test('changes what is given and keeps what is blank or absent', async () => {
    const { ann } = given
    const id = ann.credentials.account_id
    const before = (await ann.must('account/info')).data
    const blanks = {
      username: '',
      email: '',
      password: '',
      title: '',
      firstname: ' ',
      status: '',
      package_id: '',
    }
    for (const fields of [{}, blanks])
      expect(success(await edit(id, fields))).toEqual({
        response: 'User successfully updated.',
        data: before,
      })
    const changes: Array<[Parameters, object]> = [
      [{ username: 'ann-new' }, { username: 'ann-new' }],
      [{ email: 'ann@elsewhere.example' }, { email: 'ann@elsewhere.example' }],
      [
        { title: 'Ms', firstname: 'Ann' },
        { title: 'Ms', firstname: 'Ann' },
      ],
      [{ paid_expiry_date: '2032-02-29 00:00:00' }, { paidExpiryDate: '2032-02-29 00:00:00' }],
      [{ package_id: await packageId('Free') }, { level_id: '1' }],
    ]
    let expected = before
    for (const [fields, change] of changes) {
      expected = { ...expected, ...change }
      expect(success(await edit(id, fields)).data).toEqual(expected)
      expect((await ann.must('account/info')).data).toEqual(expected)
    }
  })

  test('may repeat its own name and address in another letter case', async () => {
    const fields = { username: 'Ann-Lee', email: 'ANN-LEE@example.com' }
    expect(success(await edit(given.ann.credentials.account_id, fields)).data).toMatchObject(fields)
  })

  test('gives it another password', async () => {
    const { data } = success(await create())
    success(await edit(data.id, { password: 'another password' }))
    expect(await canSignIn('new-user', 'long enough')).toBe(false)
    expect(await canSignIn('new-user', 'another password')).toBe(true)
  })

  test('to suspended ends its tokens at once', async () => {
    const { ann } = given
    success(await edit(ann.credentials.account_id, { status: 'suspended' }))
    expect(refusal(await ann.call('account/info'))).toBe(REAUTHENTICATE)
  })

  const REFUSED: Array<[Parameters, string]> = [
    [{ username: 'bob-ray' }, NAME_TAKEN],
    [{ email: 'BOB-RAY@example.com' }, EMAIL_TAKEN],
    [{ username: 'bob-ray', email: 'bob-ray@example.com' }, EMAIL_TAKEN],
    [{ package_id: '6' }, NO_ADMINS],
    [{ package_id: '77' }, BAD_PACKAGE],
  ]

  test.each(REFUSED)('to %p is refused and changes nothing', async (fields, message) => {
    const { ann } = given
    const before = (await ann.must('account/info')).data
    expect(refusal(await edit(ann.credentials.account_id, { ...fields, firstname: 'Changed' }))).toBe(message)
    expect((await ann.must('account/info')).data).toEqual(before)
  })

  test('of nobody, of an admin or of oneself is refused', async () => {
    const { account } = await given.member('admin-two', { isAdmin: true })
    for (const id of ['999', '0', '-1', 'ann-lee', '1.0'])
      expect(refusal(await edit(id))).toBe(NO_SUCH_ACCOUNT)
    for (const id of [account.id, given.admin.account.id])
      expect(refusal(await edit(id, { firstname: 'x' }))).toBe('You can not edit admin accounts via the API.')
  })
})

describe('deleting an account', () => {
  test('takes all it owns, at once for everybody, and the bytes with the next sweep', async () => {
    const { ann, bob, admin, app } = given
    const { file_id } = await ann.upload('a.txt', 'Hello', { folder_id: await ann.folder('f') })
    await ann.must('file/url_upload_add', { file_url_base64: btoa('http://example.com/') })
    const url = (await ann.must('file/download', { file_id })).data.download_url
    await bob.upload('b.txt', 'x')
    const { account_id } = ann.credentials
    const answer = await admin.must('account/delete', { account_id })
    expect(answer).toEqual({ response: 'User successfully deleted.' })
    expect(refusal(await ann.call('account/info'))).toBe(REAUTHENTICATE)
    expect(refusal(await admin.call('file/info', { file_id }))).toBe(NO_FILE)
    expect((await app.request('GET', url)).status).toBe(404)
    await app.core.sweeper.sweep()
    expect(await given.objects()).toBe(1)
    expect(refusal(await admin.call('account/delete', { account_id }))).toBe(NO_SUCH_ACCOUNT)
    success(await create({ username: 'ann-lee', email: 'ann-lee@example.com' }))
  })

  test('of nobody, of an admin or of oneself is refused', async () => {
    const { admin } = given
    const { account } = await given.member('admin-two', { isAdmin: true })
    const remove = (account_id: string | number) => admin.call('account/delete', { account_id })
    for (const id of ['999', '0', 'abc']) expect(refusal(await remove(id))).toBe(NO_SUCH_ACCOUNT)
    expect(refusal(await remove(account.id))).toBe('You can not delete admin accounts via the API.')
    expect(refusal(await remove(admin.account.id))).toBe('You can not delete the current API user.')
    expect(await given.app.core.accounts.list()).toHaveLength(4)
  })
})

test('packages are listed with their limits as text, with or without account_id', async () => {
  const { access_token } = given.admin.credentials
  const answers = [
    await given.post('package/listing', { access_token }),
    await given.admin.call('package/listing'),
  ]
  for (const answer of answers) {
    const { packages } = success(answer).data
    expect(packages).toHaveLength(6)
    for (const entry of packages)
      for (const value of Object.values(entry)) expect(typeof value).toBe('string')
  }
})

test.each([
  ['Free', '1', 'free user'],
  ['Gold', '2', 'paid user'],
  ['Admin', '20', 'admin'],
  ['Guest', '0', 'nonuser'],
  ['Moderators', '10', 'moderator'],
])('an account of package %s has level %s', async (packageName, level, type) => {
  const { app } = given
  await app.core.packages.add('Moderators', { level_type: 'moderator' })
  await app.core.packages.set('Guest', { api_access: '1' })
  const somebody = await given.member('somebody', { packageName })
  expect((await somebody.must('account/info')).data.level_id).toBe(level)
  expect((await somebody.must('account/package')).data.level_type).toBe(type)
})
