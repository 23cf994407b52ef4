/**
 * The migrations, embedded as text so that the executable carries them. A new file in drizzle/ is added
 * here at the end; a test compares this list with the folder.
 */
import begin from '../../../drizzle/0000_begin.sql' with { type: 'text' }
import moreColumns from '../../../drizzle/0001_more_columns.sql' with { type: 'text' }
import foldersAgain from '../../../drizzle/0002_folders_again.sql' with { type: 'text' }
import fill from '../../../drizzle/0003_fill.sql' with { type: 'text' }
import linksAndSignIns from '../../../drizzle/0004_links_and_sign_ins.sql' with { type: 'text' }
import usesAndGuests from '../../../drizzle/0005_uses_and_guests.sql' with { type: 'text' }
import downloads from '../../../drizzle/0006_downloads.sql' with { type: 'text' }
import contentsAndSharing from '../../../drizzle/0007_contents_and_sharing.sql' with { type: 'text' }
import entriesInOrder from '../../../drizzle/0008_entries_in_order.sql' with { type: 'text' }
import placesOfTrash from '../../../drizzle/0009_places_of_trash.sql' with { type: 'text' }
import proofsAndAuditFilters from '../../../drizzle/0010_proofs_and_audit_filters.sql' with { type: 'text' }
import downloaders from '../../../drizzle/0011_downloaders.sql' with { type: 'text' }
import trashByFolder from '../../../drizzle/0012_trash_by_folder.sql' with { type: 'text' }
import journal from '../../../drizzle/meta/_journal.json'

/** One step of the schema. `createdAt` (Unix milliseconds) orders them and says what a database has. */
export interface Migration {
  tag: string
  createdAt: number
  sql: string
}

const texts: Record<string, string> = {
  '0000_begin': begin,
  '0001_more_columns': moreColumns,
  '0002_folders_again': foldersAgain,
  '0003_fill': fill,
  '0004_links_and_sign_ins': linksAndSignIns,
  '0005_uses_and_guests': usesAndGuests,
  '0006_downloads': downloads,
  '0007_contents_and_sharing': contentsAndSharing,
  '0008_entries_in_order': entriesInOrder,
  '0009_places_of_trash': placesOfTrash,
  '0010_proofs_and_audit_filters': proofsAndAuditFilters,
  '0011_downloaders': downloaders,
  '0012_trash_by_folder': trashByFolder,
}

export const migrations: Migration[] = journal.entries.map(({ tag, when }) => {
  const sql = texts[tag]
  if (sql === undefined) throw new Error(`the migration ${tag} is not embedded`)
  return { tag, createdAt: when, sql }
})
