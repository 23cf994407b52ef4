/** Text as HTML: code with its parts marked, Markdown as what it means. Nothing a stranger wrote becomes markup. */
import { escapeHtml } from '../page.ts'
import { GRAMMARS } from './grammars.ts'
import { loadHighlighter } from './highlight-js.ts'
import { type Language, languageOf } from './languages.ts'

/** Lines that no person wrote are not worth what marking them takes. */
const LONGEST_LINE = 5000

const once = <T>(load: () => Promise<T>): (() => Promise<T>) => {
  let loaded: Promise<T> | null = null
  return () => {
    loaded ??= load()
    return loaded
  }
}

/** Spans with classes `hljs-…` between escaped text. */
export function codeHtml(text: string, language: Language | null): string {
  if (language === null || hasLongLine(text)) return escapeHtml(text)
  const highlighter = loadHighlighter()
  if (!highlighter.getLanguage(language)) highlighter.registerLanguage(language, GRAMMARS[language]())
  return highlighter.highlight(text, { language, ignoreIllegals: true }).value
}

const hasLongLine = (text: string): boolean => new RegExp(`[^\\n]{${LONGEST_LINE}}`).test(text)

const markdown = once(async () => {
  const { default: Markdown } = await import('markdown-it')
  const made = new Markdown({ html: false, linkify: false, typographer: false })
  made.validateLink = isSafeLink
  made.renderer.rules.link_open = (tokens, index, options, _env, self) => {
    tokens[index]?.attrSet('rel', 'nofollow noopener noreferrer')
    return self.renderToken(tokens, index, options)
  }
  // A picture elsewhere would tell its server who reads this, so its text stands for it.
  made.renderer.rules.image = (tokens, index) =>
    `<span class="picture">${escapeHtml(tokens[index]?.content ?? '')}</span>`
  made.renderer.rules.fence = (tokens, index) => {
    const { content = '', info = '' } = tokens[index] ?? {}
    const name = info.trim().split(/\s+/, 1)[0]?.toLowerCase() ?? ''
    return `<pre><code>${codeHtml(content, languageOf(`x.${name}`))}</code></pre>\n`
  }
  return made
})

/** Absolute ones to the web and to mail addresses, and places in the text itself. */
function isSafeLink(link: string): boolean {
  if (link.startsWith('#')) return true
  return /^(https?:\/\/|mailto:)[\x21-\x7e\u00a0-\uffff]+$/i.test(link.trim())
}

/** HTML without scripts, forms, frames, pictures and ids; `html` in the text is shown as it stands. */
export async function markdownHtml(text: string): Promise<string> {
  const made = await markdown()
  return made.render(text)
}
