/** The front page: who may upload there, and what it learns of what was uploaded. */
import { describe, expect, test } from 'bun:test'
import { createTestApp, type TestApp } from '../support/app.ts'
import { md5 } from '../support/upload.ts'
import { site, siteOf, wordsOf } from './site.ts'

const given = site()
const form = 'data-upload'

/** Sends a file as the page does; the id of the session. */
async function upload(app: TestApp, headers: Record<string, string> = {}): Promise<string> {
  const bytes = new TextEncoder().encode('hello')
  const wanted = { filename: 'hello.txt', size: bytes.length, part_numbers: [1] }
  const { json } = await app.request('POST', '/api/v1/uploads/managed', { body: wanted, headers })
  const id: string = json.session.public_id
  const { pathname, search } = new URL(json.parts[0].url)
  await app.request('PUT', pathname + search, { body: bytes })
  const next = headers['x-csrf-token'] === undefined ? headers : await freshProof(app, headers)
  const part = { part_number: 1, etag: md5(bytes), part_size: bytes.length }
  await app.request('POST', json.report_part_url, { body: part, headers: next })
  const last = headers['x-csrf-token'] === undefined ? headers : await freshProof(app, headers)
  await app.request('POST', json.complete_url, { body: {}, headers: last })
  return id
}

async function freshProof(
  app: TestApp,
  { cookie = '' }: Record<string, string>,
): Promise<Record<string, string>> {
  const { json } = await app.request('GET', '/web/session', { headers: { cookie } })
  return { cookie, 'x-csrf-token': json.csrf_token }
}

describe('the front page', () => {
  test('takes files of guests, and says that everybody finds them', async () => {
    const page = await given.get('/')
    expect(page.text).toContain(form)
    expect(wordsOf(page)).toContain(
      'They are public: everybody can find and open them. Each may have 100 MB at most.',
    )
  })

  test('takes files of those who have signed in, with proof of it', async () => {
    const { cookie, csrf } = await given.signIn('ann')
    const page = await given.get('/', { cookie })
    expect(page.text).toContain(`data-csrf="${csrf}"`)
    expect(wordsOf(page)).toContain('Everybody with the link can open them.')
  })

  test.each([
    ['guests may not', { guests: false, enabled: true }],
    ['nobody may', { guests: true, enabled: false }],
  ])('takes none where %s upload, and has no script then', async (_name, uploads) => {
    const app = await createTestApp({ config: { uploads } })
    const own = siteOf(app, (await app.account('ann')).account, (await app.account('bob')).account)
    try {
      const page = await own.get('/')
      expect([page.status, page.text.includes(form), page.text.includes('<script')]).toEqual([
        200,
        false,
        false,
      ])
      expect(page.headers.get('content-security-policy')).not.toContain('script-src')
      const { cookie } = await own.signIn('ann')
      expect((await own.get('/', { cookie })).text.includes(form)).toBe(uploads.enabled)
    } finally {
      await app.close()
    }
  })

  test('takes none of those whose package does not allow it', async () => {
    await given.app.core.packages.set('Guest', { can_upload: '0' })
    expect((await given.get('/')).text).not.toContain(form)
  })
})

describe('what became of an upload', () => {
  test('is told to who knows the session, with the link to delete it', async () => {
    const id = await upload(given.app)
    const { status, json, headers } = await given.get(`/web/uploads/${id}`)
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    const { slug, url, delete_url } = json.file
    expect(json).toEqual({ status: 'ok', file: { slug, name: 'hello.txt', size: 5, url, delete_url } })
    expect(url).toBe(`http://localhost/${slug}`)
    expect((await given.get(new URL(delete_url).pathname + new URL(delete_url).search)).status).toBe(200)
    expect((await given.get(`/${slug}`)).status).toBe(200)
  })

  test('of an account is told to it alone', async () => {
    const { cookie, csrf } = await given.signIn('ann')
    const id = await upload(given.app, { cookie, 'x-csrf-token': csrf })
    expect((await given.get(`/web/uploads/${id}`, { cookie })).json.file.name).toBe('hello.txt')
    const bob = await given.signIn('bob')
    for (const headers of [undefined, { cookie: bob.cookie }])
      expect((await given.get(`/web/uploads/${id}`, headers)).status).toBe(404)
  })

  test('is nothing before it is complete, and nothing for an unknown session', async () => {
    const body = { filename: 'a.txt', size: 5, part_numbers: [1] }
    const { json } = await given.send('POST', '/api/v1/uploads/managed', { body })
    for (const id of [json.session.public_id, 'ups_00000000000000000099', 'x'])
      expect((await given.get(`/web/uploads/${id}`)).status).toBe(404)
  })
})
