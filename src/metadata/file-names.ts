/** Names of files and folders beside those their folder has. Names are compared exactly. */
import { and, asc, eq, gte, inArray, isNull, lt, ne, type SQL } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import { byteLength, cutToBytes } from '../core/filename.ts'
import type { WhenTaken } from '../core/metadata.ts'
import { type Connection, row, rows, type Work } from './database.ts'
import { inFolder } from './folder-files.ts'
import { files, folders } from './schema.ts'

const MAX_BYTES = 255
/** Room for ` (123456789)`: the stem is cut once, not anew with every further digit. */
const NUMBER_BYTES = 12

/** What may have the same name: files or folders of one folder. */
interface Neighbours {
  kind: 'file' | 'folder'
  here: SQL | undefined
}

const filesIn = (accountId: number, folderId: number | null): Neighbours => ({
  kind: 'file',
  here: and(
    eq(files.accountId, accountId),
    folderId === null ? isNull(files.folderId) : eq(files.folderId, folderId),
    eq(files.status, 'active'),
  ),
})

const foldersIn = (accountId: number, parentId: number | null): Neighbours => ({
  kind: 'folder',
  here: and(
    eq(folders.accountId, accountId),
    parentId === null ? isNull(folders.parentId) : eq(folders.parentId, parentId),
    eq(folders.status, 'active'),
  ),
})

const tableOf = ({ kind }: Neighbours) => (kind === 'file' ? files : folders)

/** Those whose name fulfils a condition. */
function namesWhere(db: Connection, beside: Neighbours, condition: SQL | undefined) {
  const which = and(beside.here, condition)
  return beside.kind === 'file'
    ? db.select({ id: files.id, name: files.name }).from(files).where(which).orderBy(asc(files.id))
    : db.select({ id: folders.id, name: folders.name }).from(folders).where(which).orderBy(asc(folders.id))
}

/**
 * The name itself, or with the first free number: `name (1).ext`. A guest's files are in no folder and keep their
 * names. The folder is known to be active.
 */
export function* freeName(
  db: Connection,
  accountId: number | null,
  folderId: number | null,
  name: string,
): Work<string> {
  return accountId === null ? name : yield* settled(db, filesIn(accountId, folderId), { name }, 'number')
}

/** A name that may be taken, and whose it is; nobody's yet when absent. */
interface Wanted {
  name: string
  id?: number
}

/** As `whenTaken` says. Fault: name_taken. */
function* settled(
  db: Connection,
  beside: Neighbours,
  { name, id }: Wanted,
  whenTaken: WhenTaken | undefined,
): Work<string> {
  if (whenTaken === undefined) return name
  const table = tableOf(beside)
  const others = { ...beside, here: and(beside.here, id === undefined ? undefined : ne(table.id, id)) }
  if (!(yield* row(namesWhere(db, others, eq(table.name, name)).limit(1)))) return name
  if (whenTaken === 'refuse')
    throw new Fault('name_taken', `There is a ${beside.kind} named “${name}” here already.`, {
      field: 'name',
    })
  const { stem, extension } = beside.kind === 'file' ? split(name) : asFolder(name)
  const number = yield* freeNumber(db, others, `${stem} (`, `)${extension}`)
  return `${stem} (${number})${extension}`
}

/** The name a file gets in a folder. Fault: name_taken. */
export const settledFileName = (
  db: Connection,
  accountId: number,
  folderId: number | null,
  wanted: Wanted,
  whenTaken: WhenTaken | undefined,
): Work<string> => settled(db, filesIn(accountId, folderId), wanted, whenTaken)

/** Likewise of a folder, whose name has no ending. */
export const settledFolderName = (
  db: Connection,
  accountId: number,
  parentId: number | null,
  wanted: Wanted,
  whenTaken: WhenTaken | undefined,
): Work<string> => settled(db, foldersIn(accountId, parentId), wanted, whenTaken)

/** See FileStore.namesTaken. */
export function* fileNamesTaken(
  db: Connection,
  accountId: number,
  folderId: number | null,
  names: string[],
  now: Date,
): Work<Map<string, number>> {
  const present = inFolder(db, accountId, folderId, now)
  const beside: Neighbours = { kind: 'file', here: present }
  return firstByName(yield* rows(namesWhere(db, beside, inArray(files.name, names))))
}

/** See FolderStore.namesTaken. */
export function* folderNamesTaken(
  db: Connection,
  accountId: number,
  parentId: number | null,
  names: string[],
): Work<Map<string, number>> {
  const beside = foldersIn(accountId, parentId)
  return firstByName(yield* rows(namesWhere(db, beside, inArray(folders.name, names))))
}

const firstByName = (found: Array<{ id: number; name: string }>): Map<string, number> =>
  new Map(found.toReversed().map(({ id, name }) => [name, id]))

/** One look at the index: every name between `stem (` and `stem )`. */
function* freeNumber(db: Connection, beside: Neighbours, before: string, after: string): Work<number> {
  const { name: column } = tableOf(beside)
  const numbered = and(gte(column, before), lt(column, `${before.slice(0, -1)})`))
  const used = new Set<string>()
  for (const { name } of yield* rows(namesWhere(db, beside, numbered))) {
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

const asFolder = (name: string): { stem: string; extension: string } => ({
  stem: byteLength(name) <= MAX_BYTES - NUMBER_BYTES ? name : cut(name, MAX_BYTES - NUMBER_BYTES),
  extension: '',
})

/** Without the blanks that a cut may leave at the end. */
const cut = (text: string, bytes: number): string => cutToBytes(text, bytes).trimEnd()
