import { describe, expect, test } from 'bun:test'
import { readUploadForm } from '../../src/http/form.ts'
import { ANY_FIELD, END, FILE, file, formRequest, outcomeOf, part } from './form-request.ts'

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
