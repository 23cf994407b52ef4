/** Files fetched from a URL, asked for and watched through the API; the sources are real. */
import { describe, expect, test } from 'bun:test'
import { sourcesUnderTest } from '../../remote/sources.ts'
import { sampleBytes } from '../../support/upload.ts'
import { type Member, missing, NO_FOLDER, type Parameters, refusal, scenario } from './scenario.ts'

const UNREADABLE = "Could not parse the file_url_base64 parameter. Ensure it's base64 encoded."
const NO_ITEM = 'Could not find the scheduled item based on scheduled_item_id.'
const QUOTA = 'This upload would exceed your storage quota.'
const BYTES = sampleBytes(50_000)

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const sources = sourcesUnderTest()
const given = scenario({
  config: {
    remoteImport: { allowPrivateAddresses: true, maxSize: 1_000_000 },
    uploads: { blockedExtensions: ['exe'] },
  },
})

const add = async (url: string, fields: Parameters = {}, who: Member = given.ann): Promise<string> => {
  const { data } = await who.must('file/url_upload_add', { file_url_base64: btoa(url), ...fields })
  return String(data.scheduled_item_id)
}
const status = async (scheduled_item_id: string, who: Member = given.ann) =>
  (await who.must('file/url_upload_status', { scheduled_item_id })).data
/** Works off everything that is due, with the pauses between attempts. */
async function work(): Promise<void> {
  const { imports } = given.app.core
  for (let pause = 0; pause < 12; pause++) {
    while (await imports.runNext(new AbortController().signal));
    given.app.clock.advance(120)
  }
}
/** The end of an import of this URL. */
async function fetched(url: string, fields: Parameters = {}, who: Member = given.ann) {
  const id = await add(url, fields, who)
  await work()
  return status(id, who)
}
const textOf = async (file_id: string): Promise<Uint8Array> => {
  const { download_url } = (await given.ann.must('file/download', { file_id })).data
  return (await given.app.request('GET', download_url)).bytes
}
const nothingIsKept = async (): Promise<void> => {
  expect(await given.objects()).toBe(0)
  expect((await given.ann.must('folder/listing')).data.files).toEqual([])
}

describe('a file that is fetched', () => {
  test('has its bytes, its name, its folder, and counts like an uploaded one', async () => {
    const { ann } = given
    const { href } = sources.serve(() => new Response(BYTES, { headers: { 'content-type': 'image/png' } }))
    const folder_id = await ann.folder('f')
    const item = await fetched(`${href}pictures/my%20cat.png?size=1#top`, { folder_id })
    expect(item).toMatchObject({
      status: 'complete',
      total_size: 50_000,
      downloaded_file: { name: 'my cat.png' },
    })
    expect(item).not.toHaveProperty('error')
    const file_id = String(item.downloaded_file.file_id)
    const { data } = await ann.must('file/info', { file_id })
    expect(data).toMatchObject({
      folderId: folder_id,
      fileType: 'image/png',
      uploadSource: 'remote',
      isPublic: '1',
    })
    expect((await ann.must('folder/info', { folder_id })).data).toMatchObject({
      totalSize: '50000',
      file_count: 1,
    })
    expect(Buffer.from(await textOf(file_id)).equals(Buffer.from(BYTES))).toBe(true)
    expect((await given.app.metadata.accounts.find(ann.account.id))?.storageUsed).toBe(50_000)
  })

  test('is named by its source first, then by the URL, then download', async () => {
    const { origin } = sources.serve((request) => {
      const headers = { 'content-disposition': `attachment; filename="C:\\\\x\\\\named.txt"` }
      return new Response('x', request.url.endsWith('/named') ? { headers } : {})
    })
    const found: string[] = []
    for (const path of ['/named', '/a/b.txt', '/', '/b.txt', ''])
      found.push((await fetched(origin + path)).downloaded_file.name)
    expect(found).toEqual(['named.txt', 'b.txt', 'download', 'b (1).txt', 'download (1)'])
  })

  test('follows redirects', async () => {
    const { origin } = sources.serve((request) =>
      request.url.endsWith('/end.txt') ? new Response('Hello') : Response.redirect('/end.txt', 302),
    )
    expect(await fetched(`${origin}/start.php`)).toMatchObject({
      status: 'complete',
      downloaded_file: { size: 5 },
    })
  })

  test('is there no more when it was deleted for good', async () => {
    const { href } = sources.serve(() => new Response('Hello'))
    const id = await add(href)
    await work()
    const file_id = String((await status(id)).downloaded_file.file_id)
    await given.ann.must('file/delete', { file_id })
    given.app.clock.advance(31 * 86_400)
    await given.app.core.sweeper.sweep()
    const { access_token } = (await given.post('authorize', given.ann.keys)).json.data
    const answer = await given.ann.call('file/url_upload_status', { scheduled_item_id: id, access_token })
    expect(answer.json.data?.downloaded_file ?? null).toBeNull()
  })
})

