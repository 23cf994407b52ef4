/** What a call says besides its path: named values, from a body or from the query. */
import { queryOf } from './dialect.ts'

export type Fields = Record<string, unknown>

/**
 * Of two values with one name the last counts; names that end with `[]` are lists. What is no text is left
 * out, and so is `__proto__`, which is harmless only until somebody merges the object.
 */
export function fieldsOf(pairs: Iterable<[string, unknown]>): Fields {
  const fields = new Map<string, string | string[]>()
  for (const [key, value] of pairs) {
    const isList = key.endsWith('[]')
    const name = isList ? key.slice(0, -2) : key
    if (typeof value !== 'string' || name === '__proto__') continue
    const known = fields.get(name)
    if (isList && Array.isArray(known)) known.push(value)
    else fields.set(name, isList ? [value] : value)
  }
  return Object.fromEntries(fields)
}

/** The fields of the query. */
export const queryFields = (request: Request): Fields => fieldsOf(new URLSearchParams(queryOf(request)))

export type TextFields = Record<string, string>

/**
 * All values as text, later sources over earlier ones. Of a list the last element counts, true and false are
 * 1 and 0 as forms write them, null is the word `null`; objects have no text and count as absent.
 */
export function textFields(...sources: readonly Fields[]): TextFields {
  const texts = new Map<string, string>()
  for (const [name, value] of sources.flatMap((fields) => Object.entries(fields))) {
    const text = textOf(Array.isArray(value) ? value.at(-1) : value)
    if (text !== null) texts.set(name, text)
  }
  return Object.fromEntries(texts)
}

function textOf(value: unknown): string | null {
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (value === undefined || (typeof value === 'object' && value !== null)) return null
  return String(value)
}
