/** What a page shows of its file, how it is shared, and what messengers see of it. */
import { describe, expect, test } from 'bun:test'
import { createTestApp } from '../support/app.ts'
import { pdf, png, wav, webm } from '../support/media.ts'
import type { NewTestFile } from './site.ts'
import { downloadLink, site, siteOf, wordsOf } from './site.ts'

const given = site()
const picture = (more: NewTestFile = {}) =>
  given.file({ name: 'a.png', bytes: png(30, 20), mimeType: 'image/png', ...more })
/** What the page has the browser show comes from Kist itself, wherever its bytes are. */
const shownLink = (page: Parameters<typeof downloadLink>[0]): string =>
  downloadLink(page).replace('/', '/~show/')
const stageOf = (text: string): string => /<figure class="stage[\s\S]*?<\/figure>/.exec(text)?.[0] ?? ''
const meta = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/<meta (?:property|name)="([^"]+)" content="([^"]*)">/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  )

describe('the stage of a file page', () => {
  test('shows a picture by its preview, and offers the original', async () => {
    const file = await picture()
    const page = await given.get(`/${file.slug}`)
    const stage = stageOf(page.text)
    expect(stage).toContain(`<img src="/~preview/${file.slug}/preview" alt="a.png"`)
    expect(stage).toContain(`data-whole="${shownLink(page)}"`)
    expect((await given.get(`/~preview/${file.slug}/preview`)).status).toBe(200)
    expect((await given.now(file))?.downloads).toBe(0)
    const whole = await given.get(shownLink(page))
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'image/png'])
  })

  test('plays films and sounds from their own bytes, and fetches nothing before', async () => {
    for (const [kind, file] of [
      ['video', await given.file({ name: 'a.webm', bytes: await webm(), mimeType: 'video/webm' })],
      ['audio', await given.file({ name: 'a.wav', bytes: wav(0.1), mimeType: 'audio/wav' })],
    ] as const) {
      const page = await given.get(`/${file.slug}`)
      expect(stageOf(page.text)).toContain(`<${kind} controls preload="none" src="${shownLink(page)}"`)
      const part = await given.get(shownLink(page), { range: 'bytes=10-19' })
      expect([part.status, part.headers.get('content-type')]).toEqual([206, file.mimeType])
      expect(part.headers.get('content-disposition')).toStartWith('inline;')
      expect(part.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    }
  })

  test('hands documents to the viewer of the browser, as documents and nothing else', async () => {
    const file = await given.file({ name: 'a.pdf', bytes: pdf('Hello') })
    const page = await given.get(`/${file.slug}`)
    const source = /data-source="([^"]+)"/.exec(page.text)?.[1] ?? ''
    expect(source).toBe(shownLink(page))
    const shown = await given.get(source)
    expect(shown.status).toBe(200)
    expect(shown.headers.get('content-type')).toBe('application/pdf')
    expect(shown.headers.get('content-disposition')).toStartWith('inline;')
    expect(shown.headers.get('x-content-type-options')).toBe('nosniff')
    expect(shown.headers.get('content-security-policy')).toStartWith("default-src 'none'")
    expect((await given.get(source, { range: 'bytes=0-3' })).text).toBe('%PDF')
    for (const mimeType of ['text/html', 'image/tiff', 'application/octet-stream']) {
      const other = await given.file({ name: 'a.html', mimeType })
      expect((await given.get(shownLink(await given.get(`/${other.slug}`)))).status).toBe(404)
    }
    expect((await given.get(`/~show/${file.slug}`)).status).toBe(403)
    expect((await given.get(`/~show/${file.slug}?download_token=${'0'.repeat(64)}`)).status).toBe(403)
  })

  test('is empty for what nobody can look at without using it up, and for what is no picture to see', async () => {
    const other = await given.file({ name: 'a.bin', mimeType: 'application/octet-stream' })
    expect(stageOf((await given.get(`/${other.slug}`)).text)).toBe('')
    const { app, ann } = given
    const known = { leastSize: 1, mimeType: 'image/png', folderId: null, uploadedIp: null, uses: 1 }
    const bytes = png(9, 9)
    const { file } = await app.core.ingest.receive(
      ann,
      { ...known, name: 'once.png', visibility: 1, source: 'api' },
      (async function* () {
        yield bytes
      })(),
    )
    const page = await given.get(`/${file.slug}`)
    expect(stageOf(page.text)).toBe('')
    expect(page.text).not.toContain('~preview')
    expect(page.text).toContain('<dt>Downloads left</dt><dd>1</dd>')
    expect((await given.now(file))?.usesLeft).toBe(1)
  })

  test('waits with the file where the package of the visitor does', async () => {
    await given.app.core.packages.set('Guest', { wait_before_download: '30' })
    const film = await given.file({ name: 'a.webm', bytes: await webm(), mimeType: 'video/webm' })
    const image = await picture()
    const page = await given.get(`/${film.slug}`)
    expect(page.text).toContain('data-wait="30"></video>')
    expect(page.text).toMatch(/<a class="button" [^>]* data-wait="30">Download<\/a>/)
    const shown = stageOf((await given.get(`/${image.slug}`)).text)
    expect(shown).toContain('/~preview/')
    expect(shown).not.toContain('data-whole')
    const { cookie } = await given.signIn('ann')
    expect((await given.get(`/${film.slug}`, { cookie })).text).not.toContain('data-wait')
  })
})

