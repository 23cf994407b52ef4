/** Marks up text on a thread of its own, one after the other, each within its time; what takes longer stays plain. */
import { escapeHtml } from '../page.ts'
import { isMarkdown, type Language, languageOf } from './languages.ts'

export interface RenderedText {
  kind: 'markdown' | 'code'
  /**
   * Of Markdown blocks of HTML, of code what belongs inside `<pre><code>`, with classes of highlight.js. Escaped text
   * without any markup when it could not be marked up in time.
   */
  html: string
  isPlain: boolean
}

export interface TextRenderer {
  /** By the name of the file. Never fails: what can not be marked up is escaped. */
  render(name: string, text: string): Promise<RenderedText>
  close(): void
}

export type TextJob = { id: number; text: string } & (
  | { kind: 'markdown' }
  | { kind: 'code'; language: Language }
)
export interface TextAnswer {
  id: number
  html: string | null
  error?: string
}

/** In a compiled executable an entry point keeps its path below the source root, as a `.js` file. */
export const startTextWorker = (): Worker =>
  new Worker(
    Bun.isStandaloneExecutable
      ? `${import.meta.dir}/web/text/text-worker.js`
      : new URL('./text-worker.ts', import.meta.url),
  )

const MOST_WAITING = 50
const IDLE_MS = 30_000

interface Options {
  start?: () => Worker
  /** Milliseconds that one text may take, waiting for its turn not counted. */
  patience?: number
  /** Told why a text stayed plain. */
  onPlain?: (reason: string) => void
}

export function createTextRenderer({
  start = startTextWorker,
  patience = 2000,
  onPlain = () => {},
}: Options = {}): TextRenderer {
  let worker: Worker | null = null
  let idle: Timer | undefined
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let closed = false
  let nextId = 1

  const end = (): void => {
    clearTimeout(idle)
    worker?.terminate()
    worker = null
  }

  /** Null when it failed or took too long; then the thread is another one the next time. */
  async function ask(job: TextJob): Promise<string | null> {
    if (closed) return null
    clearTimeout(idle)
    const { promise, resolve } = Promise.withResolvers<TextAnswer>()
    const failed = (error: string) => resolve({ id: job.id, html: null, error })
    const timer = setTimeout(() => failed('it took too long'), patience)
    // A busy thread lives on, and would keep every text it was ever given.
    const answered = new AbortController()
    try {
      worker ??= start()
      worker.onmessage = ({ data }: MessageEvent<TextAnswer>) => data.id === job.id && resolve(data)
      worker.onerror = ({ message }) => failed(message)
      worker.addEventListener('close', () => failed('the thread ended'), { signal: answered.signal })
      worker.postMessage(job)
      const { html, error } = await promise
      if (html !== null) return html
      onPlain(error ?? 'no reason')
      end()
      return null
    } finally {
      clearTimeout(timer)
      answered.abort()
      idle = setTimeout(end, IDLE_MS)
      idle.unref()
      worker?.unref()
    }
  }

  async function inTurn(job: TextJob): Promise<string | null> {
    if (waiting >= MOST_WAITING) {
      onPlain('too many are waiting')
      return null
    }
    waiting += 1
    const turn = last.then(() => ask(job))
    last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      waiting -= 1
    }
  }

  return {
    async render(name, text) {
      const kind = isMarkdown(name) ? 'markdown' : 'code'
      const language = languageOf(name)
      const id = nextId++
      const html =
        kind === 'markdown'
          ? await inTurn({ id, kind, text })
          : language && (await inTurn({ id, kind, text, language }))
      return html === null
        ? { kind: 'code', html: escapeHtml(text), isPlain: true }
        : { kind, html, isPlain: false }
    },
    close() {
      closed = true
      end()
    },
  }
}
