/** Sizes, counts and times as people read them. */
import { escapeHtml } from './page.ts'
import { counted, grouped, humanSize } from './wire/words.ts'

export { counted, grouped, humanSize }

/** HTML of a size: short, and exact where that says more. */
export const sizeHtml = (bytes: number): string =>
  bytes < 1024 ? humanSize(bytes) : `${humanSize(bytes)} <span class="soft">(${grouped(bytes)} bytes)</span>`

/** HTML of a time, in UTC; `never` for null. */
export function timeHtml(date: Date | null): string {
  if (date === null) return 'never'
  const iso = date.toISOString()
  return `<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`
}

/** HTML of a list of facts; names are text, values HTML. */
export const factsHtml = (facts: Array<[name: string, value: string]>): string =>
  `<dl>\n${facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${value}</dd>`).join('\n')}\n</dl>`
