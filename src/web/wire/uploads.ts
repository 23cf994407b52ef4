/** Uploads in parts, as the server and its pages tell each other. Sizes are bytes. */
export interface UploadView {
  id: string
  filename: string
  size: number
  partSize: number
  folderId: number | null
  status: string
  /** Of what has arrived, in whole parts. */
  received: number
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

/** The uploader in the page cannot do with smaller parts, and neither can stores that speak S3. */
export const LEAST_PART = 5 * 1024 * 1024
/** Part URLs one call may ask for. */
export const MOST_TARGETS = 64
