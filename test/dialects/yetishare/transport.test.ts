/** How calls come in and answers go out, whatever they are about. */
import { describe, expect, test } from 'bun:test'
import { filePart, form, textPart, textParts } from './forms.ts'
import {
  API,
  actionsOf,
  encode,
  missing,
  NO_FILE,
  NO_FOLDER,
  NO_TOKEN,
  REAUTHENTICATE,
  refusal,
  scenario,
  sendForm,
  success,
} from './scenario.ts'

const given = scenario()
const URLENCODED = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }

describe('parameters', () => {
  /** Every way to say who one is and which folder is wanted. */
  const ways: Array<[string, (fields: Record<string, string>) => ReturnType<typeof given.post>]> = [
    ['a GET query', (fields) => given.get('folder/info', fields)],
    ['a urlencoded body', (fields) => given.post('folder/info', fields)],
    [
      'a urlencoded body with a charset',
      (fields) =>
        given.app.request('POST', `${API}/folder/info`, {
          headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
          body: encode(fields),
        }),
    ],
    ['a JSON body', (fields) => given.app.request('POST', `${API}/folder/info`, { body: fields })],
    [
      'a JSON body with numbers',
      ({ account_id, folder_id, ...rest }) =>
        given.app.request('POST', `${API}/folder/info`, {
          body: { ...rest, account_id: Number(account_id), folder_id: Number(folder_id) },
        }),
    ],
    [
      'a multipart body without a file',
      (fields) => sendForm(given.app, textParts(fields), {}, 'folder/info'),
    ],
    [
      'a multipart body with a file nobody asked for',
      (fields) => sendForm(given.app, [filePart('a.txt', 'x'), ...textParts(fields)], {}, 'folder/info'),
    ],
    [
      'the query of a POST',
      (fields) => given.app.request('POST', `${API}/folder/info?${encode(fields)}`, { body: null }),
    ],
    [
      'query and body in halves',
      ({ access_token = '', ...rest }) =>
        given.app.request('POST', `${API}/folder/info?${encode({ access_token })}`, {
          headers: URLENCODED,
          body: encode(rest),
        }),
    ],
    [
      'a body with blanks around its values',
      (fields) =>
        given.post(
          'folder/info',
          Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, `  ${value}\n`])),
        ),
    ],
  ]

  test.each(ways)('come in %s', async (_, ask) => {
    const folder_id = await given.ann.folder('mine')
    const { data } = success(await ask({ ...given.ann.credentials, folder_id }))
    expect(data).toMatchObject({ id: folder_id, folderName: 'mine' })
  })

  test('of the body win over those of the query', async () => {
    const [one, two] = [await given.ann.folder('one'), await given.ann.folder('two')]
    const query = encode({ ...given.ann.credentials, folder_id: one })
    for (const body of [{ folder_id: Number(two) }, { folder_id: two }]) {
      const answer = await given.app.request('POST', `${API}/folder/info?${query}`, { body })
      expect(success(answer).data.id).toBe(two)
    }
    const blank = await given.app.request('POST', `${API}/folder/info?${query}`, { body: { folder_id: '' } })
    expect(refusal(blank)).toBe(missing('folder_id'))
  })

  test('that come twice count as they came last; unknown ones do not count', async () => {
    const [one, two] = [await given.ann.folder('one'), await given.ann.folder('two')]
    const twice = `${encode({ ...given.ann.credentials, folder_id: one })}&folder_id=${two}&colour=red&x[]=1`
    const answers = [
      await given.app.request('GET', `${API}/folder/info?${twice}`),
      await given.app.request('POST', `${API}/folder/info`, { headers: URLENCODED, body: twice }),
    ]
    for (const answer of answers) expect(success(answer).data.id).toBe(two)
  })

  test('keep their markup: it is escaped where it is shown', async () => {
    const { data } = await given.ann.must('folder/create', { folder_name: '<b>&amp;"\'</b>' })
    // The slash is no part of a name.
    expect(data.folderName).toBe('<b>&amp;"\'<b>')
  })

  test('of a body that is no body are missing', async () => {
    const bodies: Array<[Record<string, string>, string]> = [
      [JSON_TYPE, '{'],
      [JSON_TYPE, '[]'],
      [JSON_TYPE, 'null'],
      [JSON_TYPE, `${'['.repeat(100_000)}`],
      [{ 'content-type': 'multipart/form-data' }, '--x\r\n'],
      [{ 'content-type': 'multipart/form-data; boundary=x' }, '--y\r\n'],
      [{ 'content-type': 'application/octet-stream' }, '\u0000\u0001'],
      [{ 'content-type': 'nonsense' }, 'a=b'],
    ]
    for (const [headers, body] of bodies) {
      const answer = await given.app.request('POST', `${API}/file/info`, { headers, body })
      expect([body.slice(0, 20), refusal(answer)]).toEqual([body.slice(0, 20), NO_TOKEN])
    }
  })
})