describe('the URL', () => {
  const encoded: Array<[string, (url: string) => string]> = [
    ['plain base64', (url) => base64(url)],
    ['URL-safe base64', (url) => Buffer.from(url).toString('base64url')],
    ['base64 without padding', (url) => base64(url).replace(/=+$/, '')],
    ['base64 with blanks around', (url) => `  ${base64(url)}\r\n`],
    ['base64 of a URL with blanks around', (url) => base64(` ${url}\n`)],
  ]

  test.each(encoded)('may be %s', async (_, encode) => {
    const url = 'http://example.com/ÿ>?a=b?c~~~'
    const { data } = await given.ann.must('file/url_upload_add', { file_url_base64: encode(url) })
    expect(data.url).toBe(new URL(url).href)
    expect(Number.isInteger(data.scheduled_item_id)).toBe(true)
  })

  test.each([
    'http://example.com/',
    '!!!',
    'aGk',
    btoa('ftp://example.com/a'),
    btoa('file:///etc/passwd'),
    btoa('javascript:alert(1)'),
    btoa('http://'),
    btoa('//example.com/'),
    btoa('example.com/a'),
    btoa('\u0000'),
    btoa(`http://example.com/${'x'.repeat(3000)}`),
    Buffer.from([0xff, 0xfe]).toString('base64'),
  ])('%p is refused', async (file_url_base64) => {
    expect(refusal(await given.ann.call('file/url_upload_add', { file_url_base64 }))).toBe(UNREADABLE)
  })

  test('is asked for, and so is the folder', async () => {
    const { ann, bob } = given
    expect(refusal(await ann.call('file/url_upload_add', { file_url_base64: ' ' }))).toBe(
      missing('file_url_base64'),
    )
    const file_url_base64 = btoa('http://example.com/')
    for (const folder_id of ['999', 'abc', await bob.folder('his')])
      expect(refusal(await ann.call('file/url_upload_add', { file_url_base64, folder_id }))).toBe(NO_FOLDER)
    for (const folder_id of ['', '0', 'null'])
      await ann.must('file/url_upload_add', { file_url_base64, folder_id })
  })
})

describe('the status', () => {
  test('of what is unknown or someone else’s is refused', async () => {
    const id = await add('http://example.com/')
    for (const scheduled_item_id of ['999', 'abc', '0', '-1', '1.5'])
      expect(refusal(await given.ann.call('file/url_upload_status', { scheduled_item_id }))).toBe(NO_ITEM)
    expect(refusal(await given.bob.call('file/url_upload_status', { scheduled_item_id: id }))).toBe(NO_ITEM)
    expect(refusal(await given.ann.call('file/url_upload_status', {}))).toBe(missing('scheduled_item_id'))
    const account_id = given.ann.credentials.account_id
    await given.admin.must('file/url_upload_status', { scheduled_item_id: id, account_id })
  })

  test('goes from pending over downloading to complete, and shows how much has come', async () => {
    const arrived = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const { href } = sources.serve(
      () =>
        new Response(
          (async function* () {
            yield BYTES.slice(0, 20_000)
            arrived.resolve()
            await goOn.promise
            yield BYTES.slice(20_000)
          })(),
          { headers: { 'content-length': '50000' } },
        ),
    )
    const id = await add(href)
    expect(await status(id)).toMatchObject({
      status: 'pending',
      started: null,
      finished: null,
      downloaded_file: null,
    })
    const running = given.app.core.imports.runNext(new AbortController().signal)
    await arrived.promise
    expect(await status(id)).toMatchObject({
      status: 'downloading',
      started: '2030-01-01 00:00:00',
      downloaded_file: null,
    })
    goOn.resolve()
    await running
    expect(await status(id)).toMatchObject({
      status: 'complete',
      finished: '2030-01-01 00:00:00',
      total_size: 50_000,
    })
  })
})

