/** Deleting by link: it asks first, takes the key or the owner, and leaves the file in the trash. */
import { describe, expect, test } from 'bun:test'
import { recordingLog } from '../http/server-under-test.ts'
import { createTestApp } from '../support/app.ts'
import { keyOf, site, siteOf, wordsOf } from './site.ts'

const given = site()
const YES = { delete: '1' }

describe('the delete link', () => {
  test('asks, and deletes when the answer is yes', async () => {
    const file = await given.file({ name: 'old.txt' })
    const link = `/${file.slug}~d?${keyOf(file)}`
    const page = await given.get(link)
    expect(page.status).toBe(200)
    expect(page.text).toContain(`<form method="post" action="${link}"`)
    expect(page.text).not.toContain('csrf')
    expect(wordsOf(page)).toContain('old.txt')
    expect((await given.post(link, {})).text).toContain(`<form method="post" action="${link}"`)
    expect((await given.post(link, { delete: '0' })).status).toBe(200)
    expect((await given.now(file))?.status).toBe('active')

    const done = await given.post(link, YES)
    expect([done.status, wordsOf(done).includes('old.txt has been deleted.')]).toEqual([200, true])
    expect((await given.now(file))?.status).toBe('trashed')
    for (const answer of [
      await given.get(link),
      await given.post(link, YES),
      await given.get(`/${file.slug}`),
    ]) {
      expect([answer.status, wordsOf(answer).includes('File has been removed.')]).toEqual([404, true])
    }
  })

  test('is no secret of the site it is on: the key is proof enough, wherever the form is', async () => {
    const file = await given.file()
    const headers = { origin: 'https://elsewhere.example' }
    expect((await given.post(`/${file.slug}~d?${keyOf(file)}`, YES, headers)).status).toBe(200)
  })

  test('takes DELETE from programs and answers in JSON', async () => {
    const file = await given.file()
    const link = `/${file.slug}~d?${keyOf(file)}`
    const done = await given.send('DELETE', link)
    expect(done.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(done.headers.get('cache-control')).toBe('no-store')
    expect([done.status, done.json]).toEqual([200, { status: 'success', message: 'File has been deleted.' }])
    const again = await given.send('DELETE', link)
    expect([again.status, again.json]).toEqual([404, { status: 'error', message: 'File has been removed.' }])
    const page = await given.send('DELETE', link, { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  })

  test('works for a private file, and for one nobody owns', async () => {
    for (const file of [
      await given.file({ visibility: 0 }),
      await given.file({ owner: null, name: 'guest.txt' }),
    ]) {
      expect((await given.post(`/${file.slug}~d?${keyOf(file)}`, YES)).status).toBe(200)
      expect((await given.now(file))?.status).toBe('trashed')
    }
  })

  test('with another key leads nowhere', async () => {
    const file = await given.file()
    const other = await given.file({ name: 'other.txt' })
    for (const query of [
      `?${keyOf(other)}`,
      `?${'0'.repeat(32)}`,
      '?',
      '',
      `?${keyOf(file)}0`,
      `?hash=${keyOf(file)}`,
    ]) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const body = method === 'POST' ? 'delete=1' : undefined
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        const answer = await given.send(method, `/${file.slug}~d${query}`, { body, headers })
        expect([query, method, answer.status]).toEqual([query, method, 404])
      }
    }
    expect((await given.now(file))?.status).toBe('active')
  })

  test('asked to delete twice at once deletes once', async () => {
    const file = await given.file()
    const answers = await Promise.all(
      [1, 2, 3].map(() => given.send('DELETE', `/${file.slug}~d?${keyOf(file)}`)),
    )
    expect(answers.map(({ status }) => status)).toContain(200)
    expect(answers.every(({ status }) => status === 200 || status === 404)).toBe(true)
    expect((await given.app.metadata.accounts.find(given.ann.id))?.storageUsed).toBe(3000)
  })
})

describe('the owner', () => {
  const origin = 'http://localhost'

  test('deletes without the key, by the form of the page', async () => {
    const file = await given.file()
    const { cookie } = await given.signIn('ann')
    const page = await given.get(`/${file.slug}~d`, { cookie })
    const csrf_token = /name="csrf_token" value="([0-9a-f]+)"/.exec(page.text)?.[1] ?? ''
    expect(csrf_token).not.toBe('')
    // With no-referrer browsers send the form with `Origin: null`.
    expect(page.headers.get('referrer-policy')).toBe('same-origin')
    const done = await given.post(`/${file.slug}~d`, { ...YES, csrf_token }, { cookie, origin })
    expect(done.status).toBe(200)
    expect((await given.now(file))?.status).toBe('trashed')
  })

  test('deletes by a call with the token in a header', async () => {
    const file = await given.file()
    const { cookie, csrf } = await given.signIn('ann')
    const done = await given.send('DELETE', `/${file.slug}~d`, { headers: { cookie, 'x-csrf-token': csrf } })
    expect([done.status, done.json.status]).toEqual([200, 'success'])
  })

  test('deletes nothing by a form of another site, or without the token', async () => {
    const file = await given.file()
    const { cookie, csrf } = await given.signIn('ann')
    const path = `/${file.slug}~d`
    const attempts = [
      await given.post(path, YES, { cookie, origin }),
      await given.post(path, { ...YES, csrf_token: '0'.repeat(32) }, { cookie, origin }),
      await given.post(path, { ...YES, csrf_token: csrf }, { cookie, origin: 'https://evil.example' }),
      await given.send('DELETE', path, { headers: { cookie } }),
    ]
    expect(attempts.map(({ status }) => status)).toEqual([403, 403, 403, 403])
    expect((await given.now(file))?.status).toBe('active')
  })

  test('of another file is nobody here', async () => {
    const file = await given.file()
    const { cookie, csrf } = await given.signIn('bob')
    expect((await given.get(`/${file.slug}~d`, { cookie })).status).toBe(404)
    const fields = { ...YES, csrf_token: csrf }
    expect((await given.post(`/${file.slug}~d`, fields, { cookie, origin })).status).toBe(404)
  })
})

test('keys and tokens of these pages are not in the access log', async () => {
  const log = recordingLog()
  const app = await createTestApp({ log })
  try {
    const own = siteOf(app, (await app.account('ann')).account, (await app.account('bob')).account)
    const file = await own.file()
    const token = '0123456789abcdef'.repeat(4)
    for (const page of ['~d?', '~i?', '~d/?', '%7Ed?', '~%64?', '~i/x?'])
      await own.get(`/${file.slug}${page}${keyOf(file)}`)
    await own.get(`/${file.slug}?download_token=${token}`)
    await own.get(`/${file.slug}/a.txt?download_token=${token}`)
    const lines = log.lines.filter(({ event }) => event === 'request')
    expect(lines).toHaveLength(8)
    expect(JSON.stringify(log.lines)).not.toContain(keyOf(file))
    expect(JSON.stringify(log.lines)).not.toContain(token)
  } finally {
    await app.close()
  }
})
