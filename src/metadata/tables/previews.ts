/** The table of what was derived from objects for looking at them. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { PreviewFormat, PreviewSize } from '../../core/model.ts'
import { time } from '../column-kinds.ts'
import { objects } from './files.ts'

/**
 * One picture of an object in one size and format. A null key: it was tried, and nothing came of it. The bytes
 * are removed before the row: removing the object does not remove them.
 */
export const previews = sqliteTable(
  'previews',
  {
    objectId: integer('object_id')
      .notNull()
      .references(() => objects.id),
    size: text('size').$type<PreviewSize>().notNull(),
    format: text('format').$type<PreviewFormat>().notNull(),
    key: text('key'),
    /** Bytes, and pixels. */
    bytes: integer('bytes').notNull().default(0),
    width: integer('width').notNull().default(0),
    height: integer('height').notNull().default(0),
    createdAt: time('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.objectId, table.size, table.format] }),
    index('previews_key').on(table.key),
  ],
)
