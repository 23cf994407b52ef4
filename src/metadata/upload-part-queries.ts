/** The queries behind parts, built once per connection: every part of every upload goes through them. */
import { and, asc, eq, gt, gte, inArray, isNotNull, notExists, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { partColumns } from './columns.ts'
import { given, prepared } from './database.ts'
import { parts, uploads } from './schema.ts'
import { OPEN } from './upload-states.ts'

const thisUpload = eq(uploads.id, sql.placeholder('id'))
const takesParts = and(thisUpload, inArray(uploads.status, OPEN))
const notExpired = gt(uploads.expiresAt, given('now', uploads.expiresAt))
const moved = {
  expiresAt: given('expiresAt', uploads.expiresAt),
  updatedAt: given('now', uploads.updatedAt),
}
const begun = sql<'uploading'>`case when ${uploads.status} = 'pending' then 'uploading' else ${uploads.status} end`
const thisPart = and(eq(parts.uploadId, sql.placeholder('id')), eq(parts.number, sql.placeholder('number')))

/** Each of these moves an open session, and finds none when it is closed. */
export const signing = prepared((db) =>
  db.update(uploads).set(moved).where(and(takesParts, notExpired)).returning({ id: uploads.id }).prepare(),
)

export const withdrawing = prepared((db) =>
  db
    .update(uploads)
    .set({ updatedAt: moved.updatedAt })
    .where(and(takesParts, notExpired))
    .returning({ prefixParts: uploads.prefixParts })
    .prepare(),
)

export const saving = prepared((db) =>
  db
    .update(uploads)
    .set({ ...moved, status: begun })
    .where(takesParts)
    .returning({ prefixParts: uploads.prefixParts })
    .prepare(),
)

export const reporting = prepared((db) =>
  db
    .update(uploads)
    .set({ ...moved, status: 'uploading' })
    .where(and(takesParts, notExpired))
    .returning({ prefixParts: uploads.prefixParts })
    .prepare(),
)

/** Adds parts `from` … `to` without bytes; those that are known stay as they are. */
export const addSigned = prepared((db) => {
  const id = sql.placeholder('id')
  const now = given('now', parts.createdAt)
  const run = sql`with recursive run(number) as (
    select cast(${sql.placeholder('from')} as integer)
    union all select number + 1 from run where number < cast(${sql.placeholder('to')} as integer))`
  // In the order of the table's columns. `where true` tells the parser that the conflict clause is not a join.
  const values = sql`select ${id}, number, null, 0, null, false, ${now}, ${now} from run where true`
  return db.insert(parts).select(sql`${run} ${values}`).onConflictDoNothing().prepare()
})

export const partByNumber = prepared((db) => db.select(partColumns).from(parts).where(thisPart).prepare())

export const allParts = prepared((db) =>
  db
    .select(partColumns)
    .from(parts)
    .where(eq(parts.uploadId, sql.placeholder('id')))
    .orderBy(asc(parts.number))
    .prepare(),
)

export const putPart = prepared((db) => {
  const bytes = {
    etag: given('etag', parts.etag),
    size: given('size', parts.size),
    checksumSha256: null,
    reported: false,
    updatedAt: given('now', parts.updatedAt),
  }
  return db
    .insert(parts)
    .values({
      ...bytes,
      uploadId: sql.placeholder('id'),
      number: sql.placeholder('number'),
      createdAt: given('now', parts.createdAt),
    })
    .onConflictDoUpdate({ target: [parts.uploadId, parts.number], set: bytes })
    .prepare()
})

export const forgetBytes = prepared((db) =>
  db
    .update(parts)
    .set({
      etag: null,
      size: 0,
      checksumSha256: null,
      reported: false,
      updatedAt: given('now', parts.updatedAt),
    })
    .where(thisPart)
    .prepare(),
)

export const markReported = prepared((db) =>
  db
    .update(parts)
    .set({
      reported: true,
      checksumSha256: given('checksum', parts.checksumSha256),
      updatedAt: given('now', parts.updatedAt),
    })
    .where(thisPart)
    .prepare(),
)

/** Changes the session's sums by what a step did to one part. */
export const countPart = prepared((db) =>
  db
    .update(uploads)
    .set({
      storedBytes: sql`${uploads.storedBytes} + ${sql.placeholder('stored')}`,
      uploadedBytes: sql`${uploads.uploadedBytes} + ${sql.placeholder('uploaded')}`,
      completedParts: sql`${uploads.completedParts} + ${sql.placeholder('completed')}`,
      prefixParts: given('prefix', uploads.prefixParts),
    })
    .where(thisUpload)
    .prepare(),
)

/** The last part of the gapless run that begins with part `number`, which is there. */
export const endOfRun = prepared((db) => {
  const next = alias(parts, 'next')
  const follower = db
    .select({ number: next.number })
    .from(next)
    .where(
      and(eq(next.uploadId, parts.uploadId), eq(next.number, sql`${parts.number} + 1`), isNotNull(next.etag)),
    )
  return db
    .select({ number: parts.number })
    .from(parts)
    .where(
      and(
        eq(parts.uploadId, sql.placeholder('id')),
        gte(parts.number, sql.placeholder('number')),
        notExists(follower),
      ),
    )
    .orderBy(asc(parts.number))
    .limit(1)
    .prepare()
})
