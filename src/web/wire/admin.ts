/** What administrators see and change. Sizes are bytes, times ISO 8601 in UTC. */
export interface DashboardView {
  accounts: number
  files: number
  fileBytes: number
  trashedFiles: number
  trashedBytes: number
  objectBytes: number
  openUploads: number
  openImports: number
  openReports: number
  /** Null: unknown, or without end. */
  freeBytes: number | null
  liveDownloads: number
  /** The last 30 days, each of them, the oldest first. */
  days: Array<{ day: string; downloads: number; bytes: number }>
}

export type Status = 'pending' | 'active' | 'disabled' | 'suspended'

export interface AdminAccount {
  id: number
  name: string
  email: string | null
  isAdmin: boolean
  status: Status
  package: string
  stored: number
  reserved: number
  files: number
  secondFactor: boolean
  created: string
}

export interface AdminAccounts {
  accounts: AdminAccount[]
  total: number
  offset: number
}

export interface AdminPackage {
  id: number
  name: string
  /** By the names of the columns. */
  columns: Record<string, string | number | boolean>
}

export interface AdminFile {
  id: number
  slug: string
  name: string
  size: number
  mimeType: string
  visibility: 0 | 1 | 2
  downloads: number
  status: 'active' | 'trashed'
  /** Null: nobody's. */
  owner: string | null
  created: string
}

export interface AdminFiles {
  files: AdminFile[]
  /** `before` of the next page; null at the end. */
  before: number | null
}

export interface SettingsView {
  now: Settings
  configured: Settings
  /** Those an administrator has changed. */
  changed: Array<keyof Settings>
}

export interface Settings {
  registration: boolean
  uploads: boolean
  guestUploads: boolean
  imports: boolean
  notice: string
}

/** As `/web/admin/downloads` gives them. */
export interface LiveDownload {
  file: number
  slug: string
  name: string
  /** Null: a guest. */
  downloader: string | null
  ip: string
  offset: number
  bytes: number
  size: number
  /** Bytes per second; 0 of the limit: none. */
  speed: number
  speed_limit: number
  started: string
}

/** As `/web/admin/reports` gives them. */
export interface ReportView {
  id: number
  file: { id: number; slug: string; name: string; status: 'active' | 'trashed' | 'gone' }
  reason: string
  message: string
  account_id: number | null
  ip: string
  created: string
}
