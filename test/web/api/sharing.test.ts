/** Links an account hands out, and what strangers meet at them. */
import { beforeEach, describe, expect, test } from 'bun:test'
import type { FileRecord } from '../../../src/core/model.ts'
import type { Answer } from '../../support/app.ts'
import { site, wordsOf } from '../site.ts'
import { type Caller, callerOf, refusal } from './calls.ts'

const given = site()
let ann: Caller
let file: FileRecord
beforeEach(async () => {
  ann = await callerOf(given)
  file = await given.file({ name: 'secret.pdf', visibility: 0 })
})

const pathOf = ({ json }: Answer): string => new URL(json.url).pathname
const share = async (more: object = {}) => pathOf(await ann.post('/web/shares', { fileId: file.id, ...more }))
const later = (seconds: number) => new Date(given.app.clock.now().getTime() + seconds * 1000).toISOString()
const passOf = ({ headers }: Answer): string => headers.get('set-cookie')?.split(';')[0] ?? ''

const USED_UP = 'This link has been used as often as it can be.'
const GONE = 'What this link opened is not there any more.'

/** One page, whatever is asked for, that offers nothing; the same in JSON. */
async function hasEnded(path: string, message: string): Promise<void> {
  for (const address of [path, `${path}/download`]) {
    const page = await given.get(address, { accept: 'text/html' })
    expect([address, page.status]).toEqual([address, 404])
    expect(wordsOf(page)).toContain(`This link has ended ${message}`)
    expect(page.text).not.toContain('/download')
    const json = await given.get(address, { accept: 'application/json' })
    expect([json.status, json.json]).toEqual([404, { status: 'error', message }])
  }
}