describe('the path', () => {
  test.each([
    '/api/v2/account/info/',
    '/api/v2/account/info//',
    '/api/v2/Account/Info',
    '/api/v2/ACCOUNT/INFO/',
    '/api/v2/account/info',
  ])('%s leads to the account', async (path) => {
    const query = encode(given.ann.credentials)
    for (const method of ['GET', 'POST']) {
      const answer = await given.app.request(method, `${path}?${query}`, { body: null })
      expect(success(answer).data.username).toBe('ann-lee')
    }
  })

  test('of signing in may end with a slash', async () => {
    const answer = await given.post('authorize/', given.bob.keys)
    expect(success(answer).data.account_id).toBe(given.bob.credentials.account_id)
  })

  test.each([
    ['file/foo', 'No method found within endpoint (file): foo'],
    ['File/Foo/', 'No method found within endpoint (file): foo'],
    ['foo/bar', 'No method found within endpoint (foo): bar'],
    ['foo', 'No method found within endpoint (foo): index'],
    ['file', 'No method found within endpoint (file): index'],
    ['authorize/me', 'No method found within endpoint (authorize): me'],
    ['file/info/1', 'No method found within endpoint (file): info/1'],
    ['__proto__', 'No method found within endpoint (__proto__): index'],
    ['constructor/name', 'No method found within endpoint (constructor): name'],
    ['file/%3Cscript%3E', 'No method found within endpoint (file): 3cscript3e'],
  ])('%s is unknown, with or without a credential', async (path, message) => {
    for (const credentials of [{}, given.ann.credentials]) {
      expect(refusal(await given.post(path, credentials), 404)).toBe(message)
      expect(refusal(await given.get(path, credentials), 404)).toBe(message)
    }
  })

  test.each(['/api/v2', '/api/v2/'])('%s alone is unknown too', async (path) => {
    const answer = await given.app.request('GET', path)
    expect(refusal(answer, 404)).toBe('No method found within endpoint (): index')
  })
})

describe('the method', () => {
  test.each(['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])('%s is refused', async (method) => {
    for (const path of ['file/info', 'File/Info/', 'authorize', 'file/upload']) {
      const answer = await given.app.request(method, `${API}/${path}`, { body: null })
      expect([path, refusal(answer, 405)]).toEqual([path, 'Invalid Method'])
      expect(answer.headers.get('allow')).toMatch(/GET.*POST/)
    }
  })

  test('of an unknown action does not matter', async () => {
    const answer = await given.app.request('PUT', `${API}/file/foo`, { body: null })
    expect(refusal(answer, 404)).toBe('No method found within endpoint (file): foo')
  })

  test('HEAD is GET without the body', async () => {
    for (const path of ['account/info', 'Account/Info/']) {
      const answer = await given.app.request('HEAD', `${API}/${path}?${encode(given.ann.credentials)}`)
      expect([path, answer.status, answer.text]).toEqual([path, 200, ''])
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    }
    expect((await given.app.request('HEAD', `${API}/file/foo`)).status).toBe(404)
  })

  test('OPTIONS allows every site everything, without cookies', async () => {
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-headers': 'x-one, x-two' }
    for (const action of [...actionsOf(given.app), 'file/foo']) {
      const answer = await given.app.request('OPTIONS', `${API}/${action}`, { headers })
      expect([action, answer.status]).toEqual([action, 204])
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('access-control-allow-headers')).toBe('x-one, x-two')
      expect(answer.headers.get('access-control-max-age')).toBe('86400')
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    }
    const answer = await given.get('account/info', given.ann.credentials)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  })
})

describe('the answer', () => {
  test('of a success has the payload, then _status and _datetime, and no status', async () => {
    const listing = await given.ann.call('folder/listing')
    expect(Object.keys(listing.json)).toEqual(['data', '_status', '_datetime'])
    const created = await given.ann.call('folder/create', { folder_name: 'a' })
    expect(Object.keys(created.json)).toEqual(['response', 'data', '_status', '_datetime'])
    expect(created.json).toMatchObject({ _status: 'success', _datetime: '2030-01-01 00:00:00' })
  })

  test('of an error says so twice and has no data', async () => {
    const answer = await given.ann.call('file/info', { file_id: 5 })
    expect(answer.json).toEqual({
      response: NO_FILE,
      status: 'error',
      _status: 'error',
      _datetime: '2030-01-01 00:00:00',
    })
  })

  test('is JSON in UTF-8 that nobody keeps', async () => {
    const answers = [
      await given.ann.call('folder/create', { folder_name: 'Größe 💾' }),
      await given.ann.call('file/info'),
      await given.post('foo/bar'),
    ]
    for (const { headers } of answers) {
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(headers.get('cache-control')).toBe('no-store')
    }
    expect(answers[0]?.json.data.folderName).toBe('Größe 💾')
  })
})

