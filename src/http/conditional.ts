/** Conditional requests (RFC 9110 section 13). Pure. */

/** What is stored: a strong entity tag with its quotes, and when it was last changed, if that is known. */
export interface Validators {
  etag: string
  lastModified: Date | null
}

export type Precondition = 'proceed' | 'not_modified' | 'precondition_failed'

type HeaderSource = Pick<Headers, 'get'>

/** Evaluates in the order of RFC 9110 section 13.2.2; a date that is no HTTP date counts as absent. */
export function evaluate(method: string, headers: HeaderSource, stored: Validators): Precondition {
  const reading = method === 'GET' || method === 'HEAD'
  if (!isExpectedVersion(headers, stored)) return 'precondition_failed'
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== null) {
    if (!listMatches(ifNoneMatch, stored.etag, weakly)) return 'proceed'
    return reading ? 'not_modified' : 'precondition_failed'
  }
  const since = parseHttpDate(headers.get('if-modified-since'))
  return reading && since !== null && isUnchangedSince(stored, since) ? 'not_modified' : 'proceed'
}

/** If-Match, or without it If-Unmodified-Since. */
function isExpectedVersion(headers: HeaderSource, stored: Validators): boolean {
  const ifMatch = headers.get('if-match')
  if (ifMatch !== null) return listMatches(ifMatch, stored.etag, strongly)
  const limit = parseHttpDate(headers.get('if-unmodified-since'))
  return limit === null || stored.lastModified === null || isUnchangedSince(stored, limit)
}

const isUnchangedSince = ({ lastModified }: Validators, date: Date): boolean =>
  lastModified !== null && seconds(lastModified) <= seconds(date)

/**
 * True when a Range header may be honoured: no If-Range, or one that names exactly what is stored. A weak
 * tag never does, and anything unreadable does not either: the answer is then the whole file.
 */
export function rangeApplies(headers: HeaderSource, stored: Validators): boolean {
  const condition = headers.get('if-range')?.trim()
  if (condition === undefined) return true
  if (condition.startsWith('"')) return condition === stored.etag
  const date = parseHttpDate(condition)
  if (date === null || stored.lastModified === null) return false
  return seconds(date) === seconds(stored.lastModified)
}

const weakly = (tag: string): string => tag.replace(/^W\//, '')
/** A weak tag is turned into what no stored tag is. */
const strongly = (tag: string): string => (tag.startsWith('W/') ? '' : tag)

/** `*` matches whatever is stored; text between tags that is no tag is skipped. */
function listMatches(header: string, etag: string, strength: (tag: string) => string): boolean {
  if (header.trim() === '*') return true
  const tags = header.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\uffff]*"/g) ?? []
  return tags.some((tag) => strength(tag) === etag)
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)

const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
const RFC850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

/** The three forms of an HTTP date, nothing else; null for anything else. */
export function parseHttpDate(text: string | null): Date | null {
  const value = text?.trim() ?? ''
  if (!IMF_FIXDATE.test(value) && !RFC850.test(value) && !ASCTIME.test(value)) return null
  const time = Date.parse(ASCTIME.test(value) ? `${value} GMT` : value)
  return Number.isNaN(time) ? null : new Date(time)
}
