/** Sizes, counts and times as people read them. */
import { escapeHtml } from './page.ts'

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB']

/** In steps of 1024, three digits at most: `0 bytes`, `1 byte`, `1.5 KB`, `149 MB`. */
export function humanSize(bytes: number): string {
  if (bytes === 1) return '1 byte'
  let [value, unit] = [bytes, 0]
  // Rounded up, 1023.5 KB would read as 1024 KB.
  while (unit < UNITS.length - 1 && value >= (unit === 0 ? 1024 : 1023.5)) {
    value /= 1024
    unit += 1
  }
  const text = unit > 0 && value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value))
  return `${text} ${UNITS[unit]}`
}

/** `1,234,567`. */
export const grouped = (count: number): string => count.toLocaleString('en')

/** `1 download`, `2 downloads`. */
export const counted = (count: number, thing: string): string =>
  `${grouped(count)} ${thing}${count === 1 ? '' : 's'}`

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
