/** Names of new files beside those their folder has. */
import { and, eq, gte, isNull, lt, type SQL } from 'drizzle-orm'
import { byteLength, cutToBytes } from '../core/filename.ts'
import { type Connection, row, rows, type Work } from './database.ts'
import { files } from './schema.ts'

const MAX_BYTES = 255
/** Room for ` (123456789)`: the stem is cut once, not anew with every further digit. */
const NUMBER_BYTES = 12

/**
 * The name itself, or with the first free number: `name (1).ext`. Names are compared exactly. A guest's files
 * are in no folder and keep their names. The folder is known to be active.
 */
export function* freeName(
  db: Connection,
  accountId: number | null,
  folderId: number | null,
  name: string,
): Work<string> {
  if (accountId === null) return name
  const beside = and(
    eq(files.accountId, accountId),
    folderId === null ? isNull(files.folderId) : eq(files.folderId, folderId),
    eq(files.status, 'active'),
  )
  const taken = db
    .select({ id: files.id })
    .from(files)
    .where(and(beside, eq(files.name, name)))
    .limit(1)
  if (!(yield* row(taken))) return name
  const { stem, extension } = split(name)
  const number = yield* freeNumber(db, beside, `${stem} (`, `)${extension}`)
  return `${stem} (${number})${extension}`
}

/** One look at the index: every name between `stem (` and `stem )`. */
function* freeNumber(db: Connection, beside: SQL | undefined, before: string, after: string): Work<number> {
  const numbered = and(beside, gte(files.name, before), lt(files.name, `${before.slice(0, -1)})`))
  const used = new Set<string>()
  for (const { name } of yield* rows(db.select({ name: files.name }).from(files).where(numbered))) {
    if (name.endsWith(after)) used.add(name.slice(before.length, -after.length))
  }
  let number = 1
  while (used.has(String(number))) number++
  return number
}

/** The parts around the number, cut so that all fits. A dot at the beginning makes no extension. */
function split(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  const stem = name.slice(0, name.length - extension.length)
  const room = MAX_BYTES - NUMBER_BYTES - byteLength(extension)
  if (byteLength(stem) <= room) return { stem, extension }
  // An ending that leaves no room for a stem is no extension.
  return room > 0
    ? { stem: cut(stem, room), extension }
    : { stem: cut(name, MAX_BYTES - NUMBER_BYTES), extension: '' }
}

/** Without the blanks that a cut may leave at the end. */
const cut = (text: string, bytes: number): string => cutToBytes(text, bytes).trimEnd()
