/** The bytes behind `/file/…` and `/f/…`: what is shown, what is saved, and to whom nothing is given. */
import { describe, expect, test } from 'bun:test'
import type { FileRecord, Visibility } from '../../../src/core/model.ts'
import { type Answer, PASSWORD } from '../../support/app.ts'
import { sampleBytes, sha256 } from '../../support/upload.ts'
import { uploaderScenario } from './scenario.ts'

const given = uploaderScenario()
const SANDBOX = "default-src 'none'; sandbox"
const get = (path: string, headers = {}, method = 'GET') => given.request(method, path, { headers })
const made = async (name: string, body: string | Uint8Array = 'hello'): Promise<string> =>
  (await given.upload(name, body)).json.file_url
const fileOf = async (slug: string): Promise<FileRecord> => {
  const file = await given.app.metadata.files.findBySlug(slug)
  if (!file) throw new Error(`no file ${slug}`)
  return file
}
const disposition = ({ headers }: Answer): string => headers.get('content-disposition') ?? ''
const cookieOf = async (username: string): Promise<string> => {
  const answer = await given.post('/web/session', { username, password: PASSWORD })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

describe('a file', () => {
  test.each<[string, string]>([
    ['xml', 'application/xml'],
    ['yaml', 'application/yaml'],
    ['aac', 'audio/aac'],
    ['mp3', 'audio/mpeg'],
    ['mpeg', 'video/mpeg'],
    ['ogg', 'audio/ogg'],
    ['gif', 'image/gif'],
    ['jpeg', 'image/jpeg'],
    ['jpg', 'image/jpeg'],
    ['png', 'image/png'],
    ['svg', 'image/svg+xml'],
    ['tiff', 'image/tiff'],
    ['ico', 'image/x-icon'],
    ['wbmp', 'image/vnd.wap.wbmp'],
    ['webp', 'image/webp'],
    ['csv', 'text/csv; charset=utf-8'],
    ['html', 'text/html; charset=utf-8'],
    ['md', 'text/markdown; charset=utf-8'],
    ['txt', 'text/plain; charset=utf-8'],
    ['mp4', 'video/mp4'],
    ['webm', 'video/webm'],
    ['avi', 'video/x-msvideo'],
  ])('.%s is shown as %s, in a sandbox', async (extension, type) => {
    const slug = await made(`My file.${extension.toUpperCase()}`)
    for (const path of [`/file/${slug}`, `/f/${slug}`]) {
      const answer = await get(path)
      expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([200, 'hello', type])
      expect(disposition(answer)).toStartWith('inline; filename="My file.')
      expect(answer.headers.get('content-security-policy')).toBe(SANDBOX)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  test.each([
    'pdf',
    'htm',
    'xhtml',
    'js',
    'json',
    'exe',
    'zip',
    'svgz',
    'swf',
    'mht',
    'css',
    'unknown',
    'файл',
  ])('.%s is saved', async (extension) => {
    const answer = await get(`/file/${await made(`a.${extension}`)}`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
    expect(disposition(answer)).toStartWith('attachment; filename="a.')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('has the headers of every download', async () => {
    const data = sampleBytes(1000)
    const slug = await made('photo.png', data)
    const answer = await get(`/file/${slug}`)
    expect(sha256(answer.bytes)).toBe(sha256(data))
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-length': '1000',
      'accept-ranges': 'bytes',
      etag: `"${sha256(data)}"`,
      'last-modified': 'Tue, 01 Jan 2030 00:00:00 GMT',
      'content-disposition': `inline; filename="photo.png"; filename*=UTF-8''photo.png`,
      'access-control-allow-origin': '*',
    })
    const head = await get(`/file/${slug}`, {}, 'HEAD')
    expect([head.status, head.bytes.length, head.headers.get('content-length')]).toEqual([200, 0, '1000'])
    expect(head.headers.get('content-security-policy')).toBe(SANDBOX)
  })

  test.each<[string, number, number, string | null]>([
    ['bytes=0-9', 206, 10, 'bytes 0-9/1000'],
    ['bytes=990-', 206, 10, 'bytes 990-999/1000'],
    ['bytes=-1', 206, 1, 'bytes 999-999/1000'],
    ['bytes=0-5000', 206, 1000, 'bytes 0-999/1000'],
    ['bytes=x', 200, 1000, null],
  ])('asked for %s gives %d', async (range, status, length, contentRange) => {
    const slug = await made('a.mp4', sampleBytes(1000))
    const answer = await get(`/file/${slug}`, { range })
    expect([answer.status, answer.bytes.length, answer.headers.get('content-range')]).toEqual([
      status,
      length,
      contentRange,
    ])
  })

  test('counts a download that begins at the first byte, and no HEAD', async () => {
    const slug = await made('a.txt')
    for (const [method, headers, count] of [
      ['HEAD', {}, 0],
      ['GET', {}, 1],
      ['GET', { range: 'bytes=2-' }, 1],
      ['GET', { range: 'bytes=0-1' }, 2],
      ['GET', { range: 'bytes=9-' }, 2],
    ] as const) {
      await get(`/file/${slug}`, headers, method)
      expect([method, (await fileOf(slug)).downloads]).toEqual([method, count])
    }
  })

  test.each([
    ['"; filename="evil.exe.txt', '_; filename=_evil.exe.txt'],
    ['a\u202etxt.png', 'atxt.png'],
    ["it's (1)*.txt", "it's (1)*.txt"],
    ['写真.jpg', '__.jpg'],
    ['a%22b.txt', 'a_22b.txt'],
  ])('of the name %j keeps it inside of the header', async (name, ascii) => {
    const answer = await get(`/file/${await made(name)}`)
    expect(answer.status).toBe(200)
    const value = disposition(answer)
    expect(value).toMatch(/^inline; filename="[\x20-\x21\x23-\x7e]*"; filename\*=UTF-8''[\w%.!~-]+$/)
    if (!name.includes('"')) expect(value).toContain(`filename="${ascii}"`)
  })

  test('is told by its present name, whatever its bytes', async () => {
    const slug = await made('a.txt', '<script>alert(1)</script>')
    const { id } = await fileOf(slug)
    await given.app.metadata.files.find(id)
    expect((await get(`/file/${slug}`)).headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })
})

describe('nothing is found', () => {
  test.each([
    '0000000zzz',
    'x',
    '0000000zzz.txt',
    '%00',
    '..%2f..%2fkist.db',
    "'%20OR%201=1--",
    '12345678901',
    '%E0%A4%A',
    '000000000%61',
  ])('at /file/%s', async (path) => {
    await made('a.txt')
    for (const prefix of ['/file/', '/f/']) {
      const answer = await get(prefix + path)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
      expect(answer.text).toContain('not found')
    }
  })

  test('by whoever prefers JSON', async () => {
    const answer = await get('/file/0000000zzz', { accept: 'application/json' })
    expect([answer.status, answer.json]).toEqual([404, { status: 'error', message: 'File not found' }])
  })

  test('where the file was deleted or trashed', async () => {
    const token = await given.signIn('ann')
    const gone = (await given.upload('a.txt', 'x', { token })).json
    const trashed = (await given.upload('b.txt', 'x', { token })).json
    await given.request('DELETE', `/api/delete/${gone.file_url}?key=${gone.key}`)
    await given.app.core.files.trash(given.ann, (await fileOf(trashed.file_url)).id)
    for (const { file_url } of [gone, trashed])
      expect((await get(`/file/${file_url}`, { cookie: await cookieOf('ann') })).status).toBe(404)
  })

  test('by another method', async () => {
    const slug = await made('a.txt')
    for (const method of ['POST', 'DELETE', 'PUT']) {
      const answer = await get(`/file/${slug}`, {}, method)
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
  })
})

describe('a file of another API', () => {
  async function* once(text: string): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(text)
  }
  const stored = async (visibility: Visibility): Promise<FileRecord> => {
    const content = { name: 'a.png', leastSize: 0, mimeType: 'text/html', folderId: null, uploadedIp: null }
    const { file } = await given.app.core.ingest.receive(
      given.ann,
      { ...content, source: 'api', visibility },
      once('hello'),
    )
    return file
  }

  test.each<[Visibility, number]>([
    [0, 404],
    [1, 200],
    [2, 200],
  ])('of visibility %d is %d for strangers, and 200 for its owner', async (visibility, status) => {
    const { slug } = await stored(visibility)
    const [ann, bob] = [await cookieOf('ann'), await cookieOf('bob')]
    for (const method of ['GET', 'HEAD']) {
      expect((await get(`/file/${slug}`, {}, method)).status).toBe(status)
      expect((await get(`/file/${slug}`, { cookie: bob }, method)).status).toBe(status)
      expect((await get(`/file/${slug}`, { cookie: ann }, method)).status).toBe(200)
    }
  })

  test('is shown as its name says, not as its sender said', async () => {
    const { slug } = await stored(1)
    expect((await get(`/file/${slug}`)).headers.get('content-type')).toBe('image/png')
  })

  test("that is private is no one's for a token of the API", async () => {
    const { slug } = await stored(0)
    const token = await given.signIn('ann')
    expect((await given.request('GET', `/file/${slug}`, { token })).status).toBe(404)
  })
})

describe('other sites', () => {
  test.each(['/file/x', '/f/x', '/api/upload', '/api', '/api/get_files'])('may ask for %s', async (path) => {
    const answer = await get(
      path,
      { origin: 'https://other.example', 'access-control-request-headers': 'authorization' },
      'OPTIONS',
    )
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  })
})

describe('the greeting', () => {
  test('of a program is JSON', async () => {
    for (const accept of ['*/*', 'application/json']) {
      const answer = await get('/api', { accept })
      expect([answer.status, answer.json]).toEqual([
        200,
        { status: 'success', message: 'File uploader RESTful API', docs: 'http://localhost/swagger' },
      ])
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    }
  })

  test('of a browser leads to the documentation', async () => {
    const answer = await get('/api', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://localhost/swagger'])
  })

  test.each(['/api/nothing', '/api/file/x', '/api/uploads', '/api/'])(
    'is only at /api: %s is not there',
    async (path) => {
      const answer = await get(path)
      if (path === '/api/') expect([200, 404]).toContain(answer.status)
      else expect([answer.status, answer.json]).toEqual([404, { status: 'error', message: 'Not found' }])
    },
  )
})
