/**
 * What is used of highlight.js. It is required and not imported: its declarations would bring those of a browser into
 * the whole program, and a call of `require` is looked at by the bundler only.
 */

export type Grammar = (highlighter: Highlighter) => unknown

export interface Highlighter {
  getLanguage(name: string): unknown
  registerLanguage(name: string, grammar: Grammar): void
  /** `value` is HTML: escaped text in spans. */
  highlight(text: string, options: { language: string; ignoreIllegals?: boolean }): { value: string }
}

export const loadHighlighter = (): Highlighter => require('highlight.js/lib/core')