describe('what is read of a file to show it', () => {
  const write = (name: string, text: string, more: NewTestFile = {}) =>
    given.file({ name, bytes: new TextEncoder().encode(text), mimeType: 'text/plain', ...more })
  const contentOf = (text: string): string => /<section class="stage[\s\S]*?<\/section>/.exec(text)?.[0] ?? ''

  test('is its text in colours, with nothing of it as markup, and counts as no download', async () => {
    const file = await write('a.js', `const a = "</code></pre><script>alert(1)</script>"`)
    const content = contentOf((await given.get(`/${file.slug}`)).text)
    expect(content).toContain('<span class="hljs-keyword">const</span>')
    expect(content).toContain('&lt;script&gt;')
    expect(content).not.toContain('<script')
    expect((await given.now(file))?.downloads).toBe(0)
  })

  test('is Markdown as what it means, and HTML as what is written', async () => {
    const markdown = await write('a.md', '# One\n\n*two* <b>three</b>\n')
    const content = contentOf((await given.get(`/${markdown.slug}`)).text)
    expect(content).toContain('<h1>One</h1>')
    expect(content).toContain('<em>two</em> &lt;b&gt;three&lt;/b&gt;')
    const html = await write('a.html', '<h1>x</h1>', { mimeType: 'text/html' })
    expect(contentOf((await given.get(`/${html.slug}`)).text)).not.toContain('<h1>x')
  })

  test('is the beginning of a long text, and nothing of what is no text', async () => {
    const long = await write('a.txt', 'line of text\n'.repeat(20_000))
    const page = await given.get(`/${long.slug}`)
    expect(wordsOf(page)).toContain('Only the beginning is shown: the whole file has 254 KB.')
    expect(page.text.length).toBeLessThan(150_000)
    const binary = await given.file({ name: 'b.txt', bytes: new Uint8Array(99), mimeType: 'text/plain' })
    const shown = await given.get(`/${binary.slug}`)
    expect([shown.status, contentOf(shown.text)]).toEqual([200, ''])
  })

  test('is the list of an archive, and nothing of what only is called one', async () => {
    const packed = new Bun.Archive({ 'docs/<b>.txt': 'hello', 'a.bin': new Uint8Array(2048) })
    const bytes = await packed.bytes()
    const file = await given.file({ name: 'a.tar', bytes, mimeType: 'application/x-tar' })
    const content = contentOf((await given.get(`/${file.slug}`)).text)
    expect(content).toContain('2 files, 2 KB unpacked')
    expect(content).toContain('<bdi>docs/&lt;b&gt;.txt</bdi></th><td>5 bytes</td>')
    expect(content).toContain('<bdi>a.bin</bdi></th><td>2 KB</td>')
    const fake = await given.file({ name: 'a.zip', mimeType: 'application/zip' })
    const page = await given.get(`/${fake.slug}`)
    expect([page.status, contentOf(page.text)]).toEqual([200, ''])
  })

  test('is nothing where looking would be one of the fetches it has left', async () => {
    const { app, ann } = given
    const known = { leastSize: 6, mimeType: 'text/plain', folderId: null, uploadedIp: null, uses: 1 }
    const content = { ...known, name: 'once.txt', visibility: 1, source: 'api' } as const
    const { file } = await app.core.ingest.receive(
      ann,
      content,
      (async function* () {
        yield new TextEncoder().encode('secret')
      })(),
    )
    expect((await given.get(`/${file.slug}`)).text).not.toContain('secret')
  })
})

