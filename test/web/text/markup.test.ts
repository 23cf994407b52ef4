/** Markdown and code of strangers: what they mean is kept, what they could do is not. */
import { describe, expect, test } from 'bun:test'
import { languageOf } from '../../../src/web/text/languages.ts'
import { codeHtml, markdownHtml } from '../../../src/web/text/markup.ts'

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](\u0001javascript:alert(1))',
  '[a](java\nscript:alert(1))',
  '[a](&#106;avascript:alert(1))',
  '[a](javascript&colon;alert(1))',
  '[a](data:text/html;base64,PHNjcmlwdD4=)',
  '[a](vbscript:x)',
  '[a](file:///etc/passwd)',
  '[a](//evil.example)',
  '[a](/web/session)',
  '<javascript:alert(1)>',
  '![x](https://evil.example/track.png)',
  '![x" onerror="alert(1)](y)',
  '[a](https://x.example "t\\" onmouseover=\\"alert(1)")',
  '[a](https://x.example"onmouseover="alert(1))',
  '[a]: javascript:alert(1)\n[a]',
  '```"><script>alert(1)</script>\nx\n```',
  '```js\n</code></pre><script>alert(1)</script>\n```',
  '`</code><script>alert(1)</script>`',
  '<a href="x" id="location" name="cookie">x</a>',
  '<style>*{display:none}</style>',
  '<form action=https://evil.example><input name=password>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '# <b onclick=x>a</b>',
  '| <script> | b |\n|---|---|\n| <img src=x onerror=y> | c |',
]

const TAGS = new Set(
  'p a em strong code pre span h1 h2 h3 h4 h5 h6 ul ol li blockquote hr br table thead tbody tr th td s'.split(
    ' ',
  ),
)

/** Every tag of the HTML with its attributes, by a reader that is not the writer. */
function tagsOf(html: string): Array<{ name: string; attributes: Record<string, string> }> {
  const found: ReturnType<typeof tagsOf> = []
  const reader = new HTMLRewriter().on('*', {
    element: (element) =>
      void found.push({ name: element.tagName, attributes: Object.fromEntries(element.attributes) }),
  })
  reader.transform(html)
  return found
}

function expectHarmless(html: string): void {
  for (const { name, attributes } of tagsOf(html)) {
    expect([html, name, TAGS.has(name)]).toEqual([html, name, true])
    for (const [key, value] of Object.entries(attributes)) {
      expect(['href', 'rel', 'title', 'class', 'style', 'start']).toContain(key)
      if (key === 'href') expect(value).toMatch(/^(https?:\/\/|mailto:|#)/)
      if (key === 'style') expect(value).toMatch(/^text-align:(left|right|center)$/)
    }
    if (name === 'a') expect(attributes.rel).toBe('nofollow noopener noreferrer')
  }
}

describe('Markdown', () => {
  test.each(HOSTILE)('%j can do nothing', async (text) => expectHarmless(await markdownHtml(text)))

  test('of a stranger can do nothing in any combination', async () => {
    for (let seed = 1; seed < 400; seed++) {
      const pick = (step: number) => HOSTILE[(seed * 31 * step) % HOSTILE.length] ?? ''
      expectHarmless(
        await markdownHtml(`> ${pick(1)} [${pick(2)}](${pick(3)})\n\n1. ${pick(5)}\n\n**${pick(7)}**`),
      )
    }
  })

  test('is what it means', async () => {
    const html = await markdownHtml(
      '# Hi\n\n*a* **b** [c](https://c.example/?a=1&b=2) [d](mailto:d@d.example)\n\n- x\n\n```js\nlet a = 1\n```\n',
    )
    expect(html).toContain('<h1>Hi</h1>')
    expect(html).toContain('<em>a</em> <strong>b</strong>')
    expect(html).toContain(
      '<a href="https://c.example/?a=1&amp;b=2" rel="nofollow noopener noreferrer">c</a>',
    )
    expect(html).toContain('<a href="mailto:d@d.example"')
    expect(html).toContain('<span class="hljs-keyword">let</span>')
    expect(await markdownHtml('![a <b>](https://x.example/p.png)')).toBe(
      '<p><span class="picture">a &lt;b&gt;</span></p>\n',
    )
  })
})

describe('code', () => {
  test('is escaped, whatever its language', () => {
    const text = `<script>alert("1")</script> & '</code></pre><img src=x onerror=y>'`
    for (const language of ['xml', 'javascript', 'php', 'css', 'bash', 'json', 'yaml', null] as const) {
      const html = codeHtml(text, language)
      expect(tagsOf(html).every(({ name }) => name === 'span')).toBe(true)
      const shown = html.replace(/<[^>]*>/g, '')
      expect(Bun.escapeHTML(text).replaceAll('&#x27;', "'").replaceAll('&quot;', '"')).toBe(
        shown.replaceAll('&#39;', "'").replaceAll('&#x27;', "'").replaceAll('&quot;', '"'),
      )
    }
  })

  test('has the language of its name', () => {
    for (const [name, language] of [
      ...[
        ['a.ts', 'typescript'],
        ['A.PY', 'python'],
        ['Dockerfile', 'dockerfile'],
        ['x.tar.json', 'json'],
      ],
      ...[
        ['a.txt', null],
        ['json', null],
        ['constructor', null],
        ['a.constructor', null],
        ['.bashrc', 'bash'],
      ],
    ] as const)
      expect([name, languageOf(name)]).toEqual([name, language])
  })

  test('with a line that nobody wrote stays plain', () => {
    expect(codeHtml(`var a = "${'x'.repeat(6000)}"`, 'javascript')).not.toContain('<span')
  })
})
