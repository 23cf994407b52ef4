import { afterEach, describe, expect, test } from 'bun:test'
import { FAULT_CODES, Fault, type FaultCode } from '../../src/core/fault.ts'
import { createSigner } from '../../src/core/signer.ts'
import { type SignedPartReceiver, signedParts } from '../../src/http/signed-parts.ts'
import type { WatchOptions } from '../../src/http/upload-body.ts'
import { connect, exchangeRaw, fixedClock, type Running, serve } from './server-under-test.ts'

const SESSION = 'ups_0123456789abcdef0123'
const LARGEST = 1_000_000
const signer = createSigner('00'.repeat(32), fixedClock)
const soon = fixedClock.now().getTime() / 1000 + 60

let running: Running | null = null
afterEach(async () => {
  await running?.close()
  running = null
})

interface Received {
  number: number
  length: number | null
  size: number
}

/** Judges like the core does, in the same order, and hashes what arrives. */
function receiver(received: Received[], refuse?: Fault): SignedPartReceiver {
  return {
    async putSignedPart({ session, number, expires, signature, length, body }) {
      signer.verify({ kind: 'part', session, number, expires }, signature)
      if (refuse) throw refuse
      if (length !== null && length > LARGEST) throw new Fault('part_too_large')
      const hash = new Bun.CryptoHasher('md5')
      let size = 0
      for await (const chunk of body) {
        size += chunk.byteLength
        if (size > LARGEST) throw new Fault('part_too_large')
        hash.update(chunk)
      }
      received.push({ number, length, size })
      return { etag: hash.digest('hex'), size }
    },
  }
}

function start(refuse?: Fault, watch?: WatchOptions): Running & { received: Received[] } {
  const received: Received[] = []
  const dialect = signedParts(receiver(received, refuse), watch)
  running = serve(dialect.routes, { dialects: [dialect] })
  return { ...running, received }
}

function pathOf({ session = SESSION, number = 1, expires = soon, signature = '' } = {}): string {
  const signed = signature || signer.sign({ kind: 'part', session, number, expires })
  return `/storage/parts/${session}?partNumber=${number}&expires=${expires}&signature=${signed}`
}

