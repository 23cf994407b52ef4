/** Who is let in, and what the others are told, in the documented order of checks. */
import { describe, expect, test } from 'bun:test'
import { type Answer, PASSWORD, type RequestOptions } from '../../support/app.ts'
import { openUpload, sampleBytes, uploadFile } from '../../support/upload.ts'
import { MANAGED, refusal, SESSIONS, scenario } from './scenario.ts'

const FAILED: [number, string] = [401, 'Authentication failed.']
const REQUIRED: [number, string] = [401, 'Authentication required.']
const NO_SCOPE: [number, string] = [403, 'This token does not have permission for that action.']
const DISABLED: [number, string] = [
  503,
  'Chunked browser uploads are currently disabled by the administrator.',
]
const UNKNOWN = 'ups_00000000000000000000'
const UPLOAD = { filename: 'a.bin', size: 5 }

/** Every call that takes a credential. */
const CALLS: Array<[method: string, path: string, upload: boolean]> = [
  ['POST', SESSIONS, true],
  ['POST', MANAGED, true],
  ['GET', `${SESSIONS}/${UNKNOWN}`, true],
  ['POST', `${SESSIONS}/${UNKNOWN}/parts/sign`, true],
  ['POST', `${SESSIONS}/${UNKNOWN}/parts/report`, true],
  ['POST', `${SESSIONS}/${UNKNOWN}/parts/upload/1`, true],
  ['POST', `${SESSIONS}/${UNKNOWN}/complete`, true],
  ['POST', `${SESSIONS}/${UNKNOWN}/abort`, true],
  ['GET', '/api/v1/files/1', false],
  ['GET', '/api/v1/downloads/1/link', false],
  ['GET', '/api/v1/folders', false],
  ['POST', '/api/v1/folders', false],
]

const everywhere = async (
  ask: (method: string, path: string) => Promise<Answer>,
  expected: [number, string],
) => {
  for (const [method, path] of CALLS) {
    expect([path, ...refusal(await ask(method, path))]).toEqual([path, ...expected])
  }
}

