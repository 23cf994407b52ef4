/** Sizes, times and counts as people read them. */
export { counted, grouped, humanSize as size } from '../../wire/words.ts'

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
