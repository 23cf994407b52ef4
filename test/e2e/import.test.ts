/** Fetching from a URL by the compiled binary: spoken to as programs do, stopped and killed in the middle. */
import { afterAll, expect, test } from 'bun:test'
import { pattern, sentHeader, sourcesUnderTest } from '../remote/sources.ts'
import { createPlace } from '../support/binary.ts'
import type { RunningServer } from '../support/server-process.ts'

const PASSWORD = 'correct horse battery'
const sources = sourcesUnderTest()
const content = pattern(4_000_000)
const sha256 = (bytes: Uint8Array): string => new Bun.CryptoHasher('sha256').update(bytes).digest('hex')

const place = createPlace({ settings: '[remote_import]\nallow_private_addresses = true\n' })
const shielded = createPlace()
afterAll(async () => {
  await place.remove()
  await shielded.remove()
})

interface Client {
  call(action: string, fields: Record<string, string>): Promise<Record<string, unknown>>
  add(url: string): Promise<string>
  /** Asks until it is in one of the states. */
  until(id: string, ...states: string[]): Promise<Record<string, unknown>>
}

async function signIn(server: RunningServer, username: string): Promise<Client> {
  const post = async (action: string, fields: Record<string, string>) => {
    const response = await fetch(`${server.url}/api/v2/${action}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
    })
    const answer = (await response.json()) as {
      _status: string
      response?: string
      data?: Record<string, unknown>
    }
    if (answer._status !== 'success') throw new Error(answer.response)
    return answer.data ?? {}
  }
  const granted = await post('authorize', { username, password: PASSWORD })
  const credentials = {
    access_token: String(granted.access_token),
    account_id: String(granted.account_id),
  }
  const call = (action: string, fields: Record<string, string>) => post(action, { ...credentials, ...fields })
  return {
    call,
    async add(url) {
      const added = await call('file/url_upload_add', { file_url_base64: btoa(url) })
      expect(added.url).toBe(url)
      return String(added.scheduled_item_id)
    },
    async until(id, ...states) {
      for (;;) {
        const item = await call('file/url_upload_status', { scheduled_item_id: id })
        if (states.includes(String(item.status))) return item
        await Bun.sleep(150)
      }
    },
  }
}

async function addUser(at: typeof place, name: string): Promise<void> {
  const added = await at.run(['user', 'add', name, '--password-stdin'], { input: PASSWORD })
  expect(added).toMatchObject({ code: 0 })
}

/** Half of the content on the first connection, then silence; all of it on later ones. */
async function halting() {
  const halfway = Promise.withResolvers<void>()
  const source = await sources.raw((socket, _, count) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\nContent-Type: image/png\r\n\r\n`)
    if (count > 1) socket.end(content)
    else socket.write(content.subarray(0, 2_000_000), () => halfway.resolve())
  })
  return { ...source, halfway: halfway.promise }
}

async function expectFile(
  server: RunningServer,
  client: Client,
  item: Record<string, unknown>,
  name: string,
): Promise<void> {
  const file = item.downloaded_file as { file_id: number; name: string; size: number; url: string }
  expect(file).toMatchObject({ name, size: content.length })
  expect(file.url.startsWith(server.url)).toBe(true)
  const link = await client.call('file/download', { file_id: String(file.file_id) })
  const bytes = new Uint8Array(await (await fetch(String(link.download_url))).arrayBuffer())
  expect(sha256(bytes)).toBe(sha256(content))
}

test('a file is fetched, and what is not there is told', async () => {
  await addUser(place, 'ann')
  const server = await place.serve()
  const client = await signIn(server, 'ann')
  const source = await sources.raw((socket, request) => {
    const isThere = request.startsWith('GET /picture.png ')
    socket.write(
      `HTTP/1.1 ${isThere ? 200 : 404} X\r\nContent-Length: ${isThere ? content.length : 0}\r\n\r\n`,
    )
    socket.end(isThere ? content : '')
  })
  const id = await client.add(`${source.url}/picture.png`)
  await expectFile(server, client, await client.until(id, 'complete', 'failed'), 'picture.png')
  expect(sentHeader(source.requests[0] ?? '', 'user-agent')).toMatch(/^Kist/)
  const missing = await client.until(await client.add(`${source.url}/nothing`), 'complete', 'failed')
  expect(missing).toMatchObject({ status: 'failed', downloaded_file: null })
  expect(await server.end('SIGTERM')).toBe(0)
})

test('a stopped server goes on with it at once when it is started again', async () => {
  const source = await halting()
  const first = await place.serve()
  const id = await (await signIn(first, 'ann')).add(`${source.url}/stopped.png`)
  await source.halfway
  expect(await first.end('SIGTERM')).toBe(0)
  const second = await place.serve()
  const client = await signIn(second, 'ann')
  await expectFile(second, client, await client.until(id, 'complete', 'failed'), 'stopped.png')
  expect(source.requests).toHaveLength(2)
  expect(await second.end('SIGTERM')).toBe(0)
}, 20_000)

test('a killed server finishes it when it is started again, once', async () => {
  const source = await halting()
  const first = await place.serve()
  const id = await (await signIn(first, 'ann')).add(`${source.url}/killed.png`)
  await source.halfway
  await first.end('SIGKILL')
  const second = await place.serve()
  const client = await signIn(second, 'ann')
  await expectFile(second, client, await client.until(id, 'complete', 'failed'), 'killed.png')
  expect(source.requests).toHaveLength(2)
  const { files } = await client.call('folder/listing', {})
  const names = (files as Array<{ filename: string }>).map(({ filename }) => filename)
  expect(names.filter((name) => name.startsWith('killed'))).toEqual(['killed.png'])
  expect(await second.end('SIGTERM')).toBe(0)
  expect(await place.run(['check'])).toMatchObject({ code: 0 })
}, 60_000)

test('a server that is left as it is reaches nothing on its own machine', async () => {
  const canary = await sources.raw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nsecret'))
  await addUser(shielded, 'eve')
  const server = await shielded.serve({ env: { http_proxy: canary.url, HTTP_PROXY: canary.url } })
  const client = await signIn(server, 'eve')
  const hosts = ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '[::1]', '0.0.0.0']
  for (const host of hosts) {
    const { href } = new URL(`http://${host}:${canary.port}/`)
    const item = await client.until(await client.add(href), 'complete', 'failed')
    expect(item).toMatchObject({ status: 'failed', downloaded_file: null })
  }
  for (const url of [`http://user:pass@127.0.0.1:${canary.port}/`, 'http://127.0.0.1:6379/']) {
    expect((await client.until(await client.add(url), 'complete', 'failed')).status).toBe('failed')
  }
  expect(canary.connections()).toBe(0)
  expect(await server.end('SIGTERM')).toBe(0)
}, 20_000)
