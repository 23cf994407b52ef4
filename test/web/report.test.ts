/** Reporting a file, and the queue in which reports wait. */
import { describe, expect, test } from 'bun:test'
import { createTestApp } from '../support/app.ts'
import { downloadLink, site, siteOf, wordsOf } from './site.ts'

const given = site()
const SAID = { reason: 'malware', message: 'It is <b>bad</b>\r\nReally.\u202e' }

async function admin() {
  await given.app.account('root', { isAdmin: true })
  return given.signIn('root')
}
const queue = async ({ cookie }: { cookie: string }, query = '') =>
  (await given.get(`/web/admin/reports${query}`, { cookie })).json

describe('a report', () => {
  test('is made with a form, and waits for an admin', async () => {
    const file = await given.file({ name: 'a<b>.exe' })
    const page = await given.get(`/${file.slug}`)
    expect(page.text).toContain(`href="/~report/${file.slug}"`)
    const form = await given.get(`/~report/${file.slug}`)
    expect([form.status, form.headers.get('referrer-policy')]).toEqual([200, 'same-origin'])
    expect(form.text).toContain(`<form method="post" action="/~report/${file.slug}">`)
    expect(wordsOf(form)).toContain('What is wrong with a<b>.exe ?')
    const done = await given.post(`/~report/${file.slug}`, SAID, { origin: 'http://localhost' })
    expect([done.status, wordsOf(done).includes('will look at the file')]).toEqual([200, true])
    const again = await given.post(`/~report/${file.slug}`, { reason: 'other' })
    expect(again.status).toBe(200)
    expect(await queue(await admin())).toMatchObject({
      status: 'ok',
      total: 1,
      next: null,
      reports: [
        {
          file: { id: file.id, slug: file.slug, name: 'a<b>.exe', status: 'active' },
          reason: 'malware',
          message: 'It is <b>bad</b>\nReally.',
          account_id: null,
          created: '2030-01-01 00:00:00',
        },
      ],
    })
  })

  test('says who made it when somebody is signed in', async () => {
    const file = await given.file()
    const { cookie } = await given.signIn('bob')
    expect((await given.post(`/~report/${file.slug}`, SAID, { cookie })).status).toBe(200)
    expect((await queue(await admin())).reports[0].account_id).toBe(given.bob.id)
  })

  test('without a known reason is asked for again, with what was written', async () => {
    const file = await given.file()
    for (const reason of ['', 'nonsense']) {
      const answer = await given.post(`/~report/${file.slug}`, { reason, message: '</textarea><b>x' })
      expect([answer.status, wordsOf(answer).includes('Say what is wrong')]).toEqual([422, true])
      expect(answer.text).toContain('&lt;/textarea&gt;&lt;b&gt;x</textarea>')
    }
    expect((await queue(await admin())).total).toBe(0)
  })

  test('is for files that the visitor may see, and comes from our own pages', async () => {
    const file = await given.file()
    const hidden = await given.file({ visibility: 0 })
    for (const path of [`/~report/${hidden.slug}`, '/~report/zzzzzzzzzz', '/~report/x']) {
      const statuses = [(await given.get(path)).status, (await given.post(path, SAID)).status]
      expect([path, statuses]).toEqual([path, path.includes(hidden.slug) ? [403, 403] : [404, 404]])
    }
    const headers = { origin: 'https://elsewhere.example' }
    expect((await given.post(`/~report/${file.slug}`, SAID, headers)).status).toBe(403)
    const site = { 'sec-fetch-site': 'cross-site' }
    expect((await given.post(`/~report/${file.slug}`, SAID, site)).status).toBe(403)
    expect((await queue(await admin())).total).toBe(0)
  })

  test('comes no more than twenty times a day from one address', async () => {
    for (let n = 0; n < 20; n++) {
      const file = await given.file({ name: `${n}` })
      expect((await given.post(`/~report/${file.slug}`, SAID)).status).toBe(200)
    }
    const one = await given.file()
    const refused = await given.post(`/~report/${one.slug}`, SAID)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3600'])
    given.app.clock.advance(86_401)
    expect((await given.post(`/~report/${one.slug}`, SAID)).status).toBe(200)
  })

  test('is slowed down', async () => {
    const app = await createTestApp({ config: { limits: { rateLimits: true } } })
    const own = siteOf(app, (await app.account('ann')).account, (await app.account('bob')).account)
    try {
      const { slug } = await own.file()
      for (let n = 0; n < 5; n++) await own.post(`/~report/${slug}`, SAID)
      expect((await own.post(`/~report/${slug}`, SAID)).status).toBe(429)
    } finally {
      await app.close()
    }
  })
})