describe('the pictures beside one', () => {
  const links = (text: string) =>
    [...text.matchAll(/<a class="beside (\w+)" rel="\w+" href="\/(\w+)">/g)].map(([, side, slug]) => [
      side,
      slug,
    ])

  test('are those of its folder, for who may look into it', async () => {
    const folder = await given.folder()
    const [a, b, c] = [
      await picture({ name: 'a.png', folderId: folder.id }),
      await picture({ name: 'b.png', folderId: folder.id, visibility: 0 }),
      await picture({ name: 'c.png', folderId: folder.id }),
    ]
    await given.file({ name: 'b.txt', folderId: folder.id, mimeType: 'text/plain' })
    const { cookie } = await given.signIn('ann')
    const seen = async (slug: string, headers = {}) => links((await given.get(`/${slug}`, headers)).text)
    expect(await seen(a.slug)).toEqual([['next', c.slug]])
    expect(await seen(c.slug)).toEqual([['prev', a.slug]])
    expect(await seen(b.slug, { cookie })).toEqual([
      ['prev', a.slug],
      ['next', c.slug],
    ])
    const page = await given.get(`/${a.slug}`)
    expect(page.text).toContain(
      `<dt>Folder</dt><dd><a href="/folder/${folder.id}/Holiday"><bdi>Holiday</bdi></a>`,
    )
  })

  test.each([
    ['private', { visibility: 0 as const }],
    ['locked', { passwordMd5: '0'.repeat(32) }],
  ])('are nobody else’s business where the folder is %s', async (_name, change) => {
    const folder = await given.folder({ name: 'Secret', ...change })
    const a = await picture({ name: 'a.png', folderId: folder.id })
    await picture({ name: 'b.png', folderId: folder.id })
    const page = await given.get(`/${a.slug}`)
    expect(links(page.text)).toEqual([])
    expect(page.text).not.toContain('Secret')
    const own = await given.get(`/${a.slug}`, { cookie: (await given.signIn('ann')).cookie })
    expect([links(own.text).length, own.text.includes('Secret')]).toEqual([1, true])
  })
})

describe('the share panel', () => {
  const code = (text: string, id: string): string =>
    (new RegExp(`<input id="share-${id}" value="([^"]*)"`).exec(text)?.[1] ?? '')
      .replace(/&quot;/g, '"')
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&#39;/g, "'")
      .replace(/&amp;/g, '&')

  test('has the link in every language, with names that break out of none', async () => {
    const file = await given.file({ name: `a"><b>[x](y)*'.bin`, mimeType: 'application/octet-stream' })
    const { text } = await given.get(`/${file.slug}`)
    const link = `http://localhost/${file.slug}`
    expect(code(text, 'link')).toBe(link)
    expect(code(text, 'html')).toBe(`<a href="${link}">a&quot;&gt;&lt;b&gt;[x](y)*&#39;.bin</a>`)
    expect(code(text, 'forum')).toBe(`[url=${link}]a"><b>(x)(y)*'.bin[/url]`)
    expect(code(text, 'markdown')).toBe(`[a"\\>\\<b\\>\\[x\\](y)\\*'.bin](${link})`)
    expect(text).toContain('<svg class="qr"')
  })

  test('shows pictures as pictures', async () => {
    const file = await picture()
    const { text } = await given.get(`/${file.slug}`)
    const [page, image] = [`http://localhost/${file.slug}`, `http://localhost/~preview/${file.slug}/preview`]
    expect(code(text, 'html')).toBe(`<a href="${page}"><img src="${image}" alt="a.png"></a>`)
    expect(code(text, 'forum')).toBe(`[url=${page}][img]${image}[/img][/url]`)
    expect(code(text, 'markdown')).toBe(`[![a.png](${image})](${page})`)
    const embedded = await given.get(`/~preview/${file.slug}/preview`)
    expect(embedded.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  })

  test('of a private file says that there is nothing to share', async () => {
    const file = await picture({ visibility: 0 })
    const page = await given.get(`/${file.slug}`, { cookie: (await given.signIn('ann')).cookie })
    expect(wordsOf(page)).toContain('nobody else can open this page')
    expect(page.text).not.toMatch(/share-link|class="qr"|og:/)
  })

  test('uses the address of the site as the operator wrote it', async () => {
    const app = await createTestApp({ config: { server: { publicUrl: 'https://files.example' } } })
    const own = siteOf(app, (await app.account('ann')).account, (await app.account('bob')).account)
    try {
      const file = await own.file()
      const { text } = await own.get(`/${file.slug}`)
      expect(code(text, 'link')).toBe(`https://files.example/${file.slug}`)
      expect(meta(text)['og:url']).toBe(`https://files.example/${file.slug}`)
    } finally {
      await app.close()
    }
  })
})

test('messengers learn name, kind, size and picture of a file that everybody may see', async () => {
  const file = await picture({ name: 'a "b".png' })
  const page = `http://localhost/${file.slug}`
  expect(meta((await given.get(`/${file.slug}`)).text)).toMatchObject({
    'og:title': 'a &quot;b&quot;.png',
    'og:description': expect.stringMatching(/^PNG image, [\d.]+ (bytes|KB)$/),
    'og:site_name': 'Kist',
    'og:url': page,
    'og:image': `http://localhost/~preview/${file.slug}/preview`,
    'twitter:card': 'summary_large_image',
  })
  const other = await given.file()
  const said = meta((await given.get(`/${other.slug}`)).text)
  expect([said['og:image'], said['twitter:card']]).toEqual([undefined, 'summary'])
})
