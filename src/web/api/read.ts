/** What the calls of our pages say, made sure of. */
import { invalid } from '../../core/fault.ts'
import { byteLength } from '../../core/filename.ts'
import type { EntryOrder, Slice, WhenTaken } from '../../core/metadata.ts'
import type { Visibility } from '../../core/model.ts'
import type { Fields } from '../../http/fields.ts'
import { folderId } from '../../http/path-ids.ts'
import { type EntryRef, LARGEST_BATCH, LARGEST_SLICE, type WantedName } from '../wire/entries.ts'

const isId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0

/** A folder in a path: `top` is the root, null. Fault: folder_not_found. */
export const folderParam = (raw: string | undefined): number | null => (raw === 'top' ? null : folderId(raw))

/** A folder in a body: null and absence are the root. Fault: invalid. */
export function folderField(body: Fields, field: string): number | null {
  const value = body[field] ?? null
  if (value !== null && !isId(value)) throw invalid(field, `The value of "${field}" is not valid.`)
  return value
}

/** Fault: invalid. */
export function textField(body: Fields, field: string): string {
  const value = body[field]
  if (typeof value !== 'string') throw invalid(field, `The value of "${field}" is not valid.`)
  return value
}

/** Undefined when absent. Fault: invalid. */
export const optionalText = (body: Fields, field: string): string | undefined =>
  body[field] === undefined ? undefined : textField(body, field)

const LONGEST_NAME = 255

/** A name that somebody types: what could not be kept of it is refused rather than left out. Fault: invalid. */
export function nameField(body: Fields): string {
  const name = textField(body, 'name')
  if (/[/\\]/.test(name)) throw invalid('name', 'A name can not have / or \\ in it.')
  if (byteLength(name) > LONGEST_NAME) throw invalid('name', `A name has at most ${LONGEST_NAME} bytes.`)
  return name
}

/** Undefined when absent. Fault: invalid. */
export const optionalName = (body: Fields): string | undefined =>
  body.name === undefined ? undefined : nameField(body)

/** What becomes of names that are taken where entries go; both have one when absent. Fault: invalid. */
export function whenTakenField({ whenTaken }: Fields): { whenTaken?: WhenTaken } {
  if (whenTaken === undefined) return {}
  if (whenTaken !== 'refuse' && whenTaken !== 'number')
    throw invalid('whenTaken', 'A name that is taken is refused, or gets a number.')
  return { whenTaken }
}

/** Undefined when absent, null when null. Fault: invalid. */
export const nullableText = (body: Fields, field: string): string | null | undefined =>
  body[field] === null ? null : optionalText(body, field)

/** Likewise. Fault: invalid. */
export function nullableNumber(body: Fields, field: string): number | null | undefined {
  const value = body[field]
  if (value === undefined || value === null) return value
  if (typeof value !== 'number') throw invalid(field, `The value of "${field}" is not valid.`)
  return value
}

/** A time in ISO 8601, likewise. What is none becomes an invalid Date, which the core refuses. */
export function nullableTime(body: Fields, field: string): Date | null | undefined {
  const value = nullableText(body, field)
  return typeof value === 'string' ? new Date(value) : value
}

/** Fault: invalid. */
export function visibilityField(body: Fields): Visibility {
  const { visibility } = body
  if (visibility === 0 || visibility === 1 || visibility === 2) return visibility
  throw invalid('visibility', 'The visibility is 0, 1 or 2.')
}

/** Fault: invalid (none, more than LARGEST_BATCH, or what is none). */
export function itemsField(body: Fields): EntryRef[] {
  const { items } = body
  if (!Array.isArray(items) || items.length === 0) throw invalid('items', 'No entries were named.')
  if (items.length > LARGEST_BATCH)
    throw invalid('items', `One call is about ${LARGEST_BATCH} entries at most.`)
  return items.map(toRef)
}

/** Fault: invalid (none, more than LARGEST_BATCH, or what is none). */
export function wantedField({ wanted }: Fields): WantedName[] {
  if (!Array.isArray(wanted) || wanted.length === 0 || wanted.length > LARGEST_BATCH)
    throw invalid('wanted', `One call is about 1 to ${LARGEST_BATCH} names.`)
  return wanted.map(toWanted)
}

function toWanted(one: unknown): WantedName {
  const { type, folderId = null, name } = (one ?? {}) as Partial<WantedName>
  const isPlace = folderId === null || isId(folderId)
  if ((type !== 'file' && type !== 'folder') || typeof name !== 'string' || !isPlace)
    throw invalid('wanted', 'A name has a type, a folder and a name.')
  return { type, folderId, name }
}

function toRef(item: unknown): EntryRef {
  const { type, id } = (item ?? {}) as Partial<EntryRef>
  if ((type !== 'file' && type !== 'folder') || !isId(id))
    throw invalid('items', 'An entry has a type and an id.')
  return { type, id }
}

const ORDERS: readonly string[] = ['name', 'size', 'date', 'downloads'] satisfies Array<EntryOrder['by']>

/** Where a page of a list begins: older than this id; null when absent, the newest. Fault: invalid. */
export function beforeParam(query: URLSearchParams): number | null {
  const text = query.get('before')
  if (text === null) return null
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw invalid('before', 'The value of "before" is not where a page begins.')
  return Number(text)
}

/** A moment in a query, in ISO 8601 with its time zone; null when absent. Fault: invalid. */
export function timeParam(query: URLSearchParams, name: string): Date | null {
  const text = query.get(name) ?? ''
  if (text === '') return null
  const time = new Date(/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? text : Number.NaN)
  if (Number.isNaN(time.getTime())) throw invalid(name, `The value of "${name}" is not a time.`)
  return time
}

/** By name, upwards, for whatever is no order. */
export function readOrder(query: URLSearchParams): EntryOrder {
  const by = query.get('sort') ?? ''
  return {
    by: ORDERS.includes(by) ? (by as EntryOrder['by']) : 'name',
    descending: query.get('dir') === 'desc',
  }
}

/** The beginning, for whatever is none. */
export function readSlice(query: URLSearchParams): Slice {
  const whole = (name: string, most: number, fallback: number): number => {
    const text = query.get(name) ?? ''
    return /^\d{1,9}$/.test(text) ? Math.min(Number(text), most) : fallback
  }
  return {
    offset: whole('offset', 100_000_000, 0),
    limit: Math.max(1, whole('limit', LARGEST_SLICE, 100)),
  }
}
