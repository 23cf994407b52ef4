/** The documentation of the uploader, flamenet and ShareX as it is served, and what the log keeps of their calls. */
import { describe, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { createLog } from '../../src/log.ts'
import { PASSWORD } from '../support/app.ts'
import { fixedClock } from '../support/fixed-clock.ts'
import { formOf } from '../support/form.ts'
import { scenario } from './nating/scenario.ts'

interface Operation {
  summary?: string
  tags?: string[]
  security?: object[]
  parameters?: Array<{ name: string; in: string }>
  requestBody?: { content: Record<string, object> }
  responses: Record<
    string,
    { description: string; content?: Record<string, { schema?: object; examples?: object }> }
  >
}

const OURS =
  /^\/(api\/(upload|register|login|logout|refresh_token|get_files|delete|transfer|flamenet)|api$|file\b|files\b|storage\/dl|web\/sharex)/

describe('the documentation', () => {
  const given = scenario()
  const documented = async () => (await given.app.request('GET', '/swagger/json')).json
  const operations = async (): Promise<Array<[string, Operation]>> => {
    const { paths } = await documented()
    return given.app.http.routes
      .filter(({ path, hooks }) => OURS.test(path) && hooks?.detail?.hide !== true)
      .map(({ method, path }) => {
        const written = path.replace(/:(\w+)/g, '{$1}')
        const operation = paths[written] ?? paths[written.replace(/\/$/, '')]
        return [`${method} ${path}`, operation?.[method.toLowerCase()]]
      })
  }

  test('is valid OpenAPI', async () => {
    const result = await new Validator().validate(await documented())
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  })

  test('has every route, with summary, family and how to authenticate', async () => {
    const all = await operations()
    expect(all.map(([route]) => route.replace(/\/$/, '')).sort()).toEqual([
      'DELETE /api/flamenet/v1/files/:id',
      'DELETE /api/flamenet/v1/files/:id/share',
      'GET /api',
      'GET /api/delete/:fileUrl',
      'GET /api/flamenet/v1/files',
      'GET /api/flamenet/v1/files/:id',
      'GET /api/flamenet/v1/files/:id/download',
      'GET /api/get_files',
      'GET /file/:fileUrl',
      'GET /files',
      'GET /storage/dl/:id',
      'GET /web/sharex/uploader.sxcu',
      'GET /web/sharex/yetishare.sxcu',
      'PATCH /api/flamenet/v1/files/:id/rename',
      'POST /api/flamenet/v1/files',
      'POST /api/flamenet/v1/files/:id/share',
      'POST /api/login',
      'POST /api/logout',
      'POST /api/refresh_token',
      'POST /api/register',
      'POST /api/transfer',
      'POST /api/upload',
    ])
    for (const [route, operation] of all) {
      expect([route, operation?.summary]).toEqual([route, expect.stringMatching(/\w{3}/)])
      expect([route, ['uploader', 'flamenet', 'web'].includes(operation.tags?.[0] ?? '')]).toEqual([
        route,
        true,
      ])
      expect([route, Array.isArray(operation.security)]).toEqual([route, true])
      const wanted = [...route.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
      const found = operation.parameters?.filter((one) => one.in === 'path').map(({ name }) => name) ?? []
      expect([route, found]).toEqual([route, wanted])
    }
  })

  test('has a schema for what succeeds and examples for what fails', async () => {
    for (const [route, { responses }] of await operations()) {
      const statuses = Object.keys(responses)
      expect([route, statuses.some((status) => status.startsWith('2'))]).toEqual([route, true])
      if (!route.includes('/api/flamenet')) continue
      for (const status of ['401', '403', '429'])
        expect([route, statuses]).toEqual([route, expect.arrayContaining([status])])
      for (const [status, { content }] of Object.entries(responses).filter(([code]) => Number(code) >= 400)) {
        const examples = content?.['application/json']?.examples ?? {}
        expect([route, status, Object.keys(examples).length > 0]).toEqual([route, status, true])
      }
    }
  })

  test('has a body for every call that reads one', async () => {
    const bodies = (await operations()).filter(([, { requestBody }]) => requestBody).map(([route]) => route)
    expect(bodies.map((route) => route.replace(/\/$/, '')).sort()).toEqual([
      'PATCH /api/flamenet/v1/files/:id/rename',
      'POST /api/flamenet/v1/files',
      'POST /api/flamenet/v1/files/:id/share',
      'POST /api/login',
      'POST /api/refresh_token',
      'POST /api/register',
      'POST /api/transfer',
      'POST /api/upload',
    ])
  })
})

describe('no secret of these calls', () => {
  const written: string[] = []
  const log = createLog({
    level: 'debug',
    format: 'json',
    clock: fixedClock(),
    write: (line) => void written.push(line),
  })
  const given = scenario({ log })

  /** Does what hands out or takes a secret; gives the secrets. */
  async function everything(): Promise<string[]> {
    const { app, ann } = given
    const { secrets } = await app.core.tokens.issue(ann.account, { kind: 'flamenet' })
    const [flamenet = ''] = secrets
    const body = { username: 'ann', password: PASSWORD }
    const jwt = (await app.request('POST', '/api/login', { body })).json.accessToken
    await app.request('POST', `/api/login?password=${encodeURIComponent(PASSWORD)}`, { body: {} })
    const form = formOf([{ filename: 'a.txt', body: 'hello' }])
    const uploaded = (await app.request('POST', '/api/upload', { token: jwt, ...form })).json
    const renewed = (await app.request('POST', '/api/refresh_token', { body: { accessToken: jwt } })).json
      .accessToken
    const { id } = (await app.request('POST', `/api/flamenet/v1/files?api_key=${flamenet}`, form)).json
    const files = '/api/flamenet/v1/files'
    const shared = (await app.request('POST', `${files}/${id}/share?api_key=${flamenet}`)).json
    const link = (
      await app.request('GET', `${files}/${id}/download?API_KEY=${flamenet}&%61pi_key=${flamenet}`)
    ).json
    await app.request('GET', shared.share_url)
    await app.request('GET', `/files?fnf_share=${shared.token}&fnf_share[]=${shared.token}`)
    await app.request('GET', link.download_url)
    const signedIn = await app.request('POST', '/web/session', { body })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const config = await app.request('GET', '/web/sharex/uploader.sxcu', { headers: { cookie } })
    const keys = await app.request('GET', '/web/sharex/yetishare.sxcu', { headers: { cookie } })
    const wrong = `/api/delete/${uploaded.file_url}?key=${uploaded.key.slice(1)}`
    await app.request('GET', wrong)
    await app.request('GET', `/api/delete/${uploaded.file_url}?key=${uploaded.key}`)
    const { key1, key2 } = JSON.parse(keys.text).Arguments
    return [
      PASSWORD,
      flamenet,
      jwt,
      renewed,
      uploaded.key,
      uploaded.key.slice(1),
      shared.token,
      new URL(link.download_url).searchParams.get('signature') ?? '',
      JSON.parse(config.text).Headers.Authorization.replace('Bearer ', ''),
      key1,
      key2,
      cookie.split('=')[1] ?? '',
    ]
  }

  test('is in any line of the log', async () => {
    written.length = 0
    const secrets = await everything()
    const text = written.join('')
    expect(written.length).toBeGreaterThan(12)
    expect(secrets.filter((secret) => typeof secret !== 'string' || secret.length < 8)).toEqual([])
    expect(
      secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret))),
    ).toEqual([])
    for (const name of ['key', 'fnf_share', 'api_key', 'signature', 'password'])
      expect(text).toMatch(new RegExp(`[?&]${name}=(\\[redacted\\]|\\*{3})`))
  })
})
