/** Clients that vanish in the middle of a part, over a real connection. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Log } from '../../../src/core/log.ts'
import { connect } from '../../http/server-under-test.ts'
import {
  complete,
  type OpenUpload,
  openUpload,
  partBytes,
  putPart,
  reportPart,
  sampleBytes,
  sendParts,
  sha256,
} from '../../support/upload.ts'
import { refusal, SESSIONS, scenario } from './scenario.ts'

/** Tells when the answer to a request is ready, which a client that left cannot see. */
function watchingLog() {
  const lines: Array<Record<string, unknown>> = []
  let waiting: { path: string; done: (status: number) => void } | null = null
  const settle = (): void => {
    const found = lines.find(({ path }) => waiting && String(path).startsWith(waiting.path))
    if (found) waiting?.done(Number(found.status))
  }
  const log: Log = {
    info(event, fields = {}) {
      if (event !== 'request') return
      lines.push(fields)
      settle()
    },
    warn() {},
    error: (event, fields) => void lines.push({ event, ...fields }),
  }
  return {
    log,
    lines,
    answered(path: string): Promise<number> {
      const { promise, resolve } = Promise.withResolvers<number>()
      waiting = { path, done: resolve }
      lines.length = 0
      return promise
    },
  }
}

const watch = watchingLog()
const given = scenario({ log: watch.log })
const PART_SIZE = 65_536
const DATA = sampleBytes(PART_SIZE * 2 + 1)

let port = 0
beforeEach(() => {
  given.app.http.listen({ port: 0, hostname: '127.0.0.1' })
  port = given.app.http.server?.port ?? 0
})
let stop: () => Promise<void> = async () => {}
beforeEach(() => {
  const { server } = given.app.http
  stop = async () => void (await server?.stop(true))
})
afterEach(() => stop())

const open = () => openUpload(given.app, given.ann.token, DATA)
const look = async ({ id }: OpenUpload) => (await given.call('GET', `${SESSIONS}/${id}`)).json.session
const finish = (upload: OpenUpload) => complete(given.app, given.ann.token, upload.id)

/** Sends the head and the first bytes of a request, and leaves. Gives the status nobody read. */
async function cut(method: string, path: string, bytes: Uint8Array, headers = ''): Promise<number> {
  const answered = watch.answered(path.split('?')[0] ?? '')
  const connection = await connect(port)
  connection.send(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`)
  connection.send(bytes)
  connection.end()
  return answered
}

const cutPart = (upload: OpenUpload, number: number, bytes: Uint8Array, framing: string) => {
  const url = new URL(upload.parts.find((part) => part.part_number === number)?.url ?? '')
  return cut('PUT', url.pathname + url.search, bytes, framing)
}

const DECLARED = `Content-Length: ${PART_SIZE}\r\n`
const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const asChunk = (bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])

describe('a part that is cut', () => {
  test.each([
    ['with its length declared', DECLARED, (bytes: Uint8Array) => bytes],
    ['without a length', CHUNKED, asChunk],
  ])('leaves no part, %s', async (_what, framing, encode) => {
    const upload = await open()
    const status = await cutPart(upload, 1, encode(partBytes(upload, 1).subarray(0, 30_000)), framing)
    expect(status).toBe(400)
    expect((await given.app.metadata.uploads.parts(upload.id))[0]).toMatchObject({ etag: null, size: 0 })
    expect(refusal(await reportPart(given.app, given.ann.token, upload, 1))[0]).toBe(422)
    await sendParts(given.app, given.ann.token, upload)
    expect((await finish(upload)).json.checksum_sha256).toBe(sha256(DATA))
  })

  test('before its first byte leaves no part either', async () => {
    const upload = await open()
    expect(await cutPart(upload, 1, new Uint8Array(), DECLARED)).toBe(400)
    expect((await look(upload)).uploaded_bytes).toBe(0)
  })

  test('lets the next writer in', async () => {
    const upload = await open()
    await cutPart(upload, 1, partBytes(upload, 1).subarray(0, 1000), DECLARED)
    expect((await putPart(given.app, upload, 1)).status).toBe(200)
  })

  test('and that replaced another withdraws it, and the session can be resumed', async () => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    await cutPart(upload, 2, sampleBytes(30_000, 5), DECLARED)
    const session = await look(upload)
    expect(session).toMatchObject({ status: 'uploading', completed_parts: 2, uploaded_bytes: PART_SIZE + 1 })
    expect(session.parts[1]).toMatchObject({ status: 'signed', etag: null, part_size: 0 })
    expect(refusal(await finish(upload))).toEqual([
      422,
      'Completed upload size did not match the requested upload size.',
    ])
    await sendParts(given.app, given.ann.token, upload, [2])
    expect((await finish(upload)).json.checksum_sha256).toBe(sha256(DATA))
  })

  test('sent with the credential is the same', async () => {
    const upload = await open()
    const path = `${SESSIONS}/${upload.id}/parts/upload/1`
    const headers = `Authorization: Bearer ${given.ann.token}\r\n${DECLARED}`
    expect(await cut('POST', path, partBytes(upload, 1).subarray(0, 30_000), headers)).toBe(499)
    expect((await given.app.metadata.uploads.parts(upload.id))[0]).toMatchObject({ etag: null, size: 0 })
  })

  test('twenty times in a row is resumed at last', async () => {
    const upload = await open()
    for (let time = 1; time <= 20; time++) {
      await cutPart(upload, 1 + (time % 2), sampleBytes(time * 1500, time), DECLARED)
    }
    await sendParts(given.app, given.ann.token, upload)
    expect((await finish(upload)).json.checksum_sha256).toBe(sha256(DATA))
  })
})

describe('a call that is cut', () => {
  test('in its JSON changes nothing', async () => {
    const headers = `Authorization: Bearer ${given.ann.token}\r\nContent-Type: application/json\r\nContent-Length: 500\r\nIdempotency-Key: cut\r\n`
    const body = new TextEncoder().encode('{"filename":"a","size":5}')
    expect(await cut('POST', SESSIONS, body, headers)).toBe(499)
    expect(await given.app.metadata.uploads.staged()).toEqual([])
  })

  test('and everything above is nobody but the client to blame', async () => {
    const upload = await open()
    await cutPart(upload, 1, partBytes(upload, 1).subarray(0, 1000), DECLARED)
    expect(watch.lines.filter(({ event }) => event !== undefined)).toEqual([])
  })
})
