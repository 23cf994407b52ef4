/** `~s`: totals for everybody who may see the file, days for its owner. */
import { describe, expect, test } from 'bun:test'
import { sampleBytes } from '../support/upload.ts'
import { downloadLink, keyOf, site, wordsOf } from './site.ts'

const given = site()
const DAY = 86_400

/** Of the table of days, or the one with this title. */
const rows = (page: string, title = 'The last 30 days'): string[][] => {
  const html = page.split('<h2>').find((part) => part.startsWith(title)) ?? ''
  return rowsOf(html)
}

const rowsOf = (html: string): string[][] =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell.replace(/<[^>]+>/g, '')),
  )

describe('the statistics of a file', () => {
  test('show its owner every day of the last thirty, with bytes and completed downloads', async () => {
    const file = await given.file({ bytes: sampleBytes(2048) })
    const link = async () => downloadLink(await given.get(`/${file.slug}`))
    await given.get(await link())
    given.app.clock.advance(DAY)
    await given.get(await link(), { range: 'bytes=0-1023' })
    await given.get(await link())
    await given.send('HEAD', await link())
    given.app.clock.advance(DAY)
    await given.get(await link(), { range: 'bytes=0-99' })
    const page = await given.get(`/${file.slug}~s`, { cookie: (await given.signIn('ann')).cookie })
    expect(rows(page.text)).toEqual([
      ['Day (UTC)', 'Downloads', 'Completed', 'Delivered'],
      ['2030-01-03', '1', '0', '100 bytes'],
      ['2030-01-02', '2', '1', '3 KB'],
      ['2030-01-01', '1', '1', '2 KB'],
      ['Together', '4', '2', '5.1 KB'],
    ])
    expect(page.text).toContain('<th scope="row"><time datetime="2030-01-03">2030-01-03</time></th>')
    expect(page.text).toContain('role="region" aria-label="Downloads by day" tabindex="0"')
  })

  test('leave out what is longer ago', async () => {
    const file = await given.file()
    await given.get(downloadLink(await given.get(`/${file.slug}`)))
    given.app.clock.advance(29 * DAY)
    const page = async () => given.get(`/${file.slug}~s`, { cookie: (await given.signIn('ann')).cookie })
    expect(rows((await page()).text)).toHaveLength(3)
    given.app.clock.advance(DAY)
    expect(wordsOf(await page())).toContain('Nobody has downloaded this file in this time.')
    expect((await page()).text).toContain('<dt>Downloads</dt><dd>1</dd>')
  })

  test('show its owner who came, by which link, and no address', async () => {
    const { ann } = given
    const file = await given.file({ bytes: sampleBytes(2048) })
    const { cookie } = await given.signIn('ann')
    const page = async () => (await given.get(`/${file.slug}~s`, { cookie })).text
    expect(await page()).toContain('<h2>Downloaded by</h2>\n<p>Nobody yet.</p>')
    const link = await given.app.core.shareLinks.create(ann, { fileId: file.id }, {})
    const gone = await given.app.core.shareLinks.create(ann, { fileId: file.id }, {})
    await given.app.core.accounts.create({ name: 'Eve @ home', password: 'correct horse battery' })
    const odd = await given.signIn('Eve @ home')
    for (const [token, headers] of [
      [link.token, {}],
      [gone.token, {}],
      [link.token, { cookie: (await given.signIn('bob')).cookie }],
      [link.token, { cookie: odd.cookie, range: 'bytes=5-9' }],
    ] as const) {
      await given.get(`/s/${token}/download`, { ...headers, 'x-forwarded-for': '203.0.113.9' })
      given.app.clock.advance(60)
    }
    await given.app.core.shareLinks.remove(ann, gone.id)
    await given.get(downloadLink(await given.get(`/${file.slug}`, { cookie })), { cookie })
    const text = await page()
    const made = `the link …${link.token.slice(-6)} of 2030-01-01 00:00 UTC`
    expect(rows(text, 'Downloaded by')).toEqual([
      ['Who', 'Downloads', 'Last time', 'Delivered', 'By'],
      ['You', 'once', '2030-01-01 00:04 UTC', '2 KB', 'the file itself'],
      ['Eve @ home', 'parts of it', '2030-01-01 00:03 UTC', '5 bytes', made],
      ['bob', 'once', '2030-01-01 00:02 UTC', '2 KB', made],
      ['Guest (not signed in)', 'once', '2030-01-01 00:01 UTC', '2 KB', 'a link that is gone'],
      ['Guest (not signed in)', 'once', '2030-01-01 00:00 UTC', '2 KB', made],
    ])
    expect(text).not.toContain(link.token)
    expect(text).not.toContain('203.0.113.9')
  })

  test('show the newest twenty who came, and say where the others are', async () => {
    const file = await given.file()
    const { cookie } = await given.signIn('ann')
    for (let n = 0; n < 21; n++) {
      const { token } = await given.app.core.shareLinks.create(given.ann, { fileId: file.id }, {})
      await given.get(`/s/${token}/download`)
    }
    const page = await given.get(`/${file.slug}~s`, { cookie })
    expect(rows(page.text, 'Downloaded by')).toHaveLength(21)
    expect(wordsOf(page)).toContain('The newest are shown.')
  })

  test('are totals alone for everybody else, and nothing for those who may not see the file', async () => {
    const file = await given.file()
    const hidden = await given.file({ visibility: 0 })
    const { cookie } = await given.signIn('bob')
    const visitors: Array<Record<string, string>> = [{}, { cookie }]
    for (const headers of visitors) {
      const page = await given.get(`/${file.slug}~s?${keyOf(file)}`, headers)
      expect(page.text).toContain('<dt>Downloads</dt>')
      expect(page.text).not.toContain('last 30 days')
      expect(page.text).not.toContain('Downloaded by')
      expect((await given.get(`/${hidden.slug}~s`, headers)).status).toBe(403)
    }
  })
})
