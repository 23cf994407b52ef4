import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import { exchangeOf } from '../../src/http/exchange.ts'
import { FORM_LIMITS, type IncomingFile, readUploadForm } from '../../src/http/form.ts'
import { ANY_FIELD, END, formRequest, outcome, outcomeOf, part, readFile } from './form-request.ts'

const FILE = 'name="file"; filename="a.txt"'
const file = (bytes = 'hello', more: object = {}) => ({
  field: 'file',
  name: 'a.txt',
  mimeType: '',
  bytes,
  ...more,
})
const CUT = { code: 'invalid', message: 'The form ends before its closing boundary.' }

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

describe('a sloppy form', () => {
  const hello = { fields: {}, files: [file()] }
  const H = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
  const rows: Array<[name: string, body: string]> = [
    ['without the last line end', `--BB\r\n${H}\r\n\r\nhello\r\n--BB--`],
    ['with half of the last line end', `--BB\r\n${H}\r\n\r\nhello\r\n--BB--\r`],
    [
      'with text before and after',
      `for\r\npeople\r\n--BB\r\n${H}\r\n\r\nhello\r\n--BB--\r\nmore\r\n--BB\r\n`,
    ],
    ['with an empty line first', `\r\n--BB\r\n${H}\r\n\r\nhello\r\n--BB--\r\n`],
    ['with blanks behind its boundaries', `--BB \t\r\n${H}\r\n\r\nhello\r\n--BB-- \r\n`],
    ['whose header lines end with LF', `--BB\r\n${H}\n\nhello\r\n--BB--\r\n`],
    ['whose lines all end with LF', `--BB\n${H}\n\nhello\n--BB--\n`],
    ['whose lines end with LF but for the file', `--BB\n${H}\n\nhello\r\n--BB--\n`],
    ['in lower case', `--BB\r\n${H.toLowerCase()}\r\n\r\nhello\r\n--BB--\r\n`],
    [
      'in upper case',
      `--BB\r\nCONTENT-DISPOSITION: FORM-DATA; NAME="file"; FILENAME="a.txt"\r\n\r\nhello\r\n--BB--`,
    ],
    ['with a folded header', `--BB\r\n${H.replace('; file', ';\r\n file')}\r\n\r\nhello\r\n--BB--`],
    ['with unknown headers and lines that are none', `--BB\r\nnone\r\nX-A: b\r\n${H}\r\n\r\nhello\r\n--BB--`],
    ['with blanks before the colon', `--BB\r\n${H.replace(':', ' :')}\r\n\r\nhello\r\n--BB--`],
    ['with an attachment', `--BB\r\n${H.replace('form-data', 'attachment')}\r\n\r\nhello\r\n--BB--`],
  ]
  test.each(rows)('%s is understood', async (_name, body) => {
    expect(await outcome(body)).toEqual(hello)
    expect(await outcomeOf(formRequest([...body]))).toEqual(hello)
  })

  test.each([
    ['multipart/form-data; boundary="BB"', 'BB'],
    ['Multipart/Form-Data;BOUNDARY=BB', 'BB'],
    ['multipart/form-data; boundary="a b\'()+_,-./:=?"', "a b'()+_,-./:=?"],
    ['multipart/form-data; boundary=a:b/c=d', 'a:b/c=d'],
    ['multipart/form-data; boundary=----', '----'],
    ['multipart/form-data; charset=UTF-8; boundary=-; x=y', '-'],
  ])('%s is understood', async (type, boundary) => {
    const body = `--${boundary}\r\n${H}\r\n\r\nhello\r\n--${boundary}--\r\n`
    expect(await outcome(body, type)).toEqual(hello)
  })

  const types: Array<[sent: string | undefined, seen: string]> = [
    [undefined, ''],
    ['', ''],
    ['  ', ''],
    ['IMAGE/Jpeg', 'IMAGE/Jpeg'],
    ['text/plain; charset="utf-8"', 'text/plain; charset="utf-8"'],
    ['nonsense', 'nonsense'],
  ]
  test.each(types)('may give its file the type %p', async (sent, seen) => {
    expect(await outcome(part(FILE, 'hello', sent) + END)).toEqual({
      fields: {},
      files: [file('hello', { mimeType: seen })],
    })
  })

  const names: Array<[sent: string, seen: string]> = [
    ['filename="ü漢🙂.txt"', 'ü漢🙂.txt'],
    ['filename="a%20b.txt"', 'a%20b.txt'],
    ['filename="C:\\Users\\me\\new file.txt"', 'C:\\Users\\me\\new file.txt'],
    ['filename="../../etc/passwd"', '../../etc/passwd'],
    ['filename="a\\"b.txt"', 'a"b.txt'],
    ['filename="a%22b.txt"', 'a%22b.txt'],
    ['filename="a;b=c.txt"', 'a;b=c.txt'],
    ['filename=plain.txt', 'plain.txt'],
    ["filename*=UTF-8''%C3%BC.txt", 'ü.txt'],
    ['filename="=?utf-8?B?w7w=?="; filename*=utf-8\'\'%C3%BC.txt', 'ü.txt'],
    ['filename="a.txt"; filename*=UTF-8\'\'%zz', 'a.txt'],
    ['filename="constructor"', 'constructor'],
  ]
  test.each(names)('may name its file %s', async (sent, seen) => {
    expect((await outcome(part(`name="file"; ${sent}`, 'hello') + END)).files).toEqual([
      file('hello', { name: seen }),
    ])
  })

  test('may send names in Latin-1', async () => {
    const body = Buffer.from(part('name="file"; filename="für.txt"', 'hello') + END, 'latin1')
    expect((await outcome(body)).files).toEqual([file('hello', { name: 'für.txt' })])
  })

  test('may send texts in the character set they name', async () => {
    const body = Buffer.from(part('name="a"', 'ü', 'text/plain; charset=ISO-8859-1') + END, 'latin1')
    expect((await outcome(body)).fields).toEqual({ a: 'ü' })
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

describe('the bytes of a file', () => {
  const rows = [
    '',
    '\r\n',
    '\r',
    '\n',
    '--BBx',
    '\r\n--B',
    '\r\n--BBC\r\nmore',
    '\r\n--BB-',
    '\r\n--BB-x\r\n',
    '\r\n--BB--x\r\n',
    '\r\n--BB\rx',
    '\r\n --BB\r\n',
    `\r\n--BB${' '.repeat(65)}\r\n`,
    '\n--BB\r\n',
    '\n--BB--\r\n',
    '\r\r\n--BBx',
    '\r\n\r\n--',
    'a\r\n--BBa\r\n--BBa\r\n--BBa',
    '\x00\xff\r\n\x00',
  ]
  test.each(rows)('%j arrive as they are, however they are cut', async (bytes) => {
    const body = Buffer.from(part(FILE, bytes) + part('name="a"', '1') + END, 'latin1')
    const expected = { fields: { a: '1' }, files: [file(bytes)] }
    for (let at = 1; at < body.length; at += 1)
      expect(await outcomeOf(formRequest([body.subarray(0, at), body.subarray(at)]))).toEqual(expected)
    expect(await outcomeOf(formRequest([...body].map((byte) => new Uint8Array([byte]))))).toEqual(expected)
  })

  test('arrive while they are sent, long before the form has ended', async () => {
    const held = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(Buffer.from(part(FILE, 'first').slice(0, -2)))
        await held.promise
        controller.enqueue(Buffer.from(`second\r\n${END}`))
        controller.close()
      },
    })
    const headers = { 'content-type': 'multipart/form-data; boundary=BB' }
    const request = new Request('http://localhost/', { method: 'POST', body, headers })
    const seen: string[] = []
    await readUploadForm(request, null, ANY_FIELD, async (incoming) => {
      for await (const chunk of incoming.body) {
        seen.push(Buffer.from(chunk).toString())
        held.resolve()
      }
    })
    expect(seen).toEqual(['first', 'second'])
  })

  test('are asked for only when their receiver wants more', async () => {
    let pulled = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1
          if (pulled === 1) controller.enqueue(Buffer.from(part(FILE).slice(0, -2)))
          else if (pulled < 100) controller.enqueue(new Uint8Array(1000))
          else {
            controller.enqueue(Buffer.from(`\r\n${END}`))
            controller.close()
          }
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { 'content-type': 'multipart/form-data; boundary=BB' }
    const request = new Request('http://localhost/', { method: 'POST', body, headers })
    await readUploadForm(request, null, ANY_FIELD, async (incoming) => {
      let read = 0
      for await (const _ of incoming.body) {
        read += 1
        expect(pulled).toBeLessThanOrEqual(read + 2)
      }
      expect(read).toBe(98)
    })
  })
})

describe('a receiver', () => {
  const two = part(FILE, 'x'.repeat(1000)) + part('name="a"', '1') + part(FILE, 'second') + END

  test('may leave a file unread or half read', async () => {
    const seen: string[] = []
    const pieces = [two.slice(0, 200), two.slice(200)]
    const fields = await readUploadForm(formRequest(pieces), null, ANY_FIELD, async (incoming) => {
      if (seen.length > 0) return void seen.push((await readFile(incoming)).bytes)
      for await (const chunk of incoming.body) {
        seen.push(Buffer.from(chunk).toString())
        break
      }
    })
    expect(seen[1]).toBe('second')
    expect(seen[0]).toMatch(/^x+$/)
    expect(fields).toEqual({ a: '1' })
    expect(await readUploadForm(formRequest([two]), null, ANY_FIELD, async () => {})).toEqual({ a: '1' })
  })

  test('that refuses a file ends the reading with its own Fault', async () => {
    const request = formRequest([two.slice(0, 200), two.slice(200)])
    const refused = readUploadForm(request, null, ANY_FIELD, async () => {
      throw new Fault('file_too_large')
    })
    await expect(refused).rejects.toMatchObject({ code: 'file_too_large' })
    expect(exchangeOf(request).bytesIn).toBe(200)
  })

  test('that refuses in the middle of a file leaves the request free', async () => {
    const request = formRequest([two.slice(0, 200), two.slice(200)])
    const set: number[] = []
    const server = { timeout: (_request: Request, seconds: number) => void set.push(seconds) }
    const refused = readUploadForm(request, server, ANY_FIELD, async (incoming) => {
      for await (const _ of incoming.body) throw new Fault('file_too_large')
    })
    await expect(refused).rejects.toMatchObject({ code: 'file_too_large' })
    expect(request.body?.locked).toBe(false)
    expect(set).toEqual([0, 30])
  })

  test('that refuses while it still waits for bytes is not made to wait', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from(part(FILE, 'hello').slice(0, -2))),
    })
    const headers = { 'content-type': 'multipart/form-data; boundary=BB' }
    const request = new Request('http://localhost/', { method: 'POST', body, headers })
    const waiting: Promise<unknown>[] = []
    const options = { fileField: 'file', watch: { stallSeconds: 0.2 } }
    const reading = readUploadForm(request, null, options, async (incoming) => {
      const chunks = incoming.body[Symbol.asyncIterator]()
      await chunks.next()
      waiting.push(chunks.next().catch((error: Fault) => error.code))
      throw new Fault('storage_full')
    })
    await expect(reading).rejects.toMatchObject({ code: 'storage_full' })
    // The wait itself ends when the watch over the client ends it.
    expect(await waiting[0]).toBe('upload_stalled')
  })

  test('that reads a file after its time is told so, and nobody else is disturbed', async () => {
    const kept: IncomingFile[] = []
    const fields = await readUploadForm(
      formRequest([...two]),
      null,
      ANY_FIELD,
      async (incoming) => void kept.push(incoming),
    )
    expect(fields).toEqual({ a: '1' })
    for (const late of kept) await expect(readFile(late)).rejects.toThrow('without the reader')
  })

  test('that did not wait for its own reading gets an error and no short file', async () => {
    const readings: Promise<unknown>[] = []
    const fields = await readUploadForm(formRequest([...two]), null, ANY_FIELD, async (incoming) => {
      readings.push(readFile(incoming).catch((error: Error) => error.message))
    })
    expect(fields).toEqual({ a: '1' })
    for (const reading of readings) expect(await reading).toContain('without the reader')
  })

  test('cannot turn a cut file into a whole one by being silent about it', async () => {
    const cut = formRequest([part(FILE, 'hello').slice(0, -2)])
    const reading = readUploadForm(cut, null, ANY_FIELD, async (incoming) => {
      await readFile(incoming).catch(() => undefined)
    })
    await expect(reading).rejects.toMatchObject(CUT)
  })

  test('sees a failure of the sender as it was', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from(part(FILE, 'hello')))
      },
    })
    const headers = { 'content-type': 'multipart/form-data; boundary=BB' }
    const request = new Request('http://localhost/', { method: 'POST', body, headers })
    const errors: unknown[] = []
    const reading = readUploadForm(
      request,
      null,
      { fileField: 'file', watch: { stallSeconds: 0.03 } },
      async (incoming) => {
        await readFile(incoming).catch((error: unknown) => errors.push(error))
      },
    )
    await expect(reading).rejects.toMatchObject({ code: 'upload_stalled' })
    expect(errors).toMatchObject([{ code: 'upload_stalled' }])
  })
})

