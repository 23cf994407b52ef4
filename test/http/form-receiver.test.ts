import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import { exchangeOf } from '../../src/http/exchange.ts'
import { type IncomingFile, readUploadForm } from '../../src/http/form.ts'
import { ANY_FIELD, CUT, END, FILE, formRequest, part, readFile } from './form-request.ts'

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
