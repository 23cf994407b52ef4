/** Reads nating's fields as leniently as its first server did: numbers may come as text, odd types count as absent. */
import { DEFAULT_LINK_SECONDS } from '../../core/downloads.ts'
import type { UploadRequest } from '../../core/upload-request.ts'

export type Fields = Record<string, unknown>

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** NaN for what is no whole number; infinite for one that is too large to be told. */
export function integer(value: unknown): number {
  if (typeof value === 'number')
    return Number.isInteger(value) || !Number.isFinite(value) ? value : Number.NaN
  return typeof value === 'string' && /^\s*-?\d{1,400}\s*$/.test(value) ? Number(value) : Number.NaN
}

/** Absent, null, 0 and empty text are the root; what is no number is a folder that does not exist. */
function folderId(value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null
  const id = integer(value)
  if (id === 0) return null
  return Number.isSafeInteger(id) ? id : -1
}

export const readUploadRequest = (body: Fields): UploadRequest => ({
  filename: text(body.filename) ?? '',
  size: integer(body.size),
  mimeType: text(body.mime_type),
  folderId: folderId(body.folder_id),
  checksumSha256: text(body.checksum_sha256),
})

/** NaN stands for an element that is no number. Null when there is no list. */
export function readPartNumbers(body: Fields): number[] | null {
  return Array.isArray(body.part_numbers) ? body.part_numbers.map(integer) : null
}

/** Seconds; an hour when absent or no number. */
export function readLifetime(value: unknown): number {
  const seconds = integer(value)
  return Number.isNaN(seconds) ? DEFAULT_LINK_SECONDS : seconds
}

/** Quotes around an ETag, as HTTP sends them, are taken off. */
export const readPartReport = (body: Fields) => ({
  number: integer(body.part_number),
  etag: (text(body.etag) ?? '')
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .toLowerCase(),
  size: integer(body.part_size),
  checksumSha256: text(body.checksum_sha256),
})

export const readChecksumField = (body: Fields): string | null => text(body.checksum_sha256)

export const readFolder = (body: Fields) => ({
  name: text(body.name) ?? '',
  parentId: folderId(body.parent_id),
})

/** Trimmed and cut at 128 characters; empty is absent. */
export function readIdempotencyKey(headers: Headers): string | null {
  const value = headers.get('idempotency-key')?.trim() || headers.get('x-idempotency-key')?.trim() || ''
  return value === '' ? null : value.slice(0, 128)
}
