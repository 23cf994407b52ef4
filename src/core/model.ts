/** Every record of the product, one sentence each. Times are Dates, sizes bytes, all text UTF-8. */
export * from './model/accounts.ts'
export * from './model/files.ts'
export * from './model/transfers.ts'