describe('credentials', () => {
  const given = scenario()
  const anonymous = (headers: Record<string, string>) => (method: string, path: string) =>
    given.app.request(method, path, { headers })
  const signIn = async () => {
    const answer = await given.app.request('POST', '/web/session', {
      body: { username: 'ann', password: PASSWORD },
    })
    return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  }

  test('a token that was never issued is refused everywhere', async () => {
    await everywhere(anonymous({ authorization: `Bearer fyu_${'0'.repeat(48)}` }), FAILED)
    await everywhere(anonymous({ 'x-api-token': `fyu_${'0'.repeat(48)}` }), FAILED)
  })

  test.each(['x', 'fyu_', 'null', "' OR 1=1 --", 'Bearer', 'fyu_'.padEnd(4000, 'f')])(
    'the malformed token %# is a failed authentication',
    async (token) => {
      expect(refusal(await given.app.request('POST', SESSIONS, { token, body: UPLOAD }))).toEqual(FAILED)
    },
  )

  test('a bad token does not fall back to the cookie beside it', async () => {
    const cookie = await signIn()
    expect((await given.app.request('GET', '/api/v1/folders', { headers: { cookie } })).status).toBe(200)
    await everywhere(anonymous({ cookie, authorization: 'Bearer wrong' }), FAILED)
    await everywhere(anonymous({ cookie, 'x-api-token': 'wrong' }), FAILED)
  })

  test('the Authorization header counts before X-API-Token', async () => {
    const { token } = given.ann
    const both = { authorization: 'Bearer wrong', 'x-api-token': token }
    expect(refusal(await given.app.request('GET', '/api/v1/folders', { headers: both }))).toEqual(FAILED)
    const basic = { authorization: 'Basic YTpi', 'x-api-token': token }
    expect((await given.app.request('GET', '/api/v1/folders', { headers: basic })).status).toBe(200)
  })

  test('an expired token is refused from its last second on', async () => {
    const { token } = await given.app.account('cid', { expiresInDays: 30 })
    const ask = () => given.app.request('GET', '/api/v1/folders', { token })
    given.app.clock.advance(30 * 86_400 - 1)
    expect((await ask()).status).toBe(200)
    given.app.clock.advance(1)
    expect(refusal(await ask())).toEqual(FAILED)
  })

  test('revoking a token blocks the next request', async () => {
    await given.app.core.tokens.revoke(given.ann.tokenId)
    await everywhere((method, path) => given.call(method, path), FAILED)
  })

  test('a suspended account is refused by token and by cookie', async () => {
    const cookie = await signIn()
    await given.app.core.accounts.change('ann', { status: 'suspended' })
    await everywhere((method, path) => given.call(method, path), FAILED)
    const answer = await given.app.request('GET', '/api/v1/folders', { headers: { cookie } })
    expect(refusal(answer)).toEqual(REQUIRED)
  })

  test('a token of another API is no token here', async () => {
    const { secrets } = await given.app.core.tokens.issue(given.ann.account, { kind: 'flamenet' })
    const [secret = ''] = secrets
    expect(refusal(await given.app.request('GET', '/api/v1/folders', { token: secret }))).toEqual(FAILED)
  })

  test('a package without API access refuses its tokens', async () => {
    await given.app.core.packages.set('Gold', { api_access: '0' })
    expect(refusal(await given.call('GET', '/api/v1/folders'))).toEqual([
      403,
      'Your package does not include API access.',
    ])
  })

  test.each([
    ['files.read', true],
    ['files.upload', false],
  ])('the scope %s opens its own calls and no others', async (scope, refusesUploads) => {
    const { token } = await given.app.account('cid', { scopes: [scope] })
    for (const [method, path, upload] of CALLS) {
      const answer = await given.app.request(method, path, { token })
      const refused = answer.status === 403
      const needsWrite = method === 'POST' && path === '/api/v1/folders'
      expect([path, refused]).toEqual([path, upload === refusesUploads || needsWrite])
      if (refused) expect(refusal(answer)).toEqual(NO_SCOPE)
    }
  })

  test('without a credential, what is not an upload asks for one', async () => {
    for (const [method, path, upload] of CALLS.filter(([, , isUpload]) => !isUpload)) {
      expect([upload, ...refusal(await given.app.request(method, path))]).toEqual([false, ...REQUIRED])
    }
  })

  test("another account's session and file do not exist", async () => {
    const upload = await openUpload(given.app, given.ann.token, sampleBytes(5))
    const fileId = await uploadFile(given.app, given.ann.token, sampleBytes(5))
    const asBob = (method: string, path: string, body?: object) =>
      given.call(method, path, body, { token: given.bob.token })
    const session = `${SESSIONS}/${upload.id}`
    const steps: Array<[string, string, object?]> = [
      ['GET', session],
      ['POST', `${session}/parts/sign`, { part_numbers: [1] }],
      ['POST', `${session}/parts/report`, { part_number: 1, etag: 'x', part_size: 5 }],
      ['POST', `${session}/parts/upload/1`],
      ['POST', `${session}/complete`],
      ['POST', `${session}/abort`],
    ]
    for (const [method, path, body] of steps) {
      const found = refusal(await asBob(method, path, body))
      expect([path, ...found]).toEqual([path, 404, 'Upload session not found.'])
    }
    for (const path of [`/api/v1/files/${fileId}`, `/api/v1/downloads/${fileId}/link`]) {
      expect(refusal(await asBob('GET', path))).toEqual([404, 'File not found.'])
    }
    expect((await given.call('GET', session)).json.session.status).toBe('pending')
  })

  test('another token of the same account reaches its sessions', async () => {
    const upload = await openUpload(given.app, given.ann.token, sampleBytes(5))
    const issued = await given.app.core.tokens.issue(given.ann.account, { kind: 'nating', scopes: ['*'] })
    const answer = await given.app.request('GET', `${SESSIONS}/${upload.id}`, { token: issued.secrets[0] })
    expect(answer.status).toBe(200)
  })

  test.each(['ups_zz', '..%2f..%2fetc', '%00', 'ups_0000000000000000000', '1', "'", '%ff'])(
    'the session id %s is not found',
    async (id) => {
      expect(refusal(await given.call('GET', `${SESSIONS}/${id}`))).toEqual([
        404,
        'Upload session not found.',
      ])
    },
  )
})

describe('guests', () => {
  const given = scenario()

  test('upload, and reach their session by its id alone', async () => {
    const made = await given.app.request('POST', MANAGED, { body: UPLOAD })
    expect(made.status).toBe(201)
    expect(made.json.session).toMatchObject({ user_id: null, folder_id: null, reserved_bytes: 0 })
    const id = made.json.session.public_id
    await given.app.request('PUT', made.json.parts[0].url, { body: 'Hello' })
    const report = { part_number: 1, etag: '8b1a9953c4611296a827abf8c47804d7', part_size: 5 }
    await given.app.request('POST', made.json.report_part_url, { body: report })
    const done = await given.app.request('POST', made.json.complete_url)
    expect(done.status).toBe(201)
    expect((await given.app.request('GET', `${SESSIONS}/${id}`)).json.session.status).toBe('completed')
    expect(refusal(await given.call('GET', `${SESSIONS}/${id}`))[0]).toBe(404)
  })

  test('are refused a folder, and more than their package allows', async () => {
    const ask = (body: object) => given.app.request('POST', SESSIONS, { body })
    expect(refusal(await ask({ ...UPLOAD, folder_id: 1 }))).toEqual([
      422,
      'Guests cannot upload into private folders.',
    ])
    expect(refusal(await ask({ ...UPLOAD, size: 101 * 2 ** 20 }))).toEqual([
      422,
      'File exceeds your package upload limit.',
    ])
  })

  test("do not reach an account's session", async () => {
    const upload = await openUpload(given.app, given.ann.token, sampleBytes(5))
    expect(refusal(await given.app.request('GET', `${SESSIONS}/${upload.id}`))[0]).toBe(404)
  })
})

