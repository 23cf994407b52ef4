/** nating's words for our records. Fields and types as the API promises them; nothing of the storage leaks. */
import { t } from 'elysia'
import type { CompletedUpload } from '../../core/completion.ts'
import type { DescribedLink } from '../../core/downloads.ts'
import type { FileRecord, Folder, Part, UploadSession } from '../../core/model.ts'
import type { SignedPart } from '../../core/part-urls.ts'

const nullable = <T extends ReturnType<typeof t.String> | ReturnType<typeof t.Number>>(schema: T) =>
  t.Union([schema, t.Null()])
const whole = (description?: string) => t.Number({ description, multipleOf: 1 })
const date = () => t.String({ examples: ['2026-11-22 03:00:00'], description: 'UTC' })
const ok = () => t.Literal('ok')

/** `Y-m-d H:i:s`, UTC. */
export const toDate = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ')
const toDateOrNull = (at: Date | null): string | null => (at ? toDate(at) : null)

const PartSchema = t.Object({
  part_number: whole(),
  etag: nullable(t.String({ description: 'MD5 of the part; null while it is only signed' })),
  part_size: whole('bytes'),
  checksum_sha256: nullable(t.String()),
  status: t.UnionEnum(['signed', 'uploaded', 'verified', 'failed']),
  created_at: date(),
  updated_at: date(),
})

/** A part the client has not reported is `signed`, whether its bytes have arrived or not. */
const toPart = (part: Part): typeof PartSchema.static => ({
  part_number: part.number,
  etag: part.reported ? part.etag : null,
  part_size: part.reported ? part.size : 0,
  checksum_sha256: part.checksumSha256,
  status: part.reported ? 'uploaded' : 'signed',
  created_at: toDate(part.createdAt),
  updated_at: toDate(part.updatedAt),
})

const session = {
  public_id: t.String({ examples: ['ups_ab12cd34ef56ab12cd34'] }),
  user_id: nullable(whole()),
  folder_id: nullable(whole()),
  storage_provider: t.String({ examples: ['local'] }),
  original_filename: t.String(),
  expected_size: whole('bytes'),
  mime_hint: nullable(t.String()),
  checksum_sha256: nullable(t.String()),
  status: t.UnionEnum([
    'pending',
    'uploading',
    'completing',
    'processing',
    'completed',
    'failed',
    'aborted',
    'expired',
  ]),
  reserved_bytes: whole(),
  uploaded_bytes: whole('Sum of the reported parts'),
  completed_parts: whole('Count of the reported parts'),
  part_size_bytes: whole(),
  error_message: nullable(t.String()),
  expires_at: date(),
  completed_at: nullable(date()),
  created_at: date(),
  updated_at: date(),
  metadata: t.Object({ file_id: t.Optional(whole()), stored_file_id: t.Optional(whole()) }),
}

export const SessionSchema = t.Object(session)
const SessionWithPartsSchema = t.Object({ ...session, parts: t.Array(PartSchema) })

export const toSession = (record: UploadSession, provider: string): typeof SessionSchema.static => ({
  public_id: record.id,
  user_id: record.accountId,
  folder_id: record.folderId,
  storage_provider: provider,
  original_filename: record.filename,
  expected_size: record.expectedSize,
  mime_hint: record.mimeType,
  checksum_sha256: record.checksumSha256,
  status: record.status,
  reserved_bytes: record.reservedBytes,
  uploaded_bytes: record.uploadedBytes,
  completed_parts: record.completedParts,
  part_size_bytes: record.partSize,
  error_message: record.errorMessage,
  expires_at: toDate(record.expiresAt),
  completed_at: toDateOrNull(record.completedAt),
  created_at: toDate(record.createdAt),
  updated_at: toDate(record.updatedAt),
  metadata:
    record.fileId === null || record.objectId === null
      ? {}
      : { file_id: record.fileId, stored_file_id: record.objectId },
})

export const toSessionWithParts = (record: UploadSession, parts: Part[], provider: string) => ({
  ...toSession(record, provider),
  parts: parts.map(toPart),
})

const SignedPartSchema = t.Object({
  part_number: whole(),
  method: t.Literal('PUT'),
  url: t.String({
    examples: ['https://your-site.example/storage/parts/ups_…?partNumber=1&expires=…&signature=…'],
  }),
  expires_in: whole('seconds'),
  expected_size: whole('bytes the part must have'),
})

export const toSignedPart = (part: SignedPart, origin: string): typeof SignedPartSchema.static => ({
  part_number: part.number,
  method: 'PUT',
  url: new URL(part.url, origin).href,
  expires_in: part.expiresIn,
  expected_size: part.size,
})

const CapabilitiesSchema = t.Object({
  multipart: t.Boolean(),
  presigned_part_upload: t.Boolean(),
  app_part_upload: t.Boolean(),
  presigned_download: t.Boolean(),
  head: t.Boolean(),
})

/** A hash that a client claims never yields a file, so nothing is ever skipped. */
const neverSkipped = { upload_skipped: false, file_id: null, deduplicated: false } as const
const NeverSkipped = { upload_skipped: t.Boolean(), file_id: nullable(whole()), deduplicated: t.Boolean() }

const capabilities = {
  multipart: true,
  presigned_part_upload: true,
  app_part_upload: true,
  presigned_download: true,
  head: true,
}

export const CreatedSchema = t.Object({
  status: ok(),
  session: SessionSchema,
  part_size_bytes: whole(),
  expires_at: date(),
  capabilities: CapabilitiesSchema,
  ...NeverSkipped,
})