describe('a link to a file', () => {
  test('opens it, however private it is, and nothing else', async () => {
    const path = await share()
    const page = await given.get(path)
    expect([page.status, wordsOf(page)]).toEqual([200, expect.stringContaining('secret.pdf')])
    const bytes = await given.get(`${path}/download`)
    expect([bytes.status, bytes.bytes.length]).toEqual([200, 3000])
    expect((await given.get(`/${file.slug}`)).status).toBe(403)
    const other = await given.file({ name: 'other.pdf' })
    expect((await given.get(`${path}/file/${other.id}`)).status).toBe(404)
  })

  test('of many: each has terms of its own, and all are listed', async () => {
    const expires = later(3600)
    await share({ expires, downloadsLeft: 3, password: 'x' })
    await share()
    const { json } = await ann.get(`/web/shares?fileId=${file.id}`)
    expect(json.links).toMatchObject([
      { name: 'secret.pdf', hasPassword: false, expires: null, downloadsLeft: null, downloads: 0 },
      { name: 'secret.pdf', hasPassword: true, expires, downloadsLeft: 3 },
    ])
    expect((await ann.get('/web/shares')).json.links.length).toBe(2)
    expect(JSON.stringify(json)).not.toContain('argon2')
  })

  test('ends at its moment, with a friendly page', async () => {
    const path = await share({ expires: later(60) })
    given.app.clock.advance(59)
    expect((await given.get(path)).status).toBe(200)
    given.app.clock.advance(1)
    const page = await given.get(path)
    expect([page.status, wordsOf(page)]).toEqual([404, expect.stringContaining('This link has ended.')])
    await hasEnded(path, 'This link has ended.')
  })

  test('with a password asks for it, and remembers the answer for this link alone', async () => {
    const path = await share({ password: 'open sesame' })
    const asked = await given.get(path)
    expect([asked.status, asked.text]).toEqual([401, expect.stringContaining('type="password"')])
    expect((await given.get(`${path}/download`)).status).toBe(401)
    const wrong = await given.post(path, { password: 'no' })
    expect([wrong.status, wordsOf(wrong)]).toEqual([
      403,
      expect.stringContaining('not the password of this link'),
    ])
    const right = await given.post(path, { password: 'open sesame' })
    expect([right.status, right.headers.get('location')]).toEqual([303, path])
    expect(right.headers.get('set-cookie')).toContain(`Path=${path}; HttpOnly; SameSite=Lax`)
    const cookie = passOf(right)
    expect((await given.get(`${path}/download`, { cookie })).bytes.length).toBe(3000)
    const other = await share({ password: 'open sesame' })
    expect((await given.get(`${other}/download`, { cookie })).status).toBe(401)
  })

  test('with another password needs it anew', async () => {
    const made = await ann.post('/web/shares', { fileId: file.id, password: 'one' })
    const cookie = passOf(await given.post(pathOf(made), { password: 'one' }))
    await ann.patch(`/web/shares/${made.json.id}`, { password: 'two' })
    expect((await given.get(pathOf(made), { cookie })).status).toBe(401)
    await ann.patch(`/web/shares/${made.json.id}`, { password: null })
    expect((await given.get(pathOf(made))).status).toBe(200)
  })

  test('with 3 downloads gives exactly 3, also when 12 come at once', async () => {
    const path = await share({ downloadsLeft: 3 })
    const answers = await Promise.all(Array.from({ length: 12 }, () => given.get(`${path}/download`)))
    expect(answers.filter(({ status }) => status === 200).length).toBe(3)
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.map(({ status }) => status)).toEqual(Array(9).fill(404))
    await hasEnded(path, USED_UP)
    const { json } = await ann.get('/web/shares')
    expect(json.links).toMatchObject([{ downloadsLeft: 0, downloads: 3 }])
  })

  test('a download by pieces is one', async () => {
    const path = await share({ downloadsLeft: 1 })
    const piece = (range: string) => given.get(`${path}/download`, { range })
    expect((await piece('bytes=0-999')).status).toBe(206)
    expect((await piece('bytes=1000-1999')).status).toBe(206)
    expect((await piece('bytes=2000-2999')).status).toBe(206)
    expect((await piece('bytes=0-999')).status).toBe(404)
  })

  test('looking costs no download', async () => {
    const path = await share({ downloadsLeft: 1 })
    expect((await given.send('HEAD', `${path}/download`)).status).toBe(200)
    for (let time = 0; time < 3; time++) expect((await given.get(path)).status).toBe(200)
    expect((await given.get(`${path}/download`)).status).toBe(200)
  })

  test('is dead when it is removed, its file in the trash, or its owner suspended', async () => {
    const made = await ann.post('/web/shares', { fileId: file.id })
    const path = pathOf(made)
    await given.app.core.accounts.change('ann', { status: 'suspended' })
    expect((await given.get(path)).status).toBe(403)
    await given.app.core.accounts.change('ann', { status: 'active' })
    ann = await callerOf(given)
    expect((await ann.delete(`/web/shares/${made.json.id}`)).status).toBe(200)
    expect((await given.get(path)).status).toBe(403)
    const again = await share()
    await ann.post('/web/entries/trash', { items: [{ type: 'file', id: file.id }] })
    await hasEnded(again, GONE)
    expect((await ann.get('/web/shares')).json.links).toEqual([])
  })

  test('has ended when its file has ended, whatever its own terms are', async () => {
    const now = given.app.clock.now()
    const path = await share()
    await given.app.metadata.files.update(
      given.ann.id,
      file.id,
      { expiresAt: new Date(now.getTime() + 60_000) },
      now,
    )
    expect((await given.get(path)).status).toBe(200)
    given.app.clock.advance(60)
    await hasEnded(path, GONE)
    await given.app.core.sweeper.sweep()
    expect((await given.get(path)).status).toBe(403)
  })

  test.each<[object, number]>([
    [{ expires: '2001-01-01T00:00:00Z' }, 400],
    [{ expires: 'tomorrow' }, 400],
    [{ expires: 5 }, 400],
    [{ downloadsLeft: 0 }, 400],
    [{ downloadsLeft: 1.5 }, 400],
    [{ downloadsLeft: '3' }, 400],
    [{ password: 'x'.repeat(201) }, 400],
    [{ fileId: 999 }, 404],
    [{ fileId: null }, 400],
    [{ fileId: null, folderId: 999 }, 404],
  ])('is not made of %j', async (more, status) => {
    expect((await ann.post('/web/shares', { fileId: file.id, ...more })).status).toBe(status)
  })

  test('of another account can neither be made, seen, changed nor removed', async () => {
    const { json } = await ann.post('/web/shares', { fileId: file.id })
    const bob = await callerOf(given, 'bob')
    expect((await bob.post('/web/shares', { fileId: file.id })).status).toBe(404)
    expect((await bob.get('/web/shares')).json.links).toEqual([])
    expect(refusal(await bob.patch(`/web/shares/${json.id}`, { password: 'x' }))).toEqual([
      403,
      'There is no such link.',
    ])
    expect((await bob.delete(`/web/shares/${json.id}`)).status).toBe(403)
  })
})