describe('a broken form', () => {
  const whole = part('name="a"', '1') + part(FILE, 'hello')
  test('is refused wherever it is cut off, before its closing boundary is complete', async () => {
    const complete = `${whole}--BB--`
    for (let at = 1; at < complete.length; at += 1) {
      const { fault, fields } = await outcome(complete.slice(0, at))
      expect(fields).toBeUndefined()
      expect(fault?.code).toBe('invalid')
    }
    expect((await outcome(complete)).fault).toBeUndefined()
  })

  test('never ends a file that is not whole', async () => {
    const body = part(FILE, 'hello')
    for (let at = 1; at <= body.length - 2; at += 1)
      expect((await outcome(body.slice(0, at))).files).toEqual([])
  })

  const H = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
  const rows: Array<[name: string, body: string, message: string]> = [
    ['of garbage', 'garbage', 'The form does not begin with its boundary.'],
    ['of another boundary', '--AA\r\n\r\n--AA--', 'The form does not begin with its boundary.'],
    [
      'of endless garbage',
      'x'.repeat(100_000) + part(FILE) + END,
      'The form does not begin with its boundary.',
    ],
    ['without its end', whole, CUT.message],
    ['with half of its end', `${whole}--BB`, CUT.message],
    ['with half of its end and a line end', `${whole}--BB\r\n`, CUT.message],
    ['with one dash at its end', `${whole}--BB-`, CUT.message],
    [
      'whose headers have no end',
      `--BB\r\n${H}\r\n--BB--\r\n`,
      'A part of the form has no end of its headers.',
    ],
    ['whose part is empty', '--BB\r\n--BB--\r\n', 'A part of the form has no end of its headers.'],
    [
      'with headers beyond 16 KiB',
      `--BB\r\nX-A: ${'a'.repeat(16 * 1024)}\r\n${H}\r\n\r\n\r\n${END}`,
      'The headers of a part of the form are too long.',
    ],
    [
      'with one endless header',
      `--BB\r\nX-A: ${'a'.repeat(100_000)}`,
      'The headers of a part of the form are too long.',
    ],
  ]
  test.each(rows)('%s is refused', async (_name, body, message) => {
    expect((await outcome(body)).fault).toEqual({ code: 'invalid', message })
    expect((await outcomeOf(formRequest(body.match(/[\s\S]{1,997}/g) ?? []))).fault).toEqual({
      code: 'invalid',
      message,
    })
  })

  test('without a boundary to its name is refused', async () => {
    const { fault } = await outcome(whole + END, 'multipart/form-data')
    expect(fault).toEqual({ code: 'invalid', message: 'The form names no boundary.' })
  })

  test('cannot bring a __proto__ key', async () => {
    const body = part('name="__proto__"', '1') + part('name="__proto__[]"', '1') + part('name="a"', '1') + END
    expect(Object.keys((await outcome(body)).fields ?? {})).toEqual(['a'])
  })
})

