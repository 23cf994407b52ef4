/** Values the product makes once and keeps, such as the signing key. */
import { eq } from 'drizzle-orm'
import type { SettingStore } from '../core/metadata.ts'
import { type Connection, type Engine, row, run, type Work } from './database.ts'
import { settings } from './schema.ts'

export function settingStore(engine: Engine): SettingStore {
  return {
    find: (name) => engine.read((db) => find(db, name)),
    findOrCreate: (name, value) => engine.write((db) => findOrCreate(db, name, value)),
    put: (name, value) =>
      engine.write((db) =>
        run(
          db
            .insert(settings)
            .values({ name, value })
            .onConflictDoUpdate({ target: settings.name, set: { value } }),
        ),
      ),
    remove: (name) => engine.write((db) => run(db.delete(settings).where(eq(settings.name, name)))),
  }
}

function* find(db: Connection, name: string): Work<string | null> {
  const found = yield* row(db.select({ value: settings.value }).from(settings).where(eq(settings.name, name)))
  return found?.value ?? null
}

function* findOrCreate(db: Connection, name: string, value: string): Work<string> {
  const found = yield* find(db, name)
  if (found !== null) return found
  yield* run(db.insert(settings).values({ name, value }))
  return value
}
