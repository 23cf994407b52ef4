/** One file by form: kept aside until the form has ended, because only then is all known of it. */
import type { IngestService, NewContent, ReceivedFile, SpooledContent } from '../core/ingest.ts'
import type { Account } from '../core/model.ts'
import type { Fields } from './fields.ts'
import { FIELDS_LIMIT, type IncomingFile, readUploadForm } from './form.ts'
import { declaredLength, type TimeoutSetter } from './upload-body.ts'

/** What has arrived, with whatever a dialect knows of it by then. */
export interface Arrival {
  spooled: SpooledContent
}

/** What the length of the whole form tells of the file in it, in bytes. */
export interface ExpectedSize {
  /** Certainly the file's. */
  leastSize: number
  /** Absent when the length is not known. */
  mostSize?: number
}

export interface FormUpload<Arrived extends Arrival> {
  fileField: string
  /** Whether the file is one; absent: whether it has a name, as one that nobody chose has none. */
  counts?(name: string): boolean
  /** `fields` are those that came before the file. */
  spool(file: IncomingFile, expected: ExpectedSize, fields: Fields): Promise<Arrived>
  /** Whose file it is and what it becomes, null when the form had none: that has to be refused. */
  resolve(
    arrived: Arrived | null,
    fields: Fields,
  ): Promise<{ owner: Account | null; content: NewContent; spooled: SpooledContent }>
}

/**
 * Reads the form to its end and makes a file of the first one in it that counts. What arrived is removed again
 * when anything fails. Faults: those of readUploadForm, `spool`, `resolve` and IngestService.accept.
 */
export async function receiveForm<Arrived extends Arrival>(
  ingest: IngestService,
  { request, server }: { request: Request; server: TimeoutSetter },
  upload: FormUpload<Arrived>,
): Promise<ReceivedFile> {
  const { fileField, counts = isNamed } = upload
  const taken: { first: Arrived | null } = { first: null }
  const read = async () => {
    const fields = await readUploadForm(request, server, { fileField }, async (file, before) => {
      if (taken.first || !counts(file.name)) return
      taken.first = await upload.spool(file, expectedSize(request), before)
    })
    return upload.resolve(taken.first, fields)
  }
  const { owner, content, spooled } = await read().catch(async (error: unknown) => {
    if (taken.first) await ingest.discard(taken.first.spooled)
    throw error
  })
  return ingest.accept(owner, content, spooled)
}

const isNamed = (name: string): boolean => name.trim() !== ''

/** The form has other parts too; what is certainly file is all beyond their limit. */
function expectedSize(request: Request): ExpectedSize {
  const length = declaredLength(request)
  return length === null
    ? { leastSize: 0 }
    : { leastSize: Math.max(0, length - 2 * FIELDS_LIMIT), mostSize: length }
}
