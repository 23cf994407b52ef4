/** Forms on real connections: clients that leave, are refused or fall silent, and what a big file costs. */
import { afterEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WatchOptions } from '../../src/http/upload-body.ts'
import { formRoutes } from './form-server.ts'
import { connect, type Running, serve } from './server-under-test.ts'

const MIB = 1024 * 1024
const cleanups: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const ends: string[] = []
function serving(watch: WatchOptions = {}): Running {
  ends.length = 0
  const running = serve(formRoutes(ends, watch))
  cleanups.push(running.close)
  return running
}

const TYPE = 'Content-Type: multipart/form-data; boundary=BB\r\n'
const FILE = '--BB\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
const END = '\r\n--BB--\r\n'
const head = (length: number, path = '/up') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${TYPE}Content-Length: ${length}\r\n\r\n`
/** Waits until so much was noted of files. */
const ended = async (count: number) => {
  while (ends.length < count) await Bun.sleep(1)
}

/** A file of `size` bytes that compress to nothing and repeat nowhere near. */
async function bigFile(size: number): Promise<{ path: string; sha256: string }> {
  const path = join(tmpdir(), `kist-form-${process.pid}-${size}`)
  cleanups.push(() => rm(path, { force: true }))
  const block = Buffer.alloc(MIB)
  for (let at = 0; at < block.length; at += 32)
    createHash('sha256').update(String(at)).digest().copy(block, at)
  const hash = createHash('sha256')
  const writer = Bun.file(path).writer()
  for (let left = size; left > 0; left -= MIB) {
    const piece = block.subarray(0, Math.min(left, MIB))
    hash.update(piece)
    await writer.write(piece)
  }
  await writer.end()
  return { path, sha256: hash.digest('hex') }
}

/** Status and body as curl sees them, its exit code last. */
async function curl(...args: string[]): Promise<{ status: string; body: string; exit: number }> {
  const child = Bun.spawn(['curl', '-s', '-S', '--max-time', '60', '-w', '\n%{http_code}', ...args], {
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const text = await new Response(child.stdout).text()
  const at = text.lastIndexOf('\n')
  return { status: text.slice(at + 1), body: text.slice(0, at), exit: await child.exited }
}

describe('a client of forms', () => {
  test('that is curl has its file received whole, with its fields', async () => {
    const { base } = serving()
    const { path, sha256 } = await bigFile(5 * MIB + 7)
    const { status, body } = await curl(
      '-F',
      'a=1',
      '-F',
      `file=@${path};filename="ü ;1.bin"`,
      '-F',
      'b=2',
      `${base}/up`,
    )
    expect(status).toBe('200')
    expect(JSON.parse(body)).toEqual({
      fields: { a: '1', b: '2' },
      files: [{ name: 'ü ;1.bin', size: 5 * MIB + 7, sha256 }],
    })
  })

  test('that sends chunks of unknown number is understood', async () => {
    const { base } = serving()
    const { path, sha256 } = await bigFile(MIB)
    const { body } = await curl('-H', 'Transfer-Encoding: chunked', '-F', `file=@${path}`, `${base}/up`)
    expect(JSON.parse(body).files).toMatchObject([{ size: MIB, sha256 }])
  })

  test('that leaves in the middle of a file is known to have left, and nothing is unhandled', async () => {
    const { port, metrics } = serving()
    for (let round = 1; round <= 30; round += 1) {
      const client = await connect(port)
      client.send(head(10 * MIB))
      client.send(`${FILE}${'x'.repeat(round * 1000)}`)
      await ended(2 * round - 1)
      client.end()
      await ended(2 * round)
    }
    expect(new Set(ends)).toEqual(new Set(['began', 'client_gone']))
    expect(ends.filter((end) => end === 'client_gone')).toHaveLength(30)
    expect(metrics.unhandledErrors()).toBe(0)
  })

  test('that falls silent in the middle of a file is told so and cut off', async () => {
    const { port } = serving({ stallSeconds: 0.1 })
    const client = await connect(port)
    client.send(head(10 * MIB))
    client.send(`${FILE}half`)
    const answer = await client.closed
    expect(answer).toStartWith('HTTP/1.1 408')
    expect(ends).toEqual(['began', 'upload_stalled'])
  })

  test('that announces more than its form has is answered at the end of the form', async () => {
    const { port } = serving()
    const client = await connect(port)
    client.send(head(10_000))
    client.send(`${FILE}hello${END}`)
    expect(await client.until('"size":5')).toContain('200 OK')
    client.end()
  })

  test('can use its connection again, after a form and after a refusal', async () => {
    const { port } = serving()
    const client = await connect(port)
    const body = `${FILE}${'x'.repeat(5000)}${END}`
    client.send(head(body.length) + body)
    await client.until('"size":5000')
    client.send(head(body.length, '/up?limit=10') + body)
    await client.until('File exceeds')
    const last = `${FILE}${'x'.repeat(77)}${END}`
    client.send(head(last.length) + last)
    expect(await client.until('"size":77')).toContain('"size":77')
    client.end()
  })
})

describe('a refusal', () => {
  test.each([
    ['in the middle of the file', '/up?limit=1000000', '413', 'File exceeds your package upload limit.'],
    ['before the first byte of the file', '/refuse', '401', 'Authentication failed.'],
  ])('%s reaches a client that is still sending', async (_name, path, status, message) => {
    const { base, metrics } = serving()
    const { path: file } = await bigFile(100 * MIB)
    for (const expectation of ['Expect: 100-continue', 'Expect:']) {
      const answer = await curl('-H', expectation, '-F', `file=@${file}`, `${base}${path}`)
      expect(answer).toEqual({ status, body: JSON.stringify({ error: message }), exit: 0 })
    }
    const limited = await curl('--limit-rate', '30M', '-F', `file=@${file}`, `${base}${path}`)
    expect(limited).toMatchObject({ status, exit: 0 })
    const form = new FormData()
    form.append('file', Bun.file(file))
    const fetched = await fetch(`${base}${path}`, { method: 'POST', body: form })
    expect(String(fetched.status)).toBe(status)
    expect(await fetched.json()).toEqual({ error: message })
    expect(metrics.unhandledErrors()).toBe(0)
  })

  test('of a form that is none reaches its client too', async () => {
    const { base } = serving()
    const { path } = await bigFile(20 * MIB)
    const type = 'Content-Type: multipart/form-data; boundary=zz'
    const answer = await curl('-X', 'POST', '-H', type, '--data-binary', `@${path}`, `${base}/up`)
    expect(answer).toMatchObject({ status: '400', exit: 0 })
    expect(answer.body).toContain('does not begin with its boundary')
  })
})

describe('a big file', () => {
  test('costs no memory, received or refused', async () => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, 'form-server.ts')], { stdout: 'pipe' })
    cleanups.push(async () => {
      child.kill()
      await child.exited
    })
    const { value } = await child.stdout.getReader().read()
    const base = new TextDecoder().decode(value).trim()
    const { path } = await bigFile(300 * MIB)
    const status = async () => await Bun.file(`/proc/${child.pid}/status`).text()
    const kib = async (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(await status())?.[1])
    await curl('-F', 'file=@/dev/null;filename=x', `${base}/up`)
    const before = await kib('VmRSS')
    const { body } = await curl('-F', `file=@${path}`, `${base}/up`)
    expect(JSON.parse(body).files).toMatchObject([{ size: 300 * MIB }])
    await curl('-F', `file=@${path}`, `${base}/up?limit=1000`)
    const growth = ((await kib('VmHWM')) - before) / 1024
    expect(growth).toBeLessThan(100)
  }, 60_000)
})
