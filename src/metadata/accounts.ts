/** Accounts and their storage counters. */
import { and, asc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { AccountStore, AccountUpdate, NewAccount } from '../core/metadata.ts'
import type { Account } from '../core/model.ts'
import { requireProof } from './account-proof.ts'
import { accountColumns, nameKey } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, run, type Work } from './database.ts'
import { forgetDownloader } from './downloaders.ts'
import { ledgers, repairLedger } from './ledgers.ts'
import {
  accessTokens,
  accounts,
  files,
  loginTokens,
  objects,
  packages,
  uploads,
  webSessions,
} from './schema.ts'
import { endUpload, LIVE } from './upload-states.ts'

const byId = prepared((db) =>
  db
    .select(accountColumns)
    .from(accounts)
    .where(eq(accounts.id, sql.placeholder('id')))
    .prepare(),
)

export function accountStore(engine: Engine): AccountStore {
  return {
    create: (account) => engine.write((db) => create(db, account)),
    find: (id) => engine.read((db) => row(byId(db), { id })),
    findByName: (name) =>
      engine.read((db) =>
        row(
          db
            .select(accountColumns)
            .from(accounts)
            .where(eq(accounts.nameKey, nameKey(name))),
        ),
      ),
    findByEmail: (email) =>
      engine.read((db) =>
        row(
          db
            .select(accountColumns)
            .from(accounts)
            .where(eq(accounts.emailKey, nameKey(email))),
        ),
      ),
    list: () => engine.read((db) => rows(db.select(accountColumns).from(accounts).orderBy(asc(accounts.id)))),
    update: (id, update) => engine.write((db) => change(db, id, update)),
    delete: (id, now) => engine.write((db) => remove(db, id, now)),
    hasAdmin: () => engine.read(hasAdmin),
    noteSignIn: (id, lastSignInAt, lastSignInIp) =>
      engine.write((db) =>
        run(db.update(accounts).set({ lastSignInAt, lastSignInIp }).where(eq(accounts.id, id))),
      ),
    ledgers: () => engine.read((db) => rows(ledgers(db))),
    repairLedger: (id) => engine.write((db) => repairLedger(db, id)),
  }
}

function* create(db: Connection, { profile, ...account }: NewAccount): Work<Account> {
  yield* requirePackage(db, account.packageId)
  yield* refuseTaken(db, account)
  const created = yield* row(
    db
      .insert(accounts)
      .values({
        ...account,
        ...profile,
        nameKey: nameKey(account.name),
        emailKey: emailKeyOf(account.email),
        status: account.status ?? 'active',
        storageUsed: 0,
        storageReserved: 0,
      })
      .returning(accountColumns),
  )
  if (!created) throw new Fault('conflict')
  return created
}

/** What is left out stays undefined: such columns are not written. */
const emailKeyOf = <Given extends null | undefined>(email: string | Given): string | Given =>
  typeof email === 'string' ? nameKey(email) : email

/** Faults: name_taken, email_taken, when an account but `self` has them. */
function* refuseTaken(
  db: Connection,
  { name, email }: Pick<AccountUpdate, 'name' | 'email'>,
  self = 0,
): Work<void> {
  const other = (same: SQL) =>
    db
      .select({ id: accounts.id })
      .from(accounts)
      .where(and(same, ne(accounts.id, self)))
  if (name !== undefined && (yield* row(other(eq(accounts.nameKey, nameKey(name)))))) {
    throw new Fault('name_taken')
  }
  if (typeof email === 'string' && (yield* row(other(eq(accounts.emailKey, nameKey(email)))))) {
    throw new Fault('email_taken')
  }
}

function* requirePackage(db: Connection, id: number): Work<void> {
  const found = yield* row(db.select({ id: packages.id }).from(packages).where(eq(packages.id, id)))
  if (!found) throw new Fault('package_not_found')
}

/** Fault: forbidden when the account is the only active administrator. */
function* requireOtherAdmin(db: Connection, id: number): Work<void> {
  const active = and(eq(accounts.isAdmin, true), eq(accounts.status, 'active'))
  const admins = yield* rows(db.select({ id: accounts.id }).from(accounts).where(active).limit(2))
  if (admins.length === 1 && admins[0]?.id === id)
    throw new Fault('forbidden', 'This is the only administrator: make another one first.')
}

function* change(
  db: Connection,
  id: number,
  { keptSessionId, proof, ...update }: AccountUpdate,
): Work<Account> {
  if (proof) yield* requireProof(db, id, proof)
  const resigns = update.isAdmin === false || (update.status !== undefined && update.status !== 'active')
  if (resigns) yield* requireOtherAdmin(db, id)
  if (update.packageId !== undefined) yield* requirePackage(db, update.packageId)
  yield* refuseTaken(db, update, id)
  // Setting a column to itself is how an update of nothing still tells whether the account exists.
  const changed = yield* row(
    db
      .update(accounts)
      .set({
        id: sql`${accounts.id}`,
        ...update,
        nameKey: update.name === undefined ? undefined : nameKey(update.name),
        emailKey: emailKeyOf(update.email),
      })
      .where(eq(accounts.id, id))
      .returning(accountColumns),
  )
  if (!changed) throw new Fault('account_not_found')
  if (changed.status !== 'active') yield* signOut(db, id)
  if (update.passwordHash !== undefined) yield* endOldPassword(db, id, keptSessionId)
  return changed
}

function* signOut(db: Connection, id: number, keptSessionId = 0): Work<void> {
  const others = and(eq(webSessions.accountId, id), ne(webSessions.id, keptSessionId))
  yield* run(db.delete(webSessions).where(others))
  yield* run(db.delete(accessTokens).where(eq(accessTokens.accountId, id)))
}

/** What came of the old password. */
function* endOldPassword(db: Connection, id: number, keptSessionId?: number): Work<void> {
  yield* signOut(db, id, keptSessionId)
  yield* run(db.delete(loginTokens).where(eq(loginTokens.accountId, id)))
}

function* remove(db: Connection, id: number, now: Date): Work<void> {
  yield* requireOtherAdmin(db, id)
  const live = db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(eq(uploads.accountId, id), inArray(uploads.status, LIVE)))
  for (const upload of yield* rows(live)) {
    yield* endUpload(db, upload.id, LIVE, { status: 'aborted', updatedAt: now })
  }
  yield* releaseObjects(db, id)
  yield* forgetDownloader(db, id)
  // Tokens, browser sessions, folders, files and imports go with it by their foreign keys.
  const removed = yield* row(db.delete(accounts).where(eq(accounts.id, id)).returning({ id: accounts.id }))
  if (!removed) throw new Fault('account_not_found')
}

/** Takes the account's files off the reference counts of their objects. */
function* releaseObjects(db: Connection, accountId: number): Work<void> {
  const mine = db.select({ id: files.objectId }).from(files).where(eq(files.accountId, accountId))
  const released = sql`(select count(*) from ${files} where ${files.objectId} = ${objects.id} and ${files.accountId} = ${accountId})`
  const fileCount = sql`${objects.fileCount} - ${released}`
  yield* run(db.update(objects).set({ fileCount }).where(inArray(objects.id, mine)))
}

function* hasAdmin(db: Connection): Work<boolean> {
  const found = db.select({ id: accounts.id }).from(accounts).where(eq(accounts.isAdmin, true)).limit(1)
  return (yield* row(found)) !== null
}
