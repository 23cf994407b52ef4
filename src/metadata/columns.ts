/** Which columns of a table make up its record: what the store keeps for itself never leaves it. */
import { getTableColumns, sql } from 'drizzle-orm'
import { stateColumns } from './file-place.ts'
import * as schema from './schema.ts'

const { nameKey: accountNameKey, emailKey, ...accountColumns } = getTableColumns(schema.accounts)
const { nameKey: packageNameKey, ...packageColumns } = getTableColumns(schema.packages)
const { hash: tokenHash, ...tokenColumns } = getTableColumns(schema.tokens)
const { hash: webSessionHash, ...webSessionColumns } = getTableColumns(schema.webSessions)
const { hash: accessTokenHash, ...accessTokenColumns } = getTableColumns(schema.accessTokens)
const {
  nameKey: folderNameKey,
  trashedFrom: folderTrashedFrom,
  concealed,
  ...folderColumns
} = getTableColumns(schema.folders)
const {
  nameKey: fileNameKey,
  trashedFrom: fileTrashedFrom,
  ...activeFileColumns
} = getTableColumns(schema.files)
/** Of a file known to be active, `activeFileColumns` say the same, at less cost. */
const fileColumns = { ...activeFileColumns, ...stateColumns }
const { leaseHolder, claimableAt, ...importColumns } = getTableColumns(schema.imports)
const secondFactorColumns = getTableColumns(schema.secondFactors)
const auditColumns = getTableColumns(schema.auditLog)
const loginTokenColumns = getTableColumns(schema.loginTokens)
const downloadColumns = getTableColumns(schema.downloads)
const previewColumns = getTableColumns(schema.previews)
const shareColumns = getTableColumns(schema.shares)
const reportColumns = getTableColumns(schema.reports)
const shareLinkColumns = getTableColumns(schema.shareLinks)
const fileRequestColumns = getTableColumns(schema.fileRequests)
const { state, fileCount, ...knownOfObjects } = getTableColumns(schema.objects)
/** The database says '' where a hash is unknown. */
const objectColumns = { ...knownOfObjects, sha256: sql<string | null>`nullif(${schema.objects.sha256}, '')` }
const { storedBytes, prefixParts, staged, ...uploadColumns } = getTableColumns(schema.uploads)
const { uploadId, ...partColumns } = getTableColumns(schema.parts)

export {
  accessTokenColumns,
  accountColumns,
  activeFileColumns,
  auditColumns,
  downloadColumns,
  fileColumns,
  fileRequestColumns,
  folderColumns,
  importColumns,
  loginTokenColumns,
  objectColumns,
  packageColumns,
  partColumns,
  previewColumns,
  reportColumns,
  secondFactorColumns,
  shareColumns,
  shareLinkColumns,
  tokenColumns,
  uploadColumns,
  webSessionColumns,
}

/** How names and e-mail addresses are compared where letter case does not count. */
export const nameKey = (name: string): string => name.toLowerCase()
