/** Flamenet's words for our records. */
import { t } from 'elysia'
import type { FileRecord, Share } from '../../core/model.ts'

/** `Y-m-d H:i:s`, UTC. */
export const toDate = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ')

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** B and KB whole, from MB on with one decimal: `200 KB`, `1.5 MB`. What rounds to 1024 is 1 of the next. */
function toDisplay(bytes: number): string {
  let unit = 0
  let value = bytes
  while (unit < UNITS.length - 1 && Number(rounded(value, unit)) >= 1024) {
    value /= 1024
    unit++
  }
  return `${rounded(value, unit)} ${UNITS[unit]}`
}
const rounded = (value: number, unit: number): string => value.toFixed(unit < 2 ? 0 : 1)

const nullableText = (examples: string[]) => t.Union([t.String({ examples }), t.Null()])

export const FileSchema = t.Object({
  id: t.Number({ examples: [42] }),
  file_name: t.String({ examples: ['report.pdf'] }),
  size_bytes: t.Number({ examples: [204800] }),
  size_display: t.String({ examples: ['200 KB'] }),
  mime_type: t.String({ examples: ['application/pdf'] }),
  is_shared: t.Boolean(),
  share_token: nullableText(['a3f8c2d1a3f8c2d1a3f8c2d1a3f8c2d1']),
  share_url: nullableText(['https://your-site.example/files/?fnf_share=a3f8…']),
  share_expires: nullableText(['2026-04-01 00:00:00']),
  created_at: t.String({ examples: ['2026-03-01 10:00:00'] }),
  updated_at: t.String({ examples: ['2026-03-01 10:00:00'] }),
})

const shareUrl = (token: string, origin: string): string => `${origin}/files/?fnf_share=${token}`
const expiryOf = (share: Share | null): string | null => (share?.expiresAt ? toDate(share.expiresAt) : null)

/** `share` is null when there is none that is alive. */
export const toFile = (file: FileRecord, share: Share | null, origin: string): typeof FileSchema.static => ({
  id: file.id,
  file_name: file.name,
  size_bytes: file.size,
  size_display: toDisplay(file.size),
  mime_type: file.mimeType,
  is_shared: share !== null,
  share_token: share?.token ?? null,
  share_url: share && shareUrl(share.token, origin),
  share_expires: expiryOf(share),
  created_at: toDate(file.createdAt),
  updated_at: toDate(file.updatedAt),
})

export const ListSchema = t.Object({
  files: t.Array(FileSchema),
  page: t.Number(),
  per_page: t.Number(),
  total: t.Number(),
})
export const DeletedSchema = t.Object({ deleted: t.Literal(true), id: t.Number() })
export const SharedSchema = t.Object({
  id: t.Number(),
  shared: t.Literal(true),
  token: t.String(),
  share_url: t.String(),
  expires: nullableText(['2026-04-01 00:00:00']),
})
export const UnsharedSchema = t.Object({ id: t.Number(), shared: t.Literal(false) })
export const DownloadSchema = t.Object({
  download_url: t.String(),
  expires_in: t.Number({ examples: [300] }),
})

export const toShared = (share: Share, origin: string): typeof SharedSchema.static => ({
  id: share.fileId,
  shared: true,
  token: share.token,
  share_url: shareUrl(share.token, origin),
  expires: expiryOf(share),
})
