/** The tables of what proves who somebody is. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { TokenKind, TokenStatus } from '../../core/model.ts'
import { flag, id, time } from '../column-kinds.ts'
import { accounts, owner } from './accounts.ts'

export const tokens = sqliteTable(
  'tokens',
  {
    id: text('id').primaryKey(),
    accountId: owner(),
    kind: text('kind').$type<TokenKind>().notNull(),
    hash: text('hash').notNull(),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    last4: text('last4').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<string[]>().notNull(),
    status: text('status').$type<TokenStatus>().notNull(),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at'),
    lastUsedAt: time('last_used_at'),
    lastUsedIp: text('last_used_ip'),
  },
  (table) => [
    uniqueIndex('tokens_hash').on(table.kind, table.hash),
    index('tokens_account').on(table.accountId, table.createdAt),
  ],
)

export const webSessions = sqliteTable(
  'web_sessions',
  {
    id: id(),
    accountId: owner(),
    hash: text('hash').notNull(),
    csrf: text('csrf').notNull(),
    previousCsrf: text('previous_csrf'),
    userAgent: text('user_agent'),
    ip: text('ip'),
    lastSeenAt: time('last_seen_at'),
    provedAt: time('proved_at'),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [
    uniqueIndex('web_sessions_hash').on(table.hash),
    index('web_sessions_account').on(table.accountId),
    index('web_sessions_expiry').on(table.expiresAt),
  ],
)

export const accessTokens = sqliteTable(
  'access_tokens',
  {
    hash: text('hash').primaryKey(),
    accountId: owner(),
    createdAt: time('created_at').notNull(),
    lastUsedAt: time('last_used_at').notNull(),
  },
  (table) => [
    index('access_tokens_account').on(table.accountId),
    index('access_tokens_use').on(table.lastUsedAt),
  ],
)

export const loginTokens = sqliteTable(
  'login_tokens',
  {
    id: text('id').primaryKey(),
    accountId: owner(),
    isBot: flag('is_bot').notNull(),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [
    index('login_tokens_account').on(table.accountId, table.createdAt, table.id),
    index('login_tokens_expiry').on(table.expiresAt),
  ],
)

/** What an account proves itself by beside its password: a secret it shares with an authenticator (RFC 6238). */
export const secondFactors = sqliteTable('second_factors', {
  accountId: integer('account_id')
    .primaryKey()
    .references(() => accounts.id, { onDelete: 'cascade' }),
  secret: text('secret').notNull(),
  /** Null until the first right code: it counts from then on. */
  confirmedAt: time('confirmed_at'),
  /** The time step of the last code that was accepted: none is accepted twice. */
  lastStep: integer('last_step').notNull().default(0),
  createdAt: time('created_at').notNull(),
})

/** Codes for who has lost the authenticator, each good once. */
export const recoveryCodes = sqliteTable(
  'recovery_codes',
  {
    id: id(),
    accountId: owner(),
    hash: text('hash').notNull(),
    usedAt: time('used_at'),
  },
  (table) => [index('recovery_codes_account').on(table.accountId)],
)
