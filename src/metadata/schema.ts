/**
 * The tables. `bun run db:generate --name X` turns a change here into a migration in drizzle/.
 * Ids are never used twice (AUTOINCREMENT): links and signatures name them after the row is gone.
 */
export * from './tables/accounts.ts'
export * from './tables/credentials.ts'
export * from './tables/downloads.ts'
export * from './tables/files.ts'
export * from './tables/oversight.ts'
export * from './tables/previews.ts'
export * from './tables/sharing.ts'
export * from './tables/uploads.ts'
export * from './tables/work.ts'