export const toCreated = (record: UploadSession, provider: string): typeof CreatedSchema.static => ({
  status: 'ok',
  session: toSession(record, provider),
  part_size_bytes: record.partSize,
  expires_at: toDate(record.expiresAt),
  capabilities,
  ...neverSkipped,
})

export const ManagedSchema = t.Object({
  status: ok(),
  session: SessionSchema,
  part_size_bytes: whole(),
  parts: t.Array(SignedPartSchema),
  complete_url: t.String({ examples: ['/api/v1/uploads/sessions/ups_ab12cd34ef56ab12cd34/complete'] }),
  report_part_url: t.String({ examples: ['/api/v1/uploads/sessions/ups_ab12cd34ef56ab12cd34/parts/report'] }),
  ...NeverSkipped,
  expires_at: date(),
  capabilities: CapabilitiesSchema,
})

export const toManaged = (
  record: UploadSession,
  parts: SignedPart[],
  { provider, origin }: { provider: string; origin: string },
): typeof ManagedSchema.static => ({
  ...toCreated(record, provider),
  parts: parts.map((part) => toSignedPart(part, origin)),
  complete_url: `/api/v1/uploads/sessions/${record.id}/complete`,
  report_part_url: `/api/v1/uploads/sessions/${record.id}/parts/report`,
})

export const SessionAnswerSchema = t.Object({ status: ok(), session: SessionWithPartsSchema })
export const SignedSchema = t.Object({ status: ok(), parts: t.Array(SignedPartSchema) })
export const PartReceivedSchema = t.Object({ status: ok(), etag: t.String(), part_size: whole('bytes') })
export const DoneSchema = t.Object({ status: ok() })

export const CompletedSchema = t.Object({
  status: ok(),
  file_id: whole(),
  session_id: t.String(),
  stored_file_id: whole(),
  deduplicated: t.Boolean(),
  checksum_sha256: nullable(t.String({ description: 'Computed by the server' })),
  upload_skipped: t.Boolean(),
})

export const toCompleted = ({
  session,
  fileId,
  objectId,
  sha256,
}: CompletedUpload): typeof CompletedSchema.static => ({
  status: 'ok',
  file_id: fileId,
  session_id: session.id,
  stored_file_id: objectId,
  deduplicated: false,
  checksum_sha256: sha256,
  upload_skipped: false,
})

export const FileSchema = t.Object({
  id: whole(),
  short_id: t.String({ examples: ['4ynA8yjhsu'] }),
  filename: t.String(),
  status: t.UnionEnum(['active', 'processing', 'failed', 'deleted']),
  file_size: whole('bytes'),
  size: whole('the same'),
  mime_type: t.String(),
  is_public: t.Number({ description: '0 private, 1 unlisted, 2 public', minimum: 0, maximum: 2 }),
  folder_id: nullable(whole()),
  downloads: whole(),
  created_at: date(),
})
export const FileAnswerSchema = t.Object({ status: ok(), file: FileSchema })

function toFileStatus({ status, contentState }: FileRecord): (typeof FileSchema.static)['status'] {
  if (status === 'trashed') return 'deleted'
  return contentState === 'ready' ? 'active' : contentState
}

export const toFile = (file: FileRecord): typeof FileSchema.static => ({
  id: file.id,
  short_id: file.slug,
  filename: file.name,
  status: toFileStatus(file),
  file_size: file.size,
  size: file.size,
  mime_type: file.mimeType,
  is_public: file.visibility,
  folder_id: file.folderId,
  downloads: file.downloads,
  created_at: toDate(file.createdAt),
})

export const LinkSchema = t.Object({
  status: ok(),
  url: t.String({ examples: ['https://your-site.example/download/123?token=…&expires=…'] }),
  expires_in: whole('seconds'),
  delivery: t.String({ examples: ['app'], description: 'Opaque to clients' }),
  delivery_reason: t.String({ examples: ['app_controlled_delivery'], description: 'Opaque to clients' }),
})

/** `ours`: how bytes leave that go through us. */
export function toLink(
  { path, expiresIn, way, file }: DescribedLink,
  origin: string,
  ours: string,
): typeof LinkSchema.static {
  const link = { status: 'ok' as const, url: origin + path, expires_in: expiresIn }
  if (way === 'app') return { ...link, delivery: ours, delivery_reason: 'app_controlled_delivery' }
  if (way === 'cdn') return { ...link, delivery: way, delivery_reason: 'public_object_storage_cdn' }
  const reason = file.visibility === 0 ? 'private_signed_origin' : 'public_signed_origin'
  return { ...link, delivery: way, delivery_reason: reason }
}

const FolderSchema = t.Object({
  id: whole(),
  name: t.String(),
  parent_id: nullable(whole()),
  file_count: whole(),
  folder_count: whole(),
  total_size: whole('bytes of all files below it'),
  created_at: date(),
})
export const FoldersSchema = t.Object({ status: ok(), folders: t.Array(FolderSchema) })
export const FolderAnswerSchema = t.Object({ status: ok(), folder: FolderSchema })

export const toFolder = (folder: Folder): typeof FolderSchema.static => ({
  id: folder.id,
  name: folder.name,
  parent_id: folder.parentId,
  file_count: folder.fileCount,
  folder_count: folder.folderCount,
  total_size: folder.totalSize,
  created_at: toDate(folder.createdAt),
})
