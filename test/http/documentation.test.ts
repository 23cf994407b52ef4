import { afterEach, describe, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { type AnyElysia, Elysia, t } from 'elysia'
import type { Fault } from '../../src/core/fault.ts'
import type { DocumentationOptions } from '../../src/http/documentation.ts'
import { bytesBody, bytesResponse, faultResponses, jsonBody, jsonResponse } from '../../src/http/openapi.ts'
import type { JsonObject } from '../../src/http/openapi-schema.ts'
import { signedParts } from '../../src/http/signed-parts.ts'
import { jsonDialect, type Running, serve } from './server-under-test.ts'

let running: Running | null = null
afterEach(async () => {
  await running?.close()
  running = null
})

const documentation: DocumentationOptions = {
  title: 'Kist',
  version: '1.2.3',
  description: 'A file host.',
  tags: [{ name: 'files', description: 'Files.' }],
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
}

const dialect = jsonDialect('/api', new Elysia())
const render = (fault: Fault) => dialect.renderFault(fault, new Request('http://localhost/api'))

/** Routes with everything that is known to come out wrong. */
const difficult = () =>
  new Elysia()
    .model({ Thing: t.Object({ id: t.String(), $id: t.Optional(t.String()) }, { $id: 'Thing' }) })
    .get('/api/things', () => [], { response: t.Array(t.Ref('Thing')) })
    .get('/api/things/:id', () => ({ id: '1', note: null }), {
      params: t.Object({ id: t.Numeric() }),
      query: t.Object({
        page: t.Optional(t.Numeric()),
        full: t.Optional(t.BooleanString()),
        since: t.Optional(t.Date()),
      }),
      response: { 200: t.Object({ id: t.String(), note: t.Nullable(t.String()) }) },
      detail: {
        tags: ['files'],
        summary: 'One thing',
        responses: faultResponses(render, ['file_not_found']),
      },
    })
    .post('/api/things', () => new Response(null, { status: 204 }), {
      parse: 'none',
      response: { 204: t.Void() },
      detail: {
        security: [{ bearer: [] }],
        requestBody: jsonBody(t.Object({ name: t.String(), kind: t.UnionEnum(['a', 'b']) }), {
          name: 'x',
          kind: 'a',
        }),
        responses: faultResponses(render, ['invalid', 'name_taken', 'conflict', 'rate_limited']),
      },
    })
    .put('/api/bytes', () => 'x', {
      parse: 'none',
      detail: {
        requestBody: bytesBody('The file.'),
        responses: { 200: jsonResponse('Kept.', { type: 'object' }) },
      },
    })
    .get('/api/archive.zip', () => 'x', { detail: { responses: { 200: bytesResponse('The archive.') } } })
    .get('/api/maybe/:id?', () => 'x')
    .get('/api/all/*', () => 'x')
    .all('/api/any', () => 'x')
    .ws('/api/socket', {})
    .get('/api/hidden', () => 'x', { detail: { hide: true } })

async function start(routes: AnyElysia = difficult()): Promise<{ base: string; document: JsonObject }> {
  const parts = signedParts({ putSignedPart: async () => ({ etag: '', size: 0 }) })
  running = serve(routes, { documentation, dialects: [jsonDialect('', routes), parts] })
  const response = await fetch(`${running.base}/swagger/json`)
  expect(response.status).toBe(200)
  return { base: running.base, document: (await response.json()) as JsonObject }
}

const at = (document: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document)

describe('the API document', () => {
  test('is valid OpenAPI 3.1, whatever the routes', async () => {
    const { document } = await start()
    const { valid, errors } = await new Validator().validate(document)
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(document.openapi).toBe('3.1.2')
    expect(document.info).toEqual({ title: 'Kist', version: '1.2.3', description: 'A file host.' })
  })

  test('shows each route once, under its own operation id, and no hidden one', async () => {
    const { document } = await start()
    const paths = document.paths as Record<string, Record<string, { operationId: string }>>
    expect(Object.keys(paths)).toContain('/storage/parts/{session}')
    expect(Object.keys(paths)).toContain('/api/archive.zip')
    expect(Object.keys(paths).filter((path) => /hidden|swagger|socket/.test(path))).toEqual([])
    const ids = Object.values(paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('keeps answers and parameters of the detail beside those of the schemas', async () => {
    const { document } = await start()
    const operation = at(document, 'paths', '/api/things/{id}', 'get')
    expect(Object.keys(at(operation, 'responses') as object)).toEqual(['200', '404'])
    const put = at(document, 'paths', '/storage/parts/{session}', 'put', 'parameters') as Array<{
      name: string
    }>
    expect(put.map(({ name }) => name)).toEqual(['session', 'partNumber', 'expires', 'signature'])
  })

  test('says number where text is accepted too, and points to models by reference', async () => {
    const { document } = await start()
    const parameters = at(document, 'paths', '/api/things/{id}', 'get', 'parameters') as Array<
      Record<string, unknown>
    >
    expect(parameters.find(({ name }) => name === 'page')?.schema).toMatchObject({ type: 'number' })
    const items = at(
      document,
      'paths',
      '/api/things',
      'get',
      'responses',
      '200',
      'content',
      'application/json',
    )
    expect(at(items, 'schema', 'items')).toEqual({ $ref: '#/components/schemas/Thing' })
    expect(at(document, 'components', 'schemas', 'Thing', '$id')).toBeUndefined()
    expect(at(document, 'components', 'schemas', 'Thing', 'properties', '$id')).toBeDefined()
  })

  test('gives errors as the dialect words them, one status together', async () => {
    const { document } = await start()
    const responses = at(document, 'paths', '/api/things', 'post', 'responses')
    expect(Object.keys(responses as object)).toEqual(['204', '400', '409', '429'])
    expect(at(responses, '409', 'description')).toBe(
      '- That name is already in use.\n- Something else changed this at the same moment. Try again.',
    )
    expect(at(responses, '409', 'content', 'application/json', 'examples', 'name_taken', 'value')).toEqual({
      error: 'That name is already in use.',
    })
  })
})

describe('the documentation page', () => {
  test('loads nothing from elsewhere, with and without a slash at the end', async () => {
    const { base } = await start()
    for (const path of ['/swagger', '/swagger/']) {
      const response = await fetch(base + path)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-security-policy')).toBe(
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
      )
      const html = await response.text()
      expect(html).not.toMatch(/https?:|\/\//)
      expect(html).not.toMatch(/<script>|onload=/)
      const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1])
      expect(assets).toEqual(['/swagger/swagger-ui.css', '/swagger/swagger-ui.js', '/swagger/start.js'])
      for (const asset of assets) expect((await fetch(base + asset)).status).toBe(200)
    }
  })

  test('starts from a script of our own that names the document by its full path', async () => {
    const { base } = await start()
    const script = await (await fetch(`${base}/swagger/start.js`)).text()
    expect(script).toContain("url: '/swagger/json'")
    const bundle = await fetch(`${base}/swagger/swagger-ui.js`)
    expect(bundle.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await bundle.text()).toContain('SwaggerUIBundle')
  })
})
