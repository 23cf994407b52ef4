/** Links that an account hands out, and files it fetches from elsewhere. Times are ISO 8601 in UTC. */
export interface ShareLinkView {
  id: number
  fileId: number | null
  folderId: number | null
  name: string
  url: string
  hasPassword: boolean
  expires: string | null
  downloadsLeft: number | null
  downloads: number
  created: string
}

export interface FileRequestView {
  id: number
  folderId: number | null
  folderName: string | null
  title: string
  note: string
  url: string
  hasPassword: boolean
  expires: string | null
  filesLeft: number | null
  filesReceived: number
  bytesReceived: number
  closed: boolean
  created: string
}

/** A page of them, the newest first. */
export interface ShareLinkSlice {
  links: ShareLinkView[]
  /** `before` of the next page; null at the end. */
  before: number | null
}

export interface FileRequestSlice {
  requests: FileRequestView[]
  before: number | null
}

export interface ImportView {
  id: number
  url: string
  status: 'pending' | 'downloading' | 'processing' | 'complete' | 'cancelled' | 'failed'
  message: string | null
  received: number
  /** 0 while unknown. */
  total: number
  fileId: number | null
  folderId: number | null
  created: string
}
