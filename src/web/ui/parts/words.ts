/** Sizes, times and counts as people read them. */
const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB']

/** In steps of 1024, three digits at most. */
export function size(bytes: number): string {
  if (bytes === 1) return '1 byte'
  let [value, unit] = [bytes, 0]
  while (unit < UNITS.length - 1 && value >= (unit === 0 ? 1024 : 1023.5)) {
    value /= 1024
    unit += 1
  }
  const text = unit > 0 && value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value))
  return `${text} ${UNITS[unit]}`
}

export const grouped = (count: number): string => count.toLocaleString('en')
export const counted = (count: number, thing: string, things = `${thing}s`): string =>
  `${grouped(count)} ${count === 1 ? thing : things}`

/** In the time zone of the reader. */
export const day = (iso: string): string =>
  new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
export const moment = (iso: string): string =>
  new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })

/** `until …`, `ended …` when that is over, `without end` for null. */
export const endOf = (iso: string | null): string =>
  iso === null ? 'without end' : `${new Date(iso) <= new Date() ? 'ended' : 'until'} ${moment(iso)}`

/** Seconds as `3 s`, `2 min`, `1 h 5 min`. */
export function span(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'a while'
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const KINDS: Array<[RegExp, string]> = [
  [/^image\//, 'image'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
  [/^text\/|json|xml/, 'text'],
  [/pdf|word|document|sheet|presentation/, 'text'],
  [/zip|tar|compressed|rar/, 'archive'],
]

/** Which icon a media type has. */
export const kindOf = (mimeType: string): string =>
  KINDS.find(([pattern]) => pattern.test(mimeType))?.[1] ?? 'file'
