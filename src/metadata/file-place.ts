/**
 * What the place of a file makes of it. A file that went to the trash with its folder is not written to: its row says
 * `active`, its folder says `trashed`. So a folder of any number of files is trashed and restored by writing to the
 * folders alone, in one moment, and nobody else waits for it.
 */
import { and, eq, exists, isNull, notInArray, or, type SQL, sql } from 'drizzle-orm'
import type { RecordStatus } from '../core/model.ts'
import type { Connection } from './database.ts'
import { files, folders } from './tables/files.ts'

// In the list of columns of a single table names stand without it, but not inside a nested `sql`: there
// `folder_id` has to be told from columns of the folder.
const holder = sql`from ${folders} "holder" where "holder"."id" =`

/** The columns of a file's record that its folder has a say in. */
export const stateColumns = {
  status: sql<RecordStatus>`case when ${files.folderId} is not null and exists (select 1 ${holder} ${sql`${files.folderId}`}
    and "holder"."status" = 'trashed') then 'trashed' else ${files.status} end`,
  trashedAt:
    sql<Date | null>`coalesce(${files.trashedAt}, (select "holder"."trashed_at" ${holder} ${sql`${files.folderId}`}))`.mapWith(
      files.trashedAt,
    ),
}

/** Neither in the trash by itself nor with its folder. For a query of single files. */
export const isActive: SQL | undefined = and(
  eq(files.status, 'active'),
  sql`not exists (select 1 ${holder} ${files.folderId} and "holder"."status" = 'trashed')`,
)

/** Likewise, for a query of many files of an account: an index that has the folder answers it. */
export const areActive = (db: Connection, accountId: number): SQL | undefined =>
  and(
    eq(files.status, 'active'),
    or(isNull(files.folderId), notInArray(files.folderId, inTrash(db, accountId))),
  )

const inTrash = (db: Connection, accountId: number) =>
  db
    .select({ id: folders.id })
    .from(folders)
    .where(and(eq(folders.accountId, accountId), eq(folders.status, 'trashed')))

/** Active, and directly in that folder, null is the root. An index of the folder's files answers it. */
export function areIn(db: Connection, folderId: number | null): SQL | undefined {
  if (folderId === null) return and(isNull(files.folderId), eq(files.status, 'active'))
  const open = db
    .select({ id: folders.id })
    .from(folders)
    .where(and(eq(folders.id, folderId), eq(folders.status, 'active')))
  return and(eq(files.folderId, folderId), eq(files.status, 'active'), exists(open))
}
