/** Reads what flamenet's clients send. */
import { Fault, invalid } from '../../core/fault.ts'
import { printable } from '../../core/filename.ts'
import { queryOf } from '../../http/dialect.ts'

/**
 * Digits, else there is no such route. The router gives no text for a path that can not be decoded.
 * Fault: route_not_found.
 */
export function requireId(value: unknown): void {
  if (typeof value !== 'string' || !/^\d+$/.test(value)) throw new Fault('route_not_found')
}

/** A file id in a path. Faults: route_not_found, file_not_found (more digits than any id has). */
export function readId(value: string): number {
  requireId(value)
  const id = Number(value)
  if (!Number.isSafeInteger(id)) throw new Fault('file_not_found')
  return id
}

function readInteger(query: URLSearchParams, name: string, fallback: number): number {
  const value = query.get(name)?.trim()
  if (value === undefined) return fallback
  if (!/^-?\d{1,9}$/.test(value)) throw invalid(name, `Invalid parameter(s): ${name}`)
  return Number(value)
}

/** Out of range is brought into it. Fault: invalid for what is no number. */
export function readPage(request: Request): { number: number; size: number } {
  const query = new URLSearchParams(queryOf(request))
  const number = Math.max(1, readInteger(query, 'page', 1))
  return { number, size: Math.min(100, Math.max(1, readInteger(query, 'per_page', 20))) }
}

/** The start of a day in UTC; null when there is to be no end. The past is fine. Fault: invalid. */
export function readExpiry(value: unknown): Date | null {
  if (value === undefined || value === null || value === '') return null
  const at =
    typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(`${value}T00:00:00Z`) : null
  const isDay = at !== null && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(String(value))
  if (!isDay) throw invalid('expires', 'Invalid parameter(s): expires')
  return at
}

/** Faults: missing, invalid when nothing is left of it. */
export function readName(value: unknown): string {
  if (value === undefined || value === null) {
    throw new Fault('missing', 'Missing parameter(s): name', { field: 'name' })
  }
  const name = typeof value === 'string' ? clean(value) : ''
  if (name === '') throw invalid('name', 'Invalid parameter(s): name')
  return name
}

/** Blanks stay; what file systems refuse goes, and what turns the direction of writing. */
const clean = (value: string): string =>
  printable(value)
    .replace(/[<>:"|?*/\\]/g, '')
    .replace(/^[.\s]+|[.\s]+$/g, '')
