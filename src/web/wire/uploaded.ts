/** The answer of `/web/uploads/{id}`. */
export interface UploadedAnswer {
  status: 'ok'
  file: UploadedFile
}

export interface UploadedFile {
  slug: string
  name: string
  /** Bytes. */
  size: number
  url: string
  /** Whoever has it can delete the file. */
  delete_url: string
}
