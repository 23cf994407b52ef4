/** YetiShare's words for our records: almost everything is text, numbers included. */

import { extensionOf } from '../../core/filename.ts'
import type { Account, FileRecord, Folder, Package, RemoteImport } from '../../core/model.ts'
import { PACKAGE_COLUMNS, type PackageColumn } from '../../core/packages.ts'
import { fingerprint } from '../../core/signer.ts'

/** `Y-m-d H:i:s`, UTC. */
export const toDate = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ')
const toDateOrNull = (at: Date | null): string | null => (at ? toDate(at) : null)
const idOrNull = (id: number | null): string | null => (id === null ? null : String(id))

/** The delete key without its dashes. */
const deleteHash = (file: FileRecord): string => file.deleteKey.replaceAll('-', '')

/** `level_id`: 0 nobody, 1 registered, 2 paid, 10 moderator, 20 admin. */
const LEVELS: Record<string, string> = {
  nonuser: '0',
  'free user': '1',
  'paid user': '2',
  moderator: '10',
  admin: '20',
}

export const toAccount = (account: Account, pkg: Package) => ({
  id: String(account.id),
  username: account.name,
  level_id: account.isAdmin ? '20' : (LEVELS[pkg.levelType] ?? '2'),
  email: account.email,
  lastlogindate: toDateOrNull(account.lastSignInAt),
  lastloginip: account.lastSignInIp,
  status: account.status,
  title: account.title,
  firstname: account.firstName,
  lastname: account.lastName,
  languageId: '1',
  datecreated: toDate(account.createdAt),
  lastPayment: null,
  paidExpiryDate: toDateOrNull(account.paidUntil),
  storageLimitOverride: null,
})

/** Columns that only other APIs and pages know. */
const FOREIGN: PackageColumn[] = ['api_access', 'flamenet_api', 'wait_before_download']

export function toPackage(pkg: Package): Record<string, string> {
  const columns = Object.entries(PACKAGE_COLUMNS).filter(([name]) => !FOREIGN.includes(name as PackageColumn))
  const limits = columns.map(([name, property]) => {
    const value = pkg[property]
    return [name, typeof value === 'boolean' ? (value ? '1' : '0') : String(value)]
  })
  return { id: String(pkg.id), label: pkg.name, ...Object.fromEntries(limits) }
}

/** Words of the name, joined by commas: `button_back.gif` → `button,back,gif`. */
const keywords = (name: string): string =>
  name
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join(',')

const status = (file: FileRecord): string => (file.status === 'trashed' ? 'trash' : 'active')

export const toFile = (file: FileRecord, origin: string) => ({
  id: String(file.id),
  filename: file.name,
  shortUrl: file.slug,
  fileType: file.mimeType,
  extension: extensionOf(file.name),
  fileSize: String(file.size),
  uploadedIP: file.uploadedIp,
  uploadedDate: toDate(file.createdAt),
  status: status(file),
  file_status: status(file),
  downloads: String(file.downloads),
  lastAccessed: toDateOrNull(file.lastDownloadedAt),
  folderId: idOrNull(file.folderId),
  keywords: keywords(file.name),
  isPublic: String(file.visibility),
  uploadSource: file.source,
  description: null,
  url_file: `${origin}/${file.slug}`,
  url_file_info: `${origin}/${file.slug}~i?${deleteHash(file)}`,
  url_file_stats: `${origin}/${file.slug}~s`,
  url_file_delete: `${origin}/${file.slug}~d?${deleteHash(file)}`,
})

export const toListedFile = (file: FileRecord, origin: string) => ({
  id: String(file.id),
  filename: file.name,
  shortUrl: file.slug,
  fileType: file.mimeType,
  extension: extensionOf(file.name),
  fileSize: String(file.size),
  status: status(file),
  downloads: String(file.downloads),
  folderId: idOrNull(file.folderId),
  keywords: keywords(file.name),
  url_file: `${origin}/${file.slug}`,
})

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? '')

/** What an upload is answered with. `md5` is that of the content. */
export function toUploaded(
  file: FileRecord,
  md5: string,
  { origin, siteName }: { origin: string; siteName: string },
) {
  const url = `${origin}/${file.slug}`
  const [name, site] = [escapeHtml(file.name), escapeHtml(siteName)]
  return {
    name: file.name,
    size: String(file.size),
    type: file.mimeType,
    error: null,
    url,
    delete_url: `${url}~d?${deleteHash(file)}`,
    info_url: `${url}~i?${deleteHash(file)}`,
    delete_type: 'DELETE',
    delete_hash: deleteHash(file),
    hash: md5,
    stats_url: `${url}~s`,
    short_url: file.slug,
    file_id: String(file.id),
    unique_hash: fingerprint(`${file.id}/${file.deleteKey}`),
    url_html: `<a href="${url}" target="_blank" title="View image on ${site}">view ${name} on ${site}</a>`,
    url_bbcode: `[url]${url}[/url]`,
  }
}

const folderUrl = (folder: Folder, origin: string): string =>
  `${origin}/folder/${folder.id}/${folder.name.replace(/[^A-Za-z0-9._-]/g, '_')}`

const folderCounters = (folder: Folder) => ({
  total_downloads: folder.totalDownloads,
  child_folder_count: folder.folderCount,
  file_count: folder.fileCount,
})

/** Listings have no password. */
export const toListedFolder = (folder: Folder, origin: string) => ({
  id: String(folder.id),
  parentId: idOrNull(folder.parentId),
  folderName: folder.name,
  totalSize: String(folder.totalSize),
  isPublic: String(folder.visibility),
  date_added: toDate(folder.createdAt),
  date_updated: toDateOrNull(folder.updatedAt),
  url_folder: folderUrl(folder, origin),
  ...folderCounters(folder),
})

export const toFolder = (folder: Folder, origin: string) => ({
  id: String(folder.id),
  parentId: idOrNull(folder.parentId),
  folderName: folder.name,
  totalSize: String(folder.totalSize),
  isPublic: String(folder.visibility),
  accessPassword: folder.passwordMd5,
  date_added: toDate(folder.createdAt),
  date_updated: toDateOrNull(folder.updatedAt),
  url_folder: folderUrl(folder, origin),
  ...folderCounters(folder),
})

/** Ids and sizes are numbers here, unlike everywhere else. */
export const toImport = (item: RemoteImport, file: FileRecord | null, origin: string) => ({
  scheduled_item_id: item.id,
  status: item.status,
  created: toDate(item.createdAt),
  started: toDateOrNull(item.startedAt),
  finished: toDateOrNull(item.finishedAt),
  total_size: item.totalBytes,
  downloaded_file: file && {
    file_id: file.id,
    name: file.name,
    size: file.size,
    url: `${origin}/${file.slug}/${encodeURIComponent(file.name)}`,
  },
  ...(item.errorMessage !== null && { error: item.errorMessage }),
})
