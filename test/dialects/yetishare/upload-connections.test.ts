/** Uploads over real connections: clients that leave, and what a big file costs. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCore } from '../../../src/app.ts'
import { defaultConfig } from '../../../src/config.ts'
import { silentLog } from '../../../src/core/log.ts'
import { toAnswer } from '../../support/app.ts'
import { createContent } from '../../support/content.ts'
import { startServer, watchMemory } from '../../support/server-process.ts'
import { connectRaw } from '../../support/socket.ts'
import { sampleBytes } from '../../support/upload.ts'
import { BOUNDARY, FORM_TYPE, filePart, form, textParts } from './forms.ts'
import { scenario, success } from './scenario.ts'

const MiB = 2 ** 20

const headOf = ({ length }: Uint8Array): string =>
  `POST /api/v2/file/upload HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: ${length}\r\n\r\n`

describe('a client that leaves in the middle of its file', () => {
  const given = scenario()
  let url = ''
  let stop: () => Promise<void> = async () => {}
  beforeEach(() => {
    const { server } = given.app.http.listen({ port: 0, hostname: '127.0.0.1' })
    url = `http://127.0.0.1:${server?.port}`
    stop = async () => void (await server?.stop(true))
  })
  afterEach(() => stop())

  test.each(['fields', 'file'])(
    'with the %s first leaves nothing behind',
    async (first) => {
      const { app, ann } = given
      const file = filePart('b.bin', sampleBytes(3 * MiB))
      const fields = textParts(ann.credentials)
      const { body } = form(first === 'fields' ? [...fields, file] : [file, ...fields])
      for (const sent of [1000, MiB, 2 * MiB, body.length - 10]) {
        const client = await connectRaw(url)
        await client.send(headOf(body))
        await client.send(body.subarray(0, sent))
        while (app.http.server?.pendingRequests === 0) await Bun.sleep(1)
        client.cut()
        while ((app.http.server?.pendingRequests ?? 0) > 0) await Bun.sleep(1)
        while ((await app.metadata.objects.announced(new Date(8.64e15), 10)).length > 0) await Bun.sleep(1)
        expect([sent, await given.objects()]).toEqual([sent, 0])
        expect(await app.core.files.list(ann.account, null)).toEqual([])
        expect(await app.problems()).toEqual([])
      }
    },
    20_000,
  )

  test('is none when it only sends slowly, byte by byte', async () => {
    const { ann } = given
    const { body } = form([filePart('slow.txt', 'Hello'), ...textParts(ann.credentials)])
    const client = await connectRaw(url)
    await client.send(headOf(body))
    for (const byte of body) await client.send(Uint8Array.of(byte))
    expect(await client.until(/"_datetime":"[^"]+"\}/)).toContain('File uploaded')
    client.cut()
  })

  test('is answered while it still sends when the credentials before its file are wrong', async () => {
    const { ann } = given
    const wrong = textParts({ ...ann.credentials, access_token: 'x' })
    const { body } = form([...wrong, filePart('b.bin', sampleBytes(3 * MiB))])
    const client = await connectRaw(url)
    await client.send(headOf(body))
    await client.send(body.subarray(0, MiB))
    expect(await client.until(/"_datetime":"[^"]+"\}/)).toContain('Could not validate access_token')
    client.cut()
    expect(await given.objects()).toBe(0)
  })
})

describe('a file of 300 MiB by form', () => {
  const size = 300 * MiB
  const dir = mkdtempSync(join(tmpdir(), 'kist-form-memory-'))
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  /** A pair of keys; the server is not running yet. */
  async function makeKeys(): Promise<{ key1: string; key2: string }> {
    const { core, close } = await openCore(defaultConfig({ data: { dir } }), silentLog)
    const account = await core.accounts.create({
      name: 'ann',
      password: 'correct horse',
      packageName: 'Gold',
    })
    const { secrets } = await core.tokens.issue(account, { kind: 'yetishare' })
    await close()
    return { key1: secrets[0] ?? '', key2: secrets[1] ?? '' }
  }

  test.each(['fields', 'file'])(
    'with the %s first takes less than 150 MiB',
    async (first) => {
      const content = createContent(size, first)
      const keys = await makeKeys()
      const main = join(import.meta.dir, '../../../src/main.ts')
      const env = {
        PATH: '/usr/bin:/bin',
        KIST_SERVER_HOST: '127.0.0.1',
        KIST_SERVER_PORT: '0',
        KIST_DATA_DIR: dir,
      }
      const server = await startServer([process.execPath, main, 'serve'], { cwd: dir, env })
      try {
        const call = async (action: string, fields: Record<string, string>) =>
          toAnswer(await fetch(`${server.url}/api/v2/${action}?${new URLSearchParams(fields)}`))
        const { data: credentials } = success(await call('authorize', keys))
        const { resident: idle } = server.memory()
        const watch = watchMemory(server.pid)
        const answer = await fetch(`${server.url}/api/v2/file/upload`, {
          method: 'POST',
          headers: { 'content-type': FORM_TYPE },
          body: stream(credentials, content, first === 'file'),
        })
        const { response, data } = success(await toAnswer(answer))
        const growth = watch.stop().resident - idle
        process.stdout.write(
          `300 MiB by form, ${first} first: ${growth.toFixed(0)} MiB above ${idle.toFixed(0)}\n`,
        )
        expect([response, data?.[0].size]).toEqual(['File uploaded', String(size)])
        const md5 = new Bun.CryptoHasher('md5')
        for (const piece of content.read(0, size)) md5.update(piece)
        expect(data[0].hash).toBe(md5.digest('hex'))
        expect(growth).toBeLessThan(150)
      } finally {
        await server.end('SIGTERM')
      }
    },
    120_000,
  )
})

/** The form as it is made, never whole. */
function stream(
  credentials: object,
  content: ReturnType<typeof createContent>,
  fileFirst: boolean,
): ReadableStream<Uint8Array> {
  const text = (value: string) => new TextEncoder().encode(value)
  const fields = form(textParts(credentials), '').body
  const head = text(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="upload_file"; filename="big.bin"\r\n\r\n`,
  )
  function* pieces(): Generator<Uint8Array> {
    if (!fileFirst) yield fields
    yield head
    yield* content.read(0, content.size)
    yield text('\r\n')
    if (fileFirst) yield fields
    yield text(`--${BOUNDARY}--\r\n`)
  }
  const source = pieces()
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = source.next()
      if (next.done) controller.close()
      else controller.enqueue(new Uint8Array(next.value))
    },
  })
}