describe('the queue of reports', () => {
  const reported = async (names: string[]) => {
    const files = []
    for (const name of names) {
      const file = await given.file({ name })
      await given.post(`/~report/${file.slug}`, SAID)
      files.push(file)
    }
    return files
  }
  const settle = (who: { cookie: string; csrf: string }, id: number | string, action: unknown) =>
    given.send('POST', `/web/admin/reports/${id}`, {
      headers: { cookie: who.cookie, 'x-csrf-token': who.csrf },
      body: { action },
    })

  test('is for admins alone', async () => {
    const bob = await given.signIn('bob')
    expect((await given.get('/web/admin/reports')).status).toBe(401)
    expect((await given.get('/web/admin/reports', { cookie: bob.cookie })).status).toBe(403)
    expect((await settle(bob, 1, 'trash')).status).toBe(403)
    expect((await given.send('POST', '/web/admin/reports/1', { body: { action: 'trash' } })).status).toBe(401)
  })

  test('is settled one by one: dismissed, or with the file in the trash', async () => {
    const [a, b] = await reported(['a', 'b'])
    if (!a || !b) throw new Error('two files were made')
    const root = await admin()
    const [first, second] = (await queue(root)).reports
    const dismissed = await settle(root, first.id, 'dismiss')
    expect(dismissed.json).toEqual({ status: 'ok' })
    expect((await given.now(a))?.status).toBe('active')
    const link = downloadLink(await given.get(`/${b.slug}`))
    expect((await settle(root, second.id, 'trash')).status).toBe(200)
    expect((await given.now(b))?.status).toBe('trashed')
    expect((await given.get(link)).status).toBe(404)
    expect(await queue(root)).toMatchObject({ total: 0, reports: [] })
  })

  test('knows each report once, needs proof and a known action', async () => {
    await reported(['a'])
    const root = await admin()
    const [{ id }] = (await queue(root)).reports
    expect((await settle({ ...root, csrf: 'x' }, id, 'trash')).status).toBe(403)
    const wrong = await settle(root, id, 'burn')
    expect([wrong.status, wrong.json.message]).toEqual([400, 'The action is dismiss or trash.'])
    const fresh = async () => ({
      ...root,
      csrf: (await given.get('/web/session', { cookie: root.cookie })).json.csrf_token,
    })
    for (const unknown of [999, 'x', '0'])
      expect((await settle(await fresh(), unknown, 'dismiss')).status).toBe(404)
    expect((await settle(await fresh(), id, 'dismiss')).status).toBe(200)
    expect((await settle(await fresh(), id, 'dismiss')).status).toBe(404)
  })

  test('goes on page by page, and knows files that are gone', async () => {
    const files = await reported(['a', 'b'])
    const { app, ann } = given
    await app.core.files.remove(ann, files[0]?.id ?? 0)
    const root = await admin()
    const { reports } = await queue(root)
    expect(reports.map(({ file }: { file: { status: string } }) => file.status)).toEqual(['gone', 'active'])
    expect((await queue(root, `?after=${reports[0].id}`)).reports).toHaveLength(1)
    expect((await settle(root, reports[0].id, 'trash')).status).toBe(200)
  })
})