describe('the limits of a form', () => {
  const fields = (count: number, value = '1') =>
    Array.from({ length: count }, (_, index) => part(`name="f${index}"`, value)).join('')

  test('let through what just fits', async () => {
    const { valueBytes, nameBytes } = FORM_LIMITS
    expect(Object.keys((await outcome(fields(200) + END)).fields ?? {})).toHaveLength(200)
    expect((await outcome(part('name="a"', 'x'.repeat(valueBytes)) + END)).fields?.a).toHaveLength(valueBytes)
    expect((await outcome(part(`name="${'n'.repeat(nameBytes)}"`, '1') + END)).fault).toBeUndefined()
    expect((await outcome(fields(16, 'x'.repeat(valueBytes)) + END)).fault).toBeUndefined()
    expect((await outcome(part(FILE).repeat(1000) + END)).files).toHaveLength(1000)
  })

  const rows: Array<[name: string, body: string, code: string, message: string]> = [
    ['201 fields', fields(201), 'invalid', 'The form has too many fields.'],
    ['1001 parts', part(FILE).repeat(1001), 'invalid', 'The form has too many parts.'],
    ['1001 parts nobody wants', '--BB\r\n\r\n\r\n'.repeat(1001), 'invalid', 'The form has too many parts.'],
    [
      'a name of 201 bytes',
      part(`name="${'ü'.repeat(100)}x"`, '1'),
      'invalid',
      'The name of a form field is too long.',
    ],
    [
      'a value above 64 KiB',
      part('name="a"', 'x'.repeat(65537)),
      'body_too_large',
      'A field of the form is too long.',
    ],
    [
      'values above 1 MiB',
      fields(17, 'x'.repeat(65536)),
      'body_too_large',
      'A field of the form is too long.',
    ],
  ]
  test.each(rows)('refuse %s', async (_name, body, code, message) => {
    expect((await outcome(body + END)).fault).toEqual({ code, message })
  })

  test('can be narrowed', async () => {
    const { fault } = await outcome(fields(3) + END, undefined, { limits: { fields: 2 } })
    expect(fault?.message).toBe('The form has too many fields.')
  })

  test('stop a value while it arrives, not after', async () => {
    const request = formRequest([
      part('name="a"').slice(0, -2),
      ...Array.from({ length: 50 }, () => 'x'.repeat(8192)),
    ])
    expect((await outcomeOf(request)).fault?.code).toBe('body_too_large')
    expect(exchangeOf(request).bytesIn).toBeLessThan(80_000)
  })
})
