/** Packages: named sets of limits. */
import { asc, eq, inArray, sql } from 'drizzle-orm'
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
    seed: (wanted) => engine.write((db) => seed(db, wanted)),
  }
}

/** Asks first: at all starts but the first, everything is there. */
function* seed(db: Connection, wanted: Array<{ name: string; limits: PackageLimits }>): Work<void> {
  const keys = wanted.map(({ name }) => nameKey(name))
  const found = yield* rows(
    db.select({ key: packages.nameKey }).from(packages).where(inArray(packages.nameKey, keys)),
  )
  const known = new Set(found.map(({ key }) => key))
  for (const { name, limits } of wanted) if (!known.has(nameKey(name))) yield* add(db, name, limits)
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