describe('a failure', () => {
  const failing: Array<[string, (request: Request) => Response]> = [
    ['a source that says 404', () => new Response('no', { status: 404 })],
    ['a source that says 500', () => new Response('no', { status: 500 })],
    ['an empty file', () => new Response('')],
    ['a file beyond the limit of the site', () => new Response(new Uint8Array(1_000_001))],
    ['redirects without end', ({ url }) => Response.redirect(`${url}x`, 302)],
    ['a redirect to a file of this machine', () => Response.redirect('file:///etc/passwd', 302)],
  ]

  test.each(failing)('(%s) is told and leaves nothing', async (_, fetch) => {
    const item = await fetched(`${sources.serve(fetch).href}a.bin`)
    expect(item).toMatchObject({ status: 'failed', downloaded_file: null })
    expect(Object.keys(item).at(-1)).toBe('error')
    expect(item.error).toMatch(/\w{3}/)
    expect(item.error).not.toMatch(/127\.0\.0\.1|\/etc\//)
    await nothingIsKept()
  })

  test('of a blocked kind of file is told', async () => {
    const item = await fetched(`${sources.serve(() => new Response('MZ')).href}virus.EXE`)
    expect(item).toMatchObject({ status: 'failed', downloaded_file: null })
    await nothingIsKept()
  })

  test.each([
    [{ max_upload_size: '49999' }, /larger|exceeds/],
    [{ max_storage_bytes: '49999' }, new RegExp(QUOTA)],
  ])('for the limits %p of the package is told, and nothing is kept', async (limits, message) => {
    await given.app.core.packages.add('Small', limits as Record<string, string>)
    const cid = await given.member('cid-coe', { packageName: 'Small' })
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const item = await fetched(sources.serve(() => new Response(BYTES, { headers })).href, {}, cid)
      expect(item).toMatchObject({ status: 'failed', downloaded_file: null })
      expect(item.error).toMatch(message)
    }
    await nothingIsKept()
  })
})

describe('how many', () => {
  test('are unfinished at a time is bounded by the package', async () => {
    await given.app.core.packages.add('Two', { max_remote_download_urls: '2' })
    const cid = await given.member('cid-coe', { packageName: 'Two' })
    const { href } = sources.serve(() => new Response('x'))
    const file_url_base64 = btoa(href)
    const ask = () => cid.call('file/url_upload_add', { file_url_base64 })
    const answers = await Promise.all(Array.from({ length: 8 }, ask))
    expect(answers.filter(({ json }) => json._status === 'success')).toHaveLength(2)
    const refused = answers.find(({ json }) => json._status === 'error')
    expect(refused && refusal(refused)).toMatch(/maximum number of remote URL downloads/)
    await add(href)
    await work()
    expect((await ask()).json._status).toBe('success')
  })
})

describe('a site that fetches nothing', () => {
  const closed = scenario({ config: { remoteImport: { enabled: false } } })

  test('says so', async () => {
    const answer = await closed.ann.call('file/url_upload_add', {
      file_url_base64: btoa('http://example.com/'),
    })
    expect(refusal(answer)).toBe('Remote URL downloading is disabled.')
  })
})

describe('without the switch for private addresses', () => {
  const shielded = scenario()
  const imports = async (url: string) => {
    const { ann, app } = shielded
    const { data } = await ann.must('file/url_upload_add', { file_url_base64: btoa(url) })
    const { scheduled_item_id } = data
    for (let time = 0; time < 12; time++) {
      while (await app.core.imports.runNext(new AbortController().signal));
      app.clock.advance(120)
    }
    return (await ann.must('file/url_upload_status', { scheduled_item_id })).data
  }

  test('nothing of this machine or its network can be fetched, and nothing is connected to', async () => {
    const { connections, port } = await sources.raw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nsecret'))
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0'])
      expect([host, await imports(`http://${host}:${port}/`)]).toMatchObject([
        host,
        { status: 'failed', downloaded_file: null },
      ])
    for (const url of ['http://169.254.169.254/latest/', 'http://10.0.0.1/', 'http://192.168.1.1/'])
      expect([url, (await imports(url)).status]).toEqual([url, 'failed'])
    expect(connections()).toBe(0)
  }, 20_000)
})
