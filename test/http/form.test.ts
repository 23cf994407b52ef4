import { describe, expect, test } from 'bun:test'
import { exchangeOf } from '../../src/http/exchange.ts'
import { readUploadForm } from '../../src/http/form.ts'
import { ANY_FIELD, END, FILE, file, formRequest, outcome, outcomeOf, part } from './form-request.ts'

describe('a form', () => {
  test('gives its texts and hands on its file', async () => {
    const body = part('name="a"', '1') + part(FILE, 'hello', 'text/plain') + part('name="b"', 'x\r\ny') + END
    expect(await outcome(body)).toEqual({
      fields: { a: '1', b: 'x\r\ny' },
      files: [file('hello', { mimeType: 'text/plain' })],
    })
  })

  test('tells the receiver of a file the fields that came before it', async () => {
    const body = part('name="a"', '1') + part(FILE) + part('name="b"', '2') + part(FILE) + END
    const before: unknown[] = []
    await readUploadForm(
      formRequest([body]),
      null,
      ANY_FIELD,
      async (_file, fields) => void before.push(fields),
    )
    expect(before).toEqual([{ a: '1' }, { a: '1', b: '2' }])
  })

  test('may begin with its file, and may have several', async () => {
    const body = part(FILE, '1') + part('name="x"; filename="b"', '2') + part('name="a"', '3') + END
    expect(await outcome(body)).toEqual({
      fields: { a: '3' },
      files: [file('1'), { field: 'x', name: 'b', mimeType: '', bytes: '2' }],
    })
  })

  test('written by the platform is read back', async () => {
    const form = new FormData()
    form.append('a', 'ü\r\n')
    form.append('list[]', '1')
    form.append('list[]', '2')
    form.append(
      'file',
      new File([new Uint8Array([0, 13, 10, 45, 45, 255])], 'nämé "1".bin', { type: 'image/PNG' }),
    )
    const request = new Request('http://localhost/', { method: 'POST', body: form })
    expect(await outcomeOf(request)).toEqual({
      fields: { a: 'ü\r\n', list: ['1', '2'] },
      files: [{ field: 'file', name: 'nämé %221%22.bin', mimeType: 'image/png', bytes: '\x00\r\n--\xff' }],
    })
  })

  test('counts the bytes that came', async () => {
    const body = part(FILE) + END
    const request = formRequest([body])
    await outcomeOf(request)
    expect(exchangeOf(request).bytesIn).toBe(body.length)
  })

  test('without a byte, or with nothing but its end, is empty', async () => {
    expect(await outcome('')).toEqual({ fields: {}, files: [] })
    expect(await outcome(END)).toEqual({ fields: {}, files: [] })
    const request = new Request('http://localhost/', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=BB' },
    })
    expect(await outcomeOf(request)).toEqual({ fields: {}, files: [] })
  })
})

describe('a body that is no form of files', () => {
  test.each([
    ['application/x-www-form-urlencoded', 'a=1&b=x+y', { a: '1', b: 'x y' }],
    ['application/json', '{"a":"1"}', { a: '1' }],
    ['text/plain', 'nothing', {}],
    ['multipart/mixed; boundary=BB', part(FILE) + END, {}],
  ])('%s is read for its fields', async (type, body, fields) => {
    expect(await outcome(body, type)).toEqual({ fields, files: [] })
  })

  test('may not be larger than a mebibyte', async () => {
    const { fault } = await outcome('x'.repeat(1024 * 1024 + 1), 'application/x-www-form-urlencoded')
    expect(fault?.code).toBe('body_too_large')
  })
})

describe('what is a file', () => {
  test('an empty name means that none was chosen', async () => {
    const none = part('name="file"; filename=""', '', 'application/octet-stream')
    expect(await outcome(none + part('name="a"', '1') + END)).toEqual({ fields: { a: '1' }, files: [] })
  })

  test('one without bytes is one', async () => {
    expect(await outcome(part(FILE) + END)).toEqual({ fields: {}, files: [file('')] })
    // The line end behind the headers may be the one before the boundary.
    const short = '--BB\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n--BB--\r\n'
    expect(await outcome(short)).toEqual({ fields: {}, files: [file('')] })
  })

  test('a part without a name for it is one where a file belongs and a type is told, else a text', async () => {
    const body =
      part('name="file"', 'hello', 'application/octet-stream') + part('name="a"', '1', 'text/plain') + END
    expect(await outcome(body, undefined, { fileField: 'file' })).toEqual({
      fields: { a: '1' },
      files: [file('hello', { name: '', mimeType: 'application/octet-stream' })],
    })
    expect(await outcome(part('name="file"', '{}') + END, undefined, { fileField: 'file' })).toEqual({
      fields: { file: '{}' },
      files: [],
    })
  })

  test('in another field is read past, and so is what has no name at all', async () => {
    const body = `${part('name="other"; filename="x"', 'zzz')}--BB\r\n\r\nnothing\r\n${part(FILE, 'hello')}${END}`
    const isFile = (field: string) => field === 'file'
    expect(await outcome(body, undefined, { fileField: isFile })).toEqual({ fields: {}, files: [file()] })
  })

  test('may lie in a field without a name', async () => {
    expect((await outcome(part('filename="a.txt"', 'hello') + END)).files).toEqual([
      file('hello', { field: '' }),
    ])
  })
})
