/** Forms with files: every file is handed on while it arrives, and never held. */
import { readBody } from './body.ts'
import { type Fields, queryFields, type TextFields, textFields } from './fields.ts'
import { type FileReceiver, type FormLimits, readEntries } from './form-entries.ts'
import { boundaryOf } from './form-header.ts'
import { formParts } from './form-parts.ts'
import { type TimeoutSetter, type WatchOptions, watchedBody } from './upload-body.ts'

export type { FileReceiver, FormLimits, IncomingFile } from './form-entries.ts'

const KIB = 1024
export const FORM_LIMITS: FormLimits = {
  parts: 1000,
  fields: 200,
  nameBytes: 200,
  valueBytes: 64 * KIB,
  totalBytes: KIB * KIB,
}
const HEADER_BYTES = 16 * KIB
/** Bytes of a body that holds no file. */
export const FIELDS_LIMIT = KIB * KIB

export interface FormOptions {
  /** Which fields hold files. Files in other fields are read past. */
  fileField: string | ((field: string) => boolean)
  limits?: Partial<FormLimits>
  watch?: WatchOptions
}

/**
 * Reads a form and calls `onFile` for each file in it, one after the other, as its bytes arrive; what `onFile`
 * leaves of a file is read past. Resolves with the texts when the form has ended. A failure after a file means
 * that the upload failed as a whole: what became of the file has to be taken back, so it is best not
 * published before. A body that is no multipart form is read as readBody does.
 *
 * Faults: invalid (no form, cut off before its closing boundary, beyond a limit), body_too_large (a field
 * beyond a limit), client_gone, upload_stalled, and whatever `onFile` throws: then nothing more is read, and
 * the connection stays open, because a client that is still sending sees the answer only so.
 */
export async function readUploadForm(
  request: Request,
  server: TimeoutSetter,
  options: FormOptions,
  onFile: FileReceiver,
): Promise<Fields> {
  const boundary = boundaryOf(request.headers.get('content-type'))
  if (boundary === null) return readBody(request, FIELDS_LIMIT)
  const parts = formParts(watchedBody(request, server, options.watch), boundary, HEADER_BYTES)
  try {
    return await readEntries(parts, { ...FORM_LIMITS, ...options.limits }, choice(options.fileField), onFile)
  } finally {
    parts.close()
  }
}

function choice(field: FormOptions['fileField']): (field: string) => boolean {
  return typeof field === 'function' ? field : (name) => name === field
}

/**
 * What a call says in its query and its body, whichever of the two and whatever the method; the body wins.
 * Faults as in readBody.
 */
export async function readParameters(request: Request, limit: number = FIELDS_LIMIT): Promise<TextFields> {
  return textFields(queryFields(request), await readBody(request, limit))
}
