/** Records as the wire has them. */
import type { DownloaderPage, FileDownloader } from '../../core/downloaders.ts'
import type {
  Account,
  AuditEntry,
  FileRecord,
  FileRequest,
  Folder,
  RemoteImport,
  ShareLink,
  UploadSession,
} from '../../core/model.ts'
import type { DownloaderSlice, DownloaderView } from '../wire/downloads.ts'
import type { Entry, FileEntry, FolderEntry } from '../wire/entries.ts'
import type { AuditView } from '../wire/security.ts'
import type { FileRequestView, ImportView, ShareLinkView } from '../wire/sharing.ts'
import type { UploadView } from '../wire/uploads.ts'
import { endingOf } from '../wire/words.ts'

const iso = (time: Date | null): string | null => time?.toISOString() ?? null

export const toFile = (file: FileRecord): FileEntry => ({
  type: 'file',
  id: file.id,
  slug: file.slug,
  name: file.name,
  size: file.size,
  mimeType: file.mimeType,
  visibility: file.visibility,
  downloads: file.downloads,
  folderId: file.folderId,
  created: file.createdAt.toISOString(),
  updated: file.updatedAt.toISOString(),
  lastDownloaded: iso(file.lastDownloadedAt),
  trashed: iso(file.trashedAt),
})

export const toFolder = (folder: Folder): FolderEntry => ({
  type: 'folder',
  id: folder.id,
  name: folder.name,
  size: folder.totalSize,
  visibility: folder.visibility,
  hasPassword: folder.passwordMd5 !== null,
  downloads: folder.totalDownloads,
  files: folder.fileCount,
  folders: folder.folderCount,
  parentId: folder.parentId,
  created: folder.createdAt.toISOString(),
  trashed: iso(folder.trashedAt),
})

export const toEntries = ({ folders, files }: { folders: Folder[]; files: FileRecord[] }): Entry[] => [
  ...folders.map(toFolder),
  ...files.map(toFile),
]

export const toShareLink = (link: ShareLink, name: string, origin: string): ShareLinkView => ({
  id: link.id,
  fileId: link.fileId,
  folderId: link.folderId,
  name,
  url: `${origin}/s/${link.token}`,
  hasPassword: link.passwordHash !== null,
  expires: iso(link.expiresAt),
  downloadsLeft: link.downloadsLeft,
  downloads: link.downloads,
  created: link.createdAt.toISOString(),
})

const toDownloadedLink = (link: FileDownloader['link']): DownloaderView['link'] => {
  if (link === null || 'removed' in link) return link && { id: link.id, known: null }
  return { id: link.id, known: { ending: endingOf(link.token), created: link.createdAt.toISOString() } }
}

const toDownloader = ({ file, link, ...of }: FileDownloader): DownloaderView => ({
  id: of.id,
  file: { id: file.id, name: file.name, folderId: file.folderId, trashed: file.status === 'trashed' },
  by: of.by,
  link: toDownloadedLink(link),
  downloads: of.downloads,
  completed: of.completed,
  bytes: of.bytes,
  first: of.firstAt.toISOString(),
  last: of.lastAt.toISOString(),
})

export const toDownloaders = ({ items, before }: DownloaderPage): DownloaderSlice => ({
  downloaders: items.map(toDownloader),
  before,
})

export const toFileRequest = (
  request: FileRequest,
  folderName: string | null,
  origin: string,
): FileRequestView => ({
  id: request.id,
  folderId: request.folderId,
  folderName,
  title: request.title,
  note: request.note,
  url: `${origin}/r/${request.token}`,
  hasPassword: request.passwordHash !== null,
  expires: iso(request.expiresAt),
  filesLeft: request.filesLeft,
  filesReceived: request.filesReceived,
  bytesReceived: request.bytesReceived,
  closed: request.closedAt !== null,
  created: request.createdAt.toISOString(),
})

export const toImport = (item: RemoteImport): ImportView => ({
  id: item.id,
  url: item.url,
  status: item.status,
  message: item.errorMessage,
  received: item.receivedBytes,
  total: item.totalBytes,
  fileId: item.fileId,
  folderId: item.folderId,
  created: item.createdAt.toISOString(),
})

export const toUpload = (session: UploadSession): UploadView => ({
  id: session.id,
  filename: session.filename,
  size: session.expectedSize,
  partSize: session.partSize,
  folderId: session.folderId,
  status: session.status,
  created: session.createdAt.toISOString(),
  expires: session.expiresAt.toISOString(),
})

export const toAudit = (entry: AuditEntry): AuditView => ({
  id: entry.id,
  at: entry.at.toISOString(),
  actor: entry.actorName,
  action: entry.action,
  subject: entry.subject,
  detail: entry.detail,
  ip: entry.ip,
})

export const toAccount = ({ id, name, isAdmin, defaultVisibility }: Account) => ({
  id,
  name,
  isAdmin,
  defaultVisibility,
})