const xml = (code: string, message: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`

describe('a signed part URL', () => {
  test('takes bytes of any content type and answers with the quoted MD5 and no body', async () => {
    const { base, received } = start()
    for (const type of [
      'application/octet-stream',
      'application/json',
      'multipart/form-data; boundary=x',
      'x',
    ]) {
      const response = await fetch(base + pathOf(), {
        method: 'PUT',
        body: 'hello',
        headers: { 'content-type': type },
      })
      expect([response.status, await response.text()]).toEqual([200, ''])
      expect(response.headers.get('etag')).toBe('"5d41402abc4b2a76b9719d911017c592"')
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(response.headers.get('access-control-expose-headers')).toContain('ETag')
    }
    expect(received).toEqual(Array(4).fill({ number: 1, length: 5, size: 5 }))
  })

  test('takes a part without bytes, whose length is a declared zero', async () => {
    const { base, received } = start()
    expect((await fetch(base + pathOf(), { method: 'PUT' })).status).toBe(200)
    expect(received).toEqual([{ number: 1, length: 0, size: 0 }])
  })

  test('takes a part of unknown length', async () => {
    const { port, received } = start()
    const client = await connect(port)
    client.send(`PUT ${pathOf()} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`)
    client.send('5\r\nhello\r\n0\r\n\r\n')
    await client.until('5d41402abc4b2a76b9719d911017c592')
    client.end()
    expect(received).toEqual([{ number: 1, length: null, size: 5 }])
  })

  test('that is over says exactly what clients sign anew on', async () => {
    const { base } = start()
    const response = await fetch(base + pathOf({ expires: soon - 61 }), { method: 'PUT', body: 'x' })
    expect([response.status, await response.text()]).toEqual([
      403,
      xml('AccessDenied', 'Request has expired'),
    ])
    expect(response.headers.get('content-type')).toBe('application/xml')
  })

  const forged: Array<[name: string, path: string, status: number, code: string]> = [
    ['another signature', pathOf({ signature: 'ab'.repeat(32) }), 403, 'SignatureDoesNotMatch'],
    ['a short signature', pathOf({ signature: 'abcd' }), 403, 'SignatureDoesNotMatch'],
    ['a signature that is no hex', pathOf({ signature: 'zz'.repeat(32) }), 403, 'SignatureDoesNotMatch'],
    ['no signature', pathOf().replace(/&signature=.*/, ''), 403, 'SignatureDoesNotMatch'],
    ['another part number', pathOf().replace('partNumber=1', 'partNumber=2'), 403, 'SignatureDoesNotMatch'],
    ['a longer life', pathOf().replace(/expires=\d+/, `expires=${soon + 1}`), 403, 'SignatureDoesNotMatch'],
    [
      'an expiry that is no number',
      pathOf().replace(/expires=\d+/, 'expires=1e9'),
      403,
      'SignatureDoesNotMatch',
    ],
    ['another session', pathOf().replace('0123?', '0124?'), 403, 'SignatureDoesNotMatch'],
    ['a session that is no id', pathOf().replace(SESSION, '..%2f..%2fetc'), 404, 'NoSuchUpload'],
    ['a session with NUL', pathOf().replace(SESSION, `${SESSION}%00`), 404, 'NoSuchUpload'],
    ['a session that is no text', pathOf().replace(SESSION, '%ff'), 404, 'NoSuchUpload'],
    ['part zero', pathOf().replace('partNumber=1', 'partNumber=0'), 400, 'InvalidArgument'],
    ['a negative part', pathOf().replace('partNumber=1', 'partNumber=-1'), 400, 'InvalidArgument'],
    ['a part that is no number', pathOf().replace('partNumber=1', 'partNumber=one'), 400, 'InvalidArgument'],
    ['no part number', pathOf().replace('partNumber=1&', ''), 400, 'InvalidArgument'],
  ]
  test.each(forged)('with %s is refused', async (_name, path, status, code) => {
    const { base, received } = start()
    const response = await fetch(base + path, { method: 'PUT', body: 'x' })
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(`<Code>${code}</Code>`)
    expect(received).toEqual([])
  })

  const refusals: Array<[FaultCode, number, string]> = [
    ['upload_not_found', 404, 'NoSuchUpload'],
    ['parts_closed', 404, 'NoSuchUpload'],
    ['part_too_large', 400, 'EntityTooLarge'],
    ['part_too_small', 400, 'EntityTooSmall'],
    ['part_number_invalid', 400, 'InvalidArgument'],
    ['part_busy', 409, 'OperationAborted'],
    ['storage_full', 507, 'InsufficientStorage'],
    ['upload_stalled', 408, 'RequestTimeout'],
    ['internal', 500, 'InternalError'],
  ]
  test.each(refusals)('answers %s with %d %s', async (fault, status, code) => {
    const { base } = start(new Fault(fault, undefined, { retryAfter: fault === 'part_busy' ? 1 : undefined }))
    const response = await fetch(base + pathOf(), { method: 'PUT', body: 'x' })
    expect([response.status, await response.text()]).toEqual([status, xml(code, new Fault(fault).message)])
    expect(response.headers.get('retry-after')).toBe(fault === 'part_busy' ? '1' : null)
    expect(response.headers.get('connection') === 'close').toBe(fault === 'upload_stalled')
  })

  test('words every fault as an XML error', () => {
    const dialect = signedParts(receiver([]))
    for (const code of FAULT_CODES) {
      const reply = dialect.renderFault(new Fault(code, 'a<b>&"\'\0c'), new Request('http://localhost/'))
      expect(reply.status).toBeGreaterThanOrEqual(400)
      expect(String(reply.body)).toEndWith('<Message>a&lt;b&gt;&amp;&quot;&apos;c</Message></Error>')
    }
  })

  test('knows no other method', async () => {
    const { base } = start()
    const response = await fetch(base + pathOf(), { method: 'POST', body: 'x' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'PUT'])
    expect(await response.text()).toBe(xml('MethodNotAllowed', 'Method not allowed.'))
  })

  test('refuses by declared length and by signature before a byte is sent, and keeps the connection', async () => {
    const { port } = start()
    const client = await connect(port)
    client.send(`PUT ${pathOf()} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000000\r\n\r\n`)
    const answer = await client.until('</Error>')
    expect(answer).toStartWith('HTTP/1.1 400')
    expect(answer).toContain('EntityTooLarge')
    expect(answer.toLowerCase()).not.toContain('connection: close')
    client.end()
  })

  test('refuses in the middle of an upload so that a client that is still sending sees it', async () => {
    const { base } = start()
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(65536))
      },
    })
    const aborted = new AbortController()
    const response = await fetch(base + pathOf(), { method: 'PUT', body, signal: aborted.signal })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('EntityTooLarge')
    aborted.abort()
  })

  test('whose client stalls gets 408 in XML and a closed connection', async () => {
    const { port } = start(undefined, { stallSeconds: 0.1 })
    const answer = await exchangeRaw(
      port,
      `PUT ${pathOf()} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc`,
    )
    expect(answer).toStartWith('HTTP/1.1 408')
    expect(answer).toContain('<Code>RequestTimeout</Code>')
  })

  test('never shows its signature in the log', async () => {
    const { base, log } = start()
    const path = pathOf()
    await fetch(base + path, { method: 'PUT', body: 'x' })
    expect(JSON.stringify(log.lines)).not.toContain(/signature=(\w+)/.exec(path)?.[1] ?? '')
    expect(log.lines[0]?.fields).toMatchObject({ dialect: 'parts', bytes_in: 1 })
  })
})