describe('where guests may not upload', () => {
  const given = scenario({ config: { uploads: { guests: false } } })

  test('every call asks for a credential', async () => {
    await everywhere((method, path) => given.app.request(method, path), REQUIRED)
  })

  test('a cookie that is no session is no credential', async () => {
    const headers = { cookie: `kist_session=${'0'.repeat(64)}` }
    await everywhere((method, path) => given.app.request(method, path, { headers }), REQUIRED)
  })
})

describe('where uploads are switched off', () => {
  const given = scenario({ config: { uploads: { enabled: false } } })

  test('upload calls say so before they look at the credential; the others go on', async () => {
    const credentials: RequestOptions[] = [{}, { token: 'wrong' }, { token: given.ann.token }]
    for (const [method, path, upload] of CALLS) {
      for (const credential of credentials) {
        const answer = await given.app.request(method, path, credential)
        expect([path, answer.status === 503]).toEqual([path, upload])
        if (upload) expect(refusal(answer)).toEqual(DISABLED)
      }
    }
  })
})

describe('the order of checks', () => {
  const given = scenario({ config: { limits: { rateLimits: true, createPerMinute: 1 } } })
  const bad = { filename: '', size: -1 }

  test('scope comes before the body, the body before the rate limit, that before validation', async () => {
    const reader = await given.app.account('cid', { scopes: ['files.read'] })
    const tooLong = { filename: 'a'.repeat(2 * 2 ** 20) }
    const ask = (token: string, body: object) => given.app.request('POST', SESSIONS, { token, body })
    expect(refusal(await ask(reader.token, tooLong))).toEqual(NO_SCOPE)
    expect(refusal(await ask(given.ann.token, bad))).toEqual([422, 'A filename is required.'])
    expect(refusal(await ask(given.ann.token, tooLong))[0]).toBe(413)
    expect(refusal(await ask(given.ann.token, bad))).toEqual([429, 'API token rate limit exceeded.'])
  })

  test('the rate limit comes before idempotency', async () => {
    const headers = { 'idempotency-key': 'one' }
    const ask = () => given.call('POST', SESSIONS, UPLOAD, { headers, token: given.ann.token })
    expect((await ask()).status).toBe(201)
    expect(refusal(await ask())[0]).toBe(429)
    given.app.clock.advance(60)
    expect((await ask()).headers.get('idempotency-replayed')).toBe('true')
  })
})

describe('routes that do not exist', () => {
  const given = scenario({ config: { uploads: { guests: false } } })

  test.each(['/api/v1', '/api/v1/', '/api/v1/uploads', '/api/v1/nothing', `${SESSIONS}/${UNKNOWN}/what`])(
    '%s is not found, with and without a credential',
    async (path) => {
      const expected: [number, string] = [404, 'Endpoint not found.']
      expect(refusal(await given.app.request('GET', path))).toEqual(expected)
      expect(refusal(await given.call('POST', path, {}))).toEqual(expected)
      expect(refusal(await given.app.request('DELETE', path, { token: 'wrong' }))).toEqual(expected)
    },
  )

  test.each([
    ['GET', SESSIONS, 'POST'],
    ['PUT', MANAGED, 'POST'],
    ['DELETE', `${SESSIONS}/${UNKNOWN}`, 'GET, HEAD'],
    ['GET', `${SESSIONS}/${UNKNOWN}/complete`, 'POST'],
    ['PATCH', '/api/v1/files/1', 'GET, HEAD'],
    ['DELETE', '/api/v1/folders', 'GET, HEAD, POST'],
  ])('%s %s is answered with the methods there are', async (method, path, allow) => {
    const answer = await given.app.request(method, path)
    expect(refusal(answer)).toEqual([405, 'Method not allowed.'])
    expect(answer.headers.get('allow')).toBe(allow)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('answers of the API are never cached', async () => {
    for (const path of ['/api/v1/folders', '/api/v1/files/1', '/api/v1/nothing']) {
      const answer = await given.call('GET', path)
      expect([path, answer.headers.get('cache-control')]).toEqual([path, 'no-store'])
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    }
  })
})
