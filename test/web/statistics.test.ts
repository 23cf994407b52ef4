/** `~s`: totals for everybody who may see the file, days for its owner. */
import { describe, expect, test } from 'bun:test'
import { sampleBytes } from '../support/upload.ts'
import { downloadLink, keyOf, site, wordsOf } from './site.ts'

const given = site()
const DAY = 86_400

const rows = (html: string): string[][] =>
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

  test('are totals alone for everybody else, and nothing for those who may not see the file', async () => {
    const file = await given.file()
    const hidden = await given.file({ visibility: 0 })
    const { cookie } = await given.signIn('bob')
    const visitors: Array<Record<string, string>> = [{}, { cookie }]
    for (const headers of visitors) {
      const page = await given.get(`/${file.slug}~s?${keyOf(file)}`, headers)
      expect(page.text).toContain('<dt>Downloads</dt>')
      expect(page.text).not.toContain('last 30 days')
      expect((await given.get(`/${hidden.slug}~s`, headers)).status).toBe(403)
    }
  })
})
