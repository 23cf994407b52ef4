/** Records that many requests ask for again and again, such as a file that everybody fetches. */
import type { Connection, Engine, Work } from './database.ts'

const MOST_KNOWN = 5000

/**
 * Reads through a memory that is empty again after every write, of this process or another one, so that no change
 * is ever missed. What comes back is shared: nobody may change it.
 */
export function remembered<Row>(
  engine: Engine,
): (key: string, read: (db: Connection) => Work<Row>) => Promise<Row> {
  const known = new Map<string, Row>()
  let changes = -1

  const tidy = (): void => {
    const now = engine.changes()
    if (changes === now && known.size < MOST_KNOWN) return
    known.clear()
    changes = now
  }
  return async (key, read) => {
    tidy()
    const found = known.get(key)
    if (found !== undefined) return found
    const seen = changes
    const row = await engine.read(read)
    // A write may have come in between while the database was busy.
    if (seen === engine.changes()) known.set(key, row)
    return row
  }
}
