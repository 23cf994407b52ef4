/** The uploader's words for our records. */
import { t } from 'elysia'
import { extensionOf } from '../../core/filename.ts'
import type { FileRecord } from '../../core/model.ts'

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** `1.5KB`: up to two decimals, no blank. What rounds to 1024 of a unit is 1 of the next. */
function toSize(bytes: number): string {
  let unit = 0
  let value = bytes
  while (unit < UNITS.length - 1 && rounded(value) >= 1024) {
    value /= 1024
    unit++
  }
  return `${rounded(value)}${UNITS[unit]}`
}
const rounded = (value: number): number => Math.round(value * 100) / 100

/** `D.M.YYYY`, UTC. */
const toDay = (at: Date): string => `${at.getUTCDate()}.${at.getUTCMonth() + 1}.${at.getUTCFullYear()}`

/** With its dot; empty when the name has none. */
export function dottedExtension(name: string): string {
  const extension = extensionOf(name)
  return extension === '' ? '' : `.${extension}`
}

const AuthErrorSchema = t.Object({ message: t.Optional(t.String()), errorId: t.Optional(t.Number()) })

const common = {
  file_url: t.String({
    examples: ['4ynA8yjhsu'],
    description: 'The slug; with include_ext, with its extension',
  }),
  file_url_full: t.String({ examples: ['https://your-site.example/file/4ynA8yjhsu'] }),
  key: t.String({ description: 'Deletion key' }),
  ext: t.String({ examples: ['.mp4'] }),
  user_filename: t.String({ examples: ['test.mp4'] }),
  synced: t.Boolean({ description: 'Whether it belongs to an account' }),
  size: t.String({ examples: ['1.5KB'] }),
  craeted_at: t.Number({ description: 'Unix seconds; spelt as its clients expect it' }),
  created_at: t.Number(),
}

export const UploadedSchema = t.Object({
  status: t.Literal('success'),
  message: t.String(),
  ...common,
  auth_error: AuthErrorSchema,
})

const toCommon = (file: FileRecord, origin: string, synced: boolean) => {
  // Clients put it into addresses as it is, so it is encoded already.
  const fileUrl = file.slug + encodeURIComponent(file.urlExtension ?? '')
  const createdAt = file.createdAt.getTime() / 1000
  return {
    file_url: fileUrl,
    file_url_full: `${origin}/file/${fileUrl}`,
    key: file.deleteKey,
    ext: dottedExtension(file.name),
    user_filename: file.name,
    synced,
    size: toSize(file.size),
    craeted_at: createdAt,
    created_at: createdAt,
  }
}

export const toUploaded = (
  file: FileRecord,
  { origin, authError }: { origin: string; authError: typeof AuthErrorSchema.static | null },
): typeof UploadedSchema.static => ({
  status: 'success',
  message: 'File uploaded successfully',
  ...toCommon(file, origin, authError === null),
  auth_error: authError ?? {},
})

const ListedSchema = t.Object({ ...common, creation_date: t.String({ examples: ['1.1.1971'] }) })
export const ListSchema = t.Object({
  status: t.Literal('success'),
  message: t.String(),
  username: t.String(),
  data: t.Array(ListedSchema),
})

export const toListed = (file: FileRecord, origin: string): typeof ListedSchema.static => ({
  ...toCommon(file, origin, true),
  creation_date: toDay(file.createdAt),
})

export const SignedInSchema = t.Object({
  status: t.Literal('success'),
  accessToken: t.String({ description: 'A JWT whose payload has ExpiresAt' }),
  username: t.String(),
  message: t.String(),
})
export const RefreshedSchema = t.Object({
  status: t.Literal('success'),
  accessToken: t.String(),
  message: t.String(),
})
export const DoneSchema = t.Object({ status: t.Literal('success'), message: t.String() })
export const TransferredSchema = t.Object({
  status: t.Literal('success'),
  message: t.String(),
  unsuccess: t.Array(t.Object({ file_url: t.String(), message: t.String() })),
})
