/** Uploads in parts, as the server and its pages tell each other. Sizes are bytes. */
export interface UploadView {
  id: string
  filename: string
  size: number
  partSize: number
  folderId: number | null
  status: string
  created: string
  expires: string
}

export interface UploadPart {
  number: number
  etag: string
  size: number
}

export interface PartTarget {
  number: number
  url: string
  size: number
}

export interface CreatedUpload {
  upload: UploadView
  targets: PartTarget[]
}

export interface CompletedFile {
  fileId: number
  slug: string
}

/** Characters of the key by which a file of no bytes is made once, however often the call is made. */
export const LONGEST_KEY = 64

/** Of files up to 2 GiB; larger ones have larger parts. What is under way when a page goes away is sent again. */
export const PART_SIZE = 16 * 1024 * 1024
/** Part URLs one call may ask for. */
export const MOST_TARGETS = 64
