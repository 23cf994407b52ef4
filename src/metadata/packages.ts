/** Packages: named sets of limits. */
import { asc, eq, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { PackageStore } from '../core/metadata.ts'
import type { Package, PackageLimits } from '../core/model.ts'
import { nameKey, packageColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, type Work } from './database.ts'
import { packages } from './schema.ts'

const byId = prepared((db) =>
  db
    .select(packageColumns)
    .from(packages)
    .where(eq(packages.id, sql.placeholder('id')))
    .prepare(),
)

export function packageStore(engine: Engine): PackageStore {
  return {
    list: () => engine.read((db) => rows(db.select(packageColumns).from(packages).orderBy(asc(packages.id)))),
    find: (id) => engine.read((db) => row(byId(db), { id })),
    findByName: (name) =>
      engine.read((db) =>
        row(
          db
            .select(packageColumns)
            .from(packages)
            .where(eq(packages.nameKey, nameKey(name))),
        ),
      ),
    create: (name, limits) => engine.write((db) => create(db, name, limits)),
    update: (id, limits) => engine.write((db) => change(db, id, limits)),
    seed: (wanted) =>
      engine.write(function* (db) {
        for (const { name, limits } of wanted) yield* add(db, name, limits)
      }),
  }
}

/** Null when the name is taken. */
const add = (db: Connection, name: string, limits: PackageLimits): Work<Package | null> =>
  row(
    db
      .insert(packages)
      .values({ ...limits, name, nameKey: nameKey(name) })
      .onConflictDoNothing()
      .returning(packageColumns),
  )

function* create(db: Connection, name: string, limits: PackageLimits): Work<Package> {
  const created = yield* add(db, name, limits)
  if (!created) throw new Fault('name_taken')
  return created
}

function* change(db: Connection, id: number, limits: Partial<PackageLimits>): Work<Package> {
  // Setting a column to itself is how an update of nothing still tells whether the package exists.
  const changed = yield* row(
    db
      .update(packages)
      .set({ id: sql`${packages.id}`, ...limits })
      .where(eq(packages.id, id))
      .returning(packageColumns),
  )
  if (!changed) throw new Fault('package_not_found')
  return changed
}
