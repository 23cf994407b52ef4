/** What all records add up to, and lists of everybody's. */
import { and, asc, count, desc, eq, gte, inArray, lt, or, type SQL, sql, sum } from 'drizzle-orm'
import type {
  ListedAccount,
  ListedFile,
  OversightStore,
  SiteDay,
  SiteTotals,
  Slice,
} from '../core/metadata.ts'
import { accountColumns, fileColumns, nameKey } from './columns.ts'
import { type Connection, type Engine, row, rows, type Work } from './database.ts'
import { accounts, fileDays, files, folders, imports, objects, uploads } from './schema.ts'
import { namePattern } from './search.ts'
import { OPEN } from './upload-states.ts'

export function oversightStore(engine: Engine): OversightStore {
  return {
    totals: () => engine.read(totals),
    days: (fromDay) => engine.read((db) => days(db, fromDay)),
    accounts: (text, slice) => engine.read((db) => accountsOnPage(db, text, slice)),
    files: (text, page) => engine.read((db) => filesOnPage(db, text, page)),
  }
}

const bytes = (column: Parameters<typeof sum>[0]): SQL<number> =>
  sql<number>`coalesce(${sum(column)}, 0)`.mapWith(Number)

/** Of folders in the trash. Their files are active by their own record; sizes are those of all below. */
const heldInTrash = {
  files: bytes(folders.fileCount),
  bytes: bytes(sql`case when ${folders.parentId} is null then ${folders.totalSize} else 0 end`),
}

function* totals(db: Connection): Work<SiteTotals> {
  const filesBy = db
    .select({ status: files.status, files: count(), bytes: bytes(files.size) })
    .from(files)
    .groupBy(files.status)
  const byStatus = new Map((yield* rows(filesBy)).map((group) => [group.status, group]))
  const active = byStatus.get('active')
  const trashed = byStatus.get('trashed')
  const withFolders = yield* row(db.select(heldInTrash).from(folders).where(eq(folders.status, 'trashed')))
  const { files: filesWith, bytes: bytesWith } = withFolders ?? { files: 0, bytes: 0 }
  const live = db
    .select({ bytes: bytes(objects.size) })
    .from(objects)
    .where(eq(objects.state, 'live'))
  const open = db.select({ open: count() }).from(uploads).where(inArray(uploads.status, OPEN))
  const waiting = inArray(imports.status, ['pending', 'downloading', 'processing'])
  return {
    accounts: (yield* row(db.select({ total: count() }).from(accounts)))?.total ?? 0,
    files: (active?.files ?? 0) - filesWith,
    fileBytes: (active?.bytes ?? 0) - bytesWith,
    trashedFiles: (trashed?.files ?? 0) + filesWith,
    trashedBytes: (trashed?.bytes ?? 0) + bytesWith,
    objectBytes: (yield* row(live))?.bytes ?? 0,
    openUploads: (yield* row(open))?.open ?? 0,
    openImports: (yield* row(db.select({ open: count() }).from(imports).where(waiting)))?.open ?? 0,
  }
}

const days = (db: Connection, fromDay: string): Work<SiteDay[]> =>
  rows(
    db
      .select({ day: fileDays.day, downloads: bytes(fileDays.downloads), bytes: bytes(fileDays.bytes) })
      .from(fileDays)
      .where(gte(fileDays.day, fromDay))
      .groupBy(fileDays.day)
      .orderBy(asc(fileDays.day)),
  )

/** UTF-16 units: a longer text is in no name, and databases limit their patterns. */
const LONGEST_TEXT = 510

const contains = (column: SQL.Aliased | Parameters<typeof eq>[0], text: string): SQL =>
  sql`${column} like ${namePattern(nameKey(text))} escape '\\'`

function* accountsOnPage(
  db: Connection,
  text: string,
  { offset, limit }: Slice,
): Work<{ items: ListedAccount[]; total: number }> {
  if (text.length > LONGEST_TEXT) return { items: [], total: 0 }
  const wanted =
    text === '' ? undefined : or(contains(accounts.nameKey, text), contains(accounts.emailKey, text))
  const ownFiles = db.$count(files, eq(files.accountId, accounts.id))
  const items = yield* rows(
    db
      .select({ ...accountColumns, files: ownFiles })
      .from(accounts)
      .where(wanted)
      .orderBy(asc(accounts.nameKey))
      .limit(limit)
      .offset(offset),
  )
  const counted = yield* row(db.select({ total: count() }).from(accounts).where(wanted))
  return { items, total: counted?.total ?? 0 }
}

/** Who looks for a slug or an owner writes it whole. */
function filesOnPage(
  db: Connection,
  text: string,
  { limit, beforeId }: { limit: number; beforeId: number | null },
): Work<ListedFile[]> {
  const isLong = text.length > LONGEST_TEXT
  const wanted =
    text === ''
      ? undefined
      : or(
          eq(files.slug, text),
          eq(accounts.nameKey, nameKey(text)),
          contains(files.nameKey, isLong ? '' : text),
        )
  return rows(
    db
      .select({ file: fileColumns, ownerName: accounts.name })
      .from(files)
      .leftJoin(accounts, eq(accounts.id, files.accountId))
      .where(and(wanted, isLong ? sql`0` : undefined, beforeId === null ? undefined : lt(files.id, beforeId)))
      .orderBy(desc(files.id))
      .limit(limit),
  )
}
