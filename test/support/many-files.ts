/** A folder with very many files, written into the database of a server that is not running. */
import { Database } from 'bun:sqlite'

const WORDS = ['report', 'invoice', 'photo', 'draft', 'Summer', 'budget', 'Notes', 'music', 'clip', 'archive']
const KINDS = [
  ['pdf', 'application/pdf'],
  ['jpg', 'image/jpeg'],
  ['txt', 'text/plain'],
  ['zip', 'application/zip'],
] as const
const NOON = Date.UTC(2026, 10, 1, 12)

const nameAt = (index: number): string =>
  `${WORDS[index % WORDS.length]}-${String((index * 7919) % 1_000_003).padStart(7, '0')}.${KINDS[index % KINDS.length]?.[0]}`

/** The name of the last one, which search has to find. */
export const lastName = (count: number): string => nameAt(count - 1)

/** Into the root of the account; their bytes are nowhere. */
export function addManyFiles(database: string, account: string, count: number): void {
  const db = new Database(database)
  const { id: owner } = db.query('select id from accounts where name = ?').get(account) as { id: number }
  db.transaction(() => {
    const object = db
      .query(
        `insert into objects (key, size, sha256, state, file_count, created_at)
         values ('zz/zz/many', 5, '', 'live', ?, ?) returning id`,
      )
      .get(count, NOON) as { id: number }
    const insert = db.prepare(
      `insert into files (slug, delete_key, account_id, folder_id, object_id, name, name_key, size, mime_type,
       visibility, status, downloads, created_at, updated_at)
       values (?, ?, ?, null, ?, ?, ?, ?, ?, 1, 'active', ?, ?, ?)`,
    )
    for (let index = 0; index < count; index++) {
      const name = nameAt(index)
      const size = ((index * 104_729) % 50_000_000) + 1
      const time = NOON - index * 1000
      insert.run(
        ...[`M${String(index).padStart(9, '0')}`, `key-${index}`, owner, object.id, name, name.toLowerCase()],
        ...[size, KINDS[index % KINDS.length]?.[1] ?? '', (index * 31) % 500, time, time],
      )
    }
  })()
  db.close()
}
