/** Site search: what is public, nothing else. */
import { describe, expect, test } from 'bun:test'
import { sampleBytes } from '../support/upload.ts'
import { site, wordsOf } from './site.ts'

const given = site()
const search = (text: string, more = '') => given.get(`/search?q=${encodeURIComponent(text)}${more}`)
const names = (text: string): string[] =>
  [...text.matchAll(/<li><a [^>]*><bdi>(.*?)<\/bdi>/g)].map(([, name]) => name ?? '')

describe('search', () => {
  test('begins with a form alone', async () => {
    for (const path of ['/search', '/search?q=', '/search?q=%20', '/search?before=5']) {
      const page = await given.get(path)
      expect([page.status, page.text.includes('<form method="get" action="/search" role="search">')]).toEqual(
        [200, true],
      )
      expect(page.text).not.toMatch(/<ul|Nothing/)
    }
  })

  test('finds public files and folders by a part of their name, in any letter case', async () => {
    await given.file({ name: 'Beach.jpg', visibility: 2 })
    await given.file({ name: 'beach house.jpg', visibility: 1 })
    await given.file({ name: 'my beach.jpg', visibility: 0 })
    const folder = await given.folder({ name: 'Beaches & more', visibility: 2 })
    await given.folder({ name: 'Beach diary', visibility: 0 })
    const page = await search('BEACH')
    expect(names(page.text)).toEqual(['Beaches &amp; more', 'Beach.jpg'])
    expect(page.text).toContain(`href="/folder/${folder.id}/Beaches___more"`)
    expect(page.headers.get('x-robots-tag')).toBe('noindex')
    expect(names((await search('beach', '&x=1')).text)).toHaveLength(2)
  })

  test('knows no wildcards', async () => {
    await given.file({ name: '100% done_.txt', visibility: 2 })
    await given.file({ name: 'other.txt', visibility: 2 })
    expect(names((await search('%')).text)).toEqual(['100% done_.txt'])
    expect(names((await search('_')).text)).toEqual(['100% done_.txt'])
    expect(wordsOf(await search('\\'))).toContain('Nothing public is named like “\\”')
  })

  test('shows what was looked for as text', async () => {
    for (const text of [
      `"><script>alert(1)</script>`,
      `' onfocus=alert(1) x='`,
      '</title>&amp;',
      '\u202egpj.exe',
      '\u0000',
      'ä'.repeat(500),
    ]) {
      const page = await search(text)
      expect(page.status).toBe(200)
      expect(page.text).not.toMatch(/<script|' onfocus|<\/title>&amp;amp;/)
    }
    expect((await given.get('/search?q=%ff%00%')).status).toBe(200)
  })

  test('goes on page by page without repeating itself', async () => {
    const first = await given.file({ name: 'item & 0', visibility: 2, bytes: sampleBytes(1) })
    for (let number = 1; number < 120; number++) {
      const copy = await given.app.core.files.copy(given.ann, first.id, null)
      await given.app.core.files.change(given.ann, copy.id, { name: `item & ${number}` })
    }
    const seen: string[][] = []
    let path: string | undefined = '/search?q=item%20%26'
    while (path !== undefined && seen.length < 5) {
      const page = await given.get(path)
      seen.push(names(page.text))
      path = /<a rel="next" href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen.map(({ length }) => length)).toEqual([50, 50, 20])
    expect(new Set(seen.flat()).size).toBe(120)
  })
})
