/** Sizes, counts and names as people read them, on the server and in browsers. */
import type { DownloadedBy } from './downloads.ts'

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

/** `1 download`, `2 downloads`, `2 entries`. */
export const counted = (count: number, thing: string, things = `${thing}s`): string =>
  `${grouped(count)} ${count === 1 ? thing : things}`

/** What is known of whoever fetched a file. */
export const whoOf = (by: DownloadedBy): string =>
  by.kind === 'account' ? by.name : by.kind === 'owner' ? 'You' : 'Guest'

/** `once`, `3 times`; `parts of it` when it was never begun at its first byte. */
export function timesOf(downloads: number): string {
  if (downloads === 0) return 'parts of it'
  return downloads === 1 ? 'once' : `${grouped(downloads)} times`
}

/** Of the token of a link: tells one from another, and opens nothing. */
export const endingOf = (token: string): string => token.slice(-6)
