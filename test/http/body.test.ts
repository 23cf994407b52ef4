import { describe, expect, test } from 'bun:test'
import { readBody } from '../../src/http/body.ts'

const LIMIT = 1024 * 1024
const sent = (body: string | Uint8Array<ArrayBuffer> | null, type?: string): Request =>
  new Request('http://localhost/', { method: 'POST', body, headers: type ? { 'content-type': type } : {} })
const form = (body: string) => sent(body, 'application/x-www-form-urlencoded')

describe('the body of a call', () => {
  const rows: Array<[name: string, body: string, fields: Record<string, unknown>]> = [
    ['is a JSON object', '{"a":1,"b":[2]}', { a: 1, b: [2] }],
    ['may start with a byte order mark', '\ufeff{"a":1}', { a: 1 }],
    ['is nothing when empty', '', {}],
    ['is nothing when it is only space', '  ', {}],
    ['is nothing when malformed', '{"a":1', {}],
    ['is nothing when an array', '[1,2]', {}],
    ['is nothing when null', 'null', {}],
    ['is nothing when text', '"abc"', {}],
    ['is nothing when a number', '1e999', {}],
    ['is nothing when nested beyond sense', '['.repeat(200_000), {}],
    ['keeps the last of two keys', '{"a":1,"a":2}', { a: 2 }],
  ]
  test.each(rows)('%s', async (_name, body, fields) => {
    expect(await readBody(sent(body, 'application/json'), LIMIT)).toEqual(fields)
    expect(await readBody(sent(body), LIMIT)).toEqual(fields)
  })

  test('with two hundred thousand closed levels gives an object and no crash', async () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    expect(Object.keys(await readBody(sent(deep), LIMIT))).toBeArray()
  })

  test('with deep nesting beside a __proto__ key gives no crash', async () => {
    const deep = `{"__proto__":1,"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    expect(await readBody(sent(deep), LIMIT)).not.toHaveProperty('polluted')
  })

  test('cannot bring a __proto__ key, plain or escaped, at any depth', async () => {
    const body =
      '{"__proto__":{"polluted":1},"\\u005f_proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}},"b":2}'
    const fields = await readBody(sent(body), LIMIT)
    expect(Object.keys(fields)).toEqual(['a', 'b'])
    expect(Object.assign({}, fields, fields.a)).not.toHaveProperty('polluted')
    expect(Object.keys(await readBody(form('__proto__=1&__proto__[]=2&a=1'), LIMIT))).toEqual(['a'])
  })

  test('may hold bytes that are no UTF-8', async () => {
    const bytes = new Uint8Array([...Buffer.from('{"a":"'), 0xff, 0xfe, 0xc3, ...Buffer.from('"}')])
    expect(await readBody(sent(bytes), LIMIT)).toEqual({ a: '\ufffd\ufffd\ufffd' })
  })

  test('may be a form, in which name[] is a list', async () => {
    const fields = await readBody(form('a=1&b=x+y%26z&a=2&n[]=1&n[]=2&bad=%zz&=e'), LIMIT)
    expect(fields).toEqual({ a: '2', b: 'x y&z', n: ['1', '2'], bad: '%zz', '': 'e' })
  })

  test('may be a multipart form, whose files are left out', async () => {
    const data = new FormData()
    data.append('a', 'ü')
    data.append('n[]', '1')
    data.append('file', new File(['x'], 'x.txt'))
    expect(await readBody(new Request('http://localhost/', { method: 'POST', body: data }), LIMIT)).toEqual({
      a: 'ü',
      n: ['1'],
    })
  })

  test('is nothing when a multipart form is broken', async () => {
    expect(await readBody(sent('no boundary here', 'multipart/form-data; boundary=x'), LIMIT)).toEqual({})
    expect(await readBody(sent('abc', 'multipart/form-data'), LIMIT)).toEqual({})
  })

  test('is nothing without a body', async () => {
    expect(await readBody(new Request('http://localhost/'), LIMIT)).toEqual({})
  })
})

describe('the limit of a body', () => {
  const counted = (chunk: number, chunks: number) => {
    let pulled = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1
        if (pulled > chunks) controller.close()
        else controller.enqueue(new Uint8Array(chunk).fill(32))
      },
    })
    return { stream, pulled: () => pulled }
  }

  test('refuses a declared length above it without reading', async () => {
    const { stream, pulled } = counted(10, 10)
    const request = new Request('http://localhost/', {
      method: 'POST',
      body: stream,
      headers: { 'content-length': '101' },
    })
    await expect(readBody(request, 100)).rejects.toMatchObject({ code: 'body_too_large' })
    expect(pulled()).toBeLessThanOrEqual(1)
  })

  test('counts bytes while they arrive and stops there', async () => {
    const { stream, pulled } = counted(1000, 1_000_000)
    const request = new Request('http://localhost/', { method: 'POST', body: stream })
    await expect(readBody(request, 10_000)).rejects.toMatchObject({ code: 'body_too_large' })
    expect(pulled()).toBeLessThan(50)
  })

  test('counts bytes and not characters', async () => {
    await expect(readBody(sent(`{"a":"${'漢'.repeat(40)}"}`), 100)).rejects.toMatchObject({
      code: 'body_too_large',
    })
  })

  test('lets a body of exactly its size through', async () => {
    expect(await readBody(sent('{"a":1}'), 7)).toEqual({ a: 1 })
  })
})