test.each(['x', '0'.repeat(32), 'x%2f..%2fsetup', 'X'.repeat(32)])(
  '/s/%s is a friendly page',
  async (token) => {
    const page = await given.get(`/s/${token}`)
    expect([403, 404]).toContain(page.status)
    expect(page.headers.get('content-type')).toContain('text/html')
  },
)

test('a link to a folder opens all below it, and nothing beside it', async () => {
  const top = await given.folder({ name: 'Top', visibility: 0 })
  const inner = await given.folder({ name: 'Inner', parentId: top.id, visibility: 0 })
  const deep = await given.file({ name: 'deep.pdf', folderId: inner.id, visibility: 0 })
  const beside = await given.folder({ name: 'Beside', visibility: 0 })
  const hidden = await given.file({ name: 'hidden.pdf', folderId: beside.id, visibility: 0 })
  const path = pathOf(await ann.post('/web/shares', { folderId: top.id }))
  expect(wordsOf(await given.get(path))).toContain('Inner')
  const page = await given.get(`${path}/folder/${inner.id}`)
  expect(wordsOf(page)).toContain('deep.pdf')
  expect(page.text).toContain(`href="${path}"`)
  expect((await given.get(`${path}/file/${deep.id}`)).bytes.length).toBe(3000)
  expect((await given.get(`${path}/folder/${beside.id}`)).status).toBe(404)
  expect((await given.get(`${path}/file/${hidden.id}`)).status).toBe(404)
  expect((await given.get(`${path}/file/${file.id}`)).status).toBe(404)
  expect((await given.get(`${path}/download`)).status).toBe(404)
})

describe('many links and requests', () => {
  test('are listed a hundred at a time', async () => {
    const { core } = given.app
    for (let n = 0; n < 103; n++) {
      await core.shareLinks.create(given.ann, { fileId: file.id }, {})
      await core.fileRequests.create(given.ann, null, { title: `${n}` })
    }
    for (const [path, name] of [
      ['/web/shares?', 'links'],
      [`/web/shares?fileId=${file.id}&`, 'links'],
      ['/web/requests?', 'requests'],
    ] as const) {
      const first = (await ann.get(path)).json
      const ids = first[name].map(({ id }: { id: number }) => id)
      expect([first[name].length, first.before]).toEqual([100, ids.at(-1)])
      const rest = (await ann.get(`${path}before=${first.before}`)).json
      expect([rest[name].map(({ id }: { id: number }) => id), rest.before]).toEqual([[3, 2, 1], null])
    }
  })

  test.each(['', '0', '-1', 'x', '1.5'])('have no page that begins at %p', async (before) => {
    for (const path of ['/web/shares', '/web/requests'])
      expect(refusal(await ann.get(`${path}?before=${before}`))).toEqual([
        400,
        'The value of "before" is not where a page begins.',
      ])
  })

  test('are refused beyond what an account can have, in words that name the number', async () => {
    const { shareLinks, fileRequests } = given.app.metadata
    const create = { share: shareLinks.create, request: fileRequests.create }
    const most: Array<number | undefined> = []
    // As if the account had them all: making ten thousand would take its time.
    shareLinks.create = (link, limit) => {
      most.push(limit)
      return create.share(link, 0)
    }
    fileRequests.create = (request, limit) => {
      most.push(limit)
      return create.request(request, 0)
    }
    expect(refusal(await ann.post('/web/shares', { fileId: file.id }))).toEqual([
      403,
      'You have 10,000 links, as many as an account can have. Remove some that nobody needs any more.',
    ])
    expect(refusal(await ann.post('/web/requests', { title: 'x' }))).toEqual([
      403,
      'You have 1,000 file requests, as many as an account can have. Remove some that nobody needs any more.',
    ])
    expect(most).toEqual([10_000, 1000])
    Object.assign(shareLinks, { create: create.share })
    Object.assign(fileRequests, { create: create.request })
  })
})