describe('a body of more than 1 MiB', () => {
  const big = 'x'.repeat(1024 * 1024)

  test('is refused with 413, however it is encoded and whatever the action', async () => {
    const { body, type } = form([textPart('a', big)])
    for (const action of actionsOf(given.app)) {
      const answers = [
        await given.post(action, { a: big }),
        await given.app.request('POST', `${API}/${action}`, { body: { a: big } }),
        await given.app.request('POST', `${API}/${action}`, { headers: { 'content-type': type }, body }),
      ]
      for (const answer of answers) expect([action, answer.status]).toEqual([action, 413])
      for (const answer of answers) refusal(answer, 413)
    }
  })

  test('is allowed up to there', async () => {
    const { ann } = given
    const used = encode({ ...ann.credentials, a: '' }).length
    expect(success(await ann.call('account/info', { a: big.slice(used) })).data.username).toBe('ann-lee')
    expect((await ann.call('account/info', { a: big.slice(used - 1) })).status).toBe(413)
  })
})

describe('odd values', () => {
  const ODD: Record<string, unknown> = {
    list: ['1', '2'],
    'empty list': [],
    object: { a: 1 },
    nul: '1\u0000',
    unicode: '١٢٣',
    emoji: '💾'.repeat(100),
    'lone surrogate': '\ud800',
    '40 kB': 'x'.repeat(40_000),
    negative: -1,
    fraction: 1.5,
    huge: '9'.repeat(40),
    'beyond safe': '9007199254740993',
    exponent: '1e3',
    hex: '0x1',
    'leading zero': '01',
    true: true,
    null: null,
    path: '../../etc/passwd',
    sql: "1' OR '1'='1",
  }
  const FIELDS = [
    'file_id',
    'folder_id',
    'parent_folder_id',
    'parent_id',
    'new_parent_folder_id',
    'copy_to_folder_id',
    'scheduled_item_id',
    'short_url',
    'filename',
    'fileType',
    'folder_name',
    'is_public',
    'access_password',
    'file_url_base64',
    'username',
    'password',
    'email',
    'package_id',
    'title',
    'paid_expiry_date',
    'status',
    'key1',
    'key2',
  ]

  test('are refused or ignored by every action, and never an error of ours', async () => {
    for (const action of actionsOf(given.app)) {
      const strange: unknown[] = []
      for (const [name, value] of Object.entries(ODD)) {
        const odd = Object.fromEntries(FIELDS.map((field) => [field, value]))
        const { credentials } = await given.member(
          `odd-${name.replaceAll(' ', '-')}-${action.replaceAll('/', '-')}`,
        )
        const body = { ...odd, ...credentials }
        const answer = await given.app.request('POST', `${API}/${action}`, { body })
        if (answer.status !== 200 || typeof answer.json?._status !== 'string')
          strange.push([action, name, answer.status, answer.text.slice(0, 200)])
      }
      expect(strange).toEqual([])
    }
  }, 60_000)

  test('as credentials are missing or wrong', async () => {
    for (const [name, value] of Object.entries(ODD)) {
      const body = { access_token: value, account_id: value }
      const answer = await given.app.request('POST', `${API}/account/info`, { body })
      const absent = ['empty list', 'object'].includes(name)
      expect([name, refusal(answer)]).toEqual([name, absent ? NO_TOKEN : REAUTHENTICATE])
    }
  })

  test('as ids are ids of nothing', async () => {
    const { ann } = given
    for (const id of ['-1', '1.5', '01', '1e3', '0x1', '٣', '9'.repeat(40), 'abc', '1 2', '1\u0000', '+1']) {
      expect([id, refusal(await ann.call('file/info', { file_id: id }))]).toEqual([id, NO_FILE])
      expect([id, refusal(await ann.call('folder/info', { folder_id: id }))]).toEqual([id, NO_FOLDER])
    }
  })
})

describe('too many calls', () => {
  const limited = scenario({
    config: { limits: { rateLimits: true, otherPerMinute: 4, signInPerMinute: 5 } },
  })

  test('are refused with 429 and told when to come back, each token for itself', async () => {
    const { ann, bob, app } = limited
    for (let time = 0; time < 4; time++) success(await ann.call('account/info'))
    app.clock.advance(20)
    const refused = await ann.call('account/info')
    expect(refusal(refused, 429)).toBe('Maximum API request limit reached.')
    expect(refused.headers.get('retry-after')).toBe('40')
    success(await bob.call('account/info'))
    app.clock.advance(40)
    success(await ann.call('account/info'))
  })

  test('count uploads too', async () => {
    const { ann } = limited
    for (let time = 0; time < 4; time++) await ann.upload('a.txt', 'x')
    const answer = await limited.send([...textParts(ann.credentials), filePart('a.txt', 'x')])
    refusal(answer, 429)
    const first = await limited.send([filePart('a.txt', 'x'), ...textParts(ann.credentials)])
    refusal(first, 429)
    expect(await limited.objects()).toBe(4)
  })

  test('to sign in are counted by address', async () => {
    const { app, ann } = limited
    app.clock.advance(60)
    for (let time = 0; time < 5; time++) success(await limited.post('authorize', ann.keys))
    const refused = await limited.post('authorize', ann.keys)
    refusal(refused, 429)
    expect(refused.headers.get('retry-after')).toBe('60')
  })
})
