/** Records that many requests ask for again and again, such as a file that everybody fetches. */
import type { Connection, Engine, Work } from './database.ts'

/** Another process, such as the command line, may write too; what it writes holds from then on. */
const KNOWN_MS = 1000
const MOST_KNOWN = 5000

/**
 * Reads through a memory that is empty again after every write of this process, so that nothing it has changed is
 * ever missed. What comes back is shared: nobody may change it.
 */
export function remembered<Row>(
  engine: Engine,
): (key: string, read: (db: Connection) => Work<Row>) => Promise<Row> {
  const known = new Map<string, Row>()
  let writes = -1
  let until = 0

  const tidy = (): void => {
    const now = performance.now()
    if (writes === engine.writes() && now < until && known.size < MOST_KNOWN) return
    known.clear()
    writes = engine.writes()
    until = now + KNOWN_MS
  }
  return async (key, read) => {
    tidy()
    const found = known.get(key)
    if (found !== undefined) return found
    const row = await engine.read(read)
    // A write may have come in between while the database was busy.
    if (writes === engine.writes()) known.set(key, row)
    return row
  }
}
