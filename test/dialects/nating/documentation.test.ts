/** The API documentation of the product as it is served. */
import { describe, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { STATUS } from '../../../src/dialects/nating/faults.ts'
import { scenario } from './scenario.ts'

const given = scenario()

interface Operation {
  summary?: string
  tags?: string[]
  security?: object[]
  requestBody?: { content: Record<string, { schema?: object; example?: unknown }> }
  parameters?: Array<{ name: string; in: string }>
  responses: Record<
    string,
    { description: string; content?: Record<string, { schema?: object; examples?: Record<string, unknown> }> }
  >
}

const documented = async () => {
  const answer = await given.app.request('GET', '/swagger/json')
  expect(answer.status).toBe(200)
  return answer.json
}
const asPath = (path: string): string => path.replace(/:(\w+)/g, '{$1}')
/** Every route of nating that is not hidden. */
const operations = async (): Promise<Array<[string, Operation]>> => {
  const { paths } = await documented()
  return given.app.http.routes
    .filter(({ path, hooks }) => /^\/(api\/v1|download)\b/.test(path) && hooks?.detail?.hide !== true)
    .map(({ method, path }) => [`${method} ${path}`, paths[asPath(path)]?.[method.toLowerCase()]])
}

describe('the document', () => {
  test('is valid OpenAPI', async () => {
    const result = await new Validator().validate(await documented())
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  })

  test('names no other host', async () => {
    const text = JSON.stringify(await documented())
    const hosts = text.match(/https?:\/\/[^/"\s\\)]+/g) ?? []
    expect(hosts.filter((url) => !/\bexample(\.com|\.org|\.net)?$/.test(url))).toEqual([])
    const page = await given.app.request('GET', '/swagger')
    expect(page.text).not.toMatch(/https?:\/\//)
  })

  test('lists every route of nating, with a summary and how to authenticate', async () => {
    const all = await operations()
    expect(all.length).toBeGreaterThanOrEqual(13)
    for (const [route, operation] of all) {
      expect([route, operation?.tags]).toEqual([route, ['nating']])
      expect([route, operation.summary]).toEqual([route, expect.stringMatching(/\w{3}/)])
      expect([route, Array.isArray(operation.security)]).toEqual([route, true])
    }
  })

  test('describes every parameter of the path', async () => {
    for (const [route, operation] of await operations()) {
      const wanted = [...route.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
      const found = operation.parameters?.filter((one) => one.in === 'path').map(({ name }) => name) ?? []
      expect([route, found.sort()]).toEqual([route, wanted.sort()])
    }
  })

  test('has a schema for every success, and errors with examples as they are sent', async () => {
    for (const [route, { responses }] of (await operations()).filter(([name]) => name.includes('/api/v1'))) {
      const success = Object.entries(responses).filter(([status]) => status.startsWith('2'))
      expect([route, success.length]).toEqual([route, 1])
      expect([route, success[0]?.[1].content?.['application/json']?.schema !== undefined]).toEqual([
        route,
        true,
      ])
      for (const status of ['401', '403', '429'])
        expect([route, status, responses[status] !== undefined]).toEqual([route, status, true])
      for (const [status, response] of Object.entries(responses).filter(([code]) => Number(code) >= 400)) {
        const examples = Object.entries(response.content?.['application/json']?.examples ?? {})
        expect([route, status, examples.length > 0]).toEqual([route, status, true])
        for (const [code, example] of examples) {
          expect([route, code, String(STATUS[code as keyof typeof STATUS])]).toEqual([route, code, status])
          expect(example).toEqual({ value: { error: expect.any(String) } })
        }
      }
    }
  })

  test('has an example for every JSON body', async () => {
    const bodies = (await operations()).filter(
      ([, { requestBody }]) => requestBody?.content['application/json'],
    )
    expect(bodies.map(([route]) => route).sort()).toEqual([
      'POST /api/v1/folders',
      'POST /api/v1/uploads/managed',
      'POST /api/v1/uploads/sessions',
      'POST /api/v1/uploads/sessions/:id/complete',
      'POST /api/v1/uploads/sessions/:id/parts/report',
      'POST /api/v1/uploads/sessions/:id/parts/sign',
    ])
    for (const [route, { requestBody }] of bodies) {
      const example = requestBody?.content['application/json']?.example
      expect([route, typeof example]).toEqual([route, 'object'])
    }
  })

  test("the sample of a managed upload is the reference's own", async () => {
    const { paths } = await documented()
    const body = paths['/api/v1/uploads/managed'].post.requestBody.content['application/json']
    expect(body.example).toEqual({
      filename: 'archive.iso',
      size: 10_737_418_240,
      mime_type: 'application/octet-stream',
      folder_id: 123,
      part_numbers: [1, 2, 3],
      expires_in: 3600,
    })
  })
})
