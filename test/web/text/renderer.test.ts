/** The thread that marks up text: what it answers, and what becomes of a text that it can not. */
import { afterEach, expect, test } from 'bun:test'
import { createTextRenderer, type TextRenderer } from '../../../src/web/text/renderer.ts'

type Listen = (name: string, listener: (event: Event) => void, options: { signal?: AbortSignal }) => void

let renderer: TextRenderer
afterEach(() => renderer.close())

test('marks up by the name of the file, many at once', async () => {
  renderer = createTextRenderer()
  const [code, markdown, plain] = await Promise.all([
    renderer.render('a.ts', 'const a = 1'),
    renderer.render('README.md', '# Hi'),
    renderer.render('a.txt', '<b>'),
  ])
  expect(code).toEqual({ kind: 'code', html: expect.stringContaining('hljs-keyword'), isPlain: false })
  expect(markdown).toEqual({ kind: 'markdown', html: '<h1>Hi</h1>\n', isPlain: false })
  expect(plain).toEqual({ kind: 'code', html: '&lt;b&gt;', isPlain: true })
})

test('what takes too long stays plain, and the next one is marked up by another thread', async () => {
  const reasons: string[] = []
  let starts = 0
  const stuck = () => new Worker('data:text/javascript,onmessage=()=>{for(;;);}')
  const { startTextWorker } = await import('../../../src/web/text/renderer.ts')
  renderer = createTextRenderer({
    start: () => (starts++ === 0 ? stuck() : startTextWorker()),
    patience: 1000,
    onPlain: (reason) => reasons.push(reason),
  })
  expect(await renderer.render('a.md', '# <Hi>')).toEqual({
    kind: 'code',
    html: '# &lt;Hi&gt;',
    isPlain: true,
  })
  expect(await renderer.render('a.md', '# Hi')).toMatchObject({ kind: 'markdown', isPlain: false })
  expect(reasons).toEqual(['it took too long'])
})

test('a thread that is never idle keeps nothing of what it has done', async () => {
  const kept = new Set<(event: Event) => void>()
  const { startTextWorker } = await import('../../../src/web/text/renderer.ts')
  renderer = createTextRenderer({
    start: () => {
      const worker = startTextWorker()
      const add = worker.addEventListener.bind(worker) as Listen
      const counted: Listen = (name, listener, options) => {
        kept.add(listener)
        options.signal?.addEventListener('abort', () => kept.delete(listener))
        add(name, listener, options)
      }
      worker.addEventListener = counted as Worker['addEventListener']
      return worker
    },
  })
  for (let n = 0; n < 5; n++) expect((await renderer.render('a.md', '# Hi')).isPlain).toBe(false)
  expect(kept.size).toBe(0)
})

test('texts that are made to take long do not', async () => {
  renderer = createTextRenderer({ patience: 3000 })
  const size = 256 * 1024
  const begun = performance.now()
  for (const piece of ['[', '![', '*a_', '`', '> ', '- ', '<', '[a](', '&', '\\', '|-', '(', '{', '/*'])
    for (const name of ['a.md', 'a.js']) await renderer.render(name, piece.repeat(size / piece.length))
  expect(performance.now() - begun).toBeLessThan(28 * 3500)
}, 120_000)
