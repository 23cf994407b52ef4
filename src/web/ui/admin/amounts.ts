/** Sizes as people type them: `5 GB`, `500 MB`, or a number of bytes; in steps of 1024. */
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

/** What a field takes, as the browser checks it. */
export const AMOUNT_PATTERN = '\\s*\\d+(\\.\\d+)?\\s*([KMGTP]?B|[kmgtp]?b)?\\s*'

/** Bytes; null for what is no size. */
export function readAmount(text: string): number | null {
  const [, number, unit = 'B'] = /^\s*(\d+(?:\.\d+)?)\s*([KMGTP]?B)?\s*$/i.exec(text) ?? []
  return number === undefined ? null : Math.round(Number(number) * 1024 ** UNITS.indexOf(unit.toUpperCase()))
}

/** Exactly so many bytes, in the largest unit that needs no fraction. */
export function writeAmount(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value > 0 && value % 1024 === 0 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return unit === 0 ? String(value) : `${value} ${UNITS[unit]}`
}
