/** What the parts of a form are: texts, files, or nothing anybody asked for. */
import { Fault, invalid } from '../core/fault.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { decodeExtended, decodeField, parseHeaderValue } from './form-header.ts'
import type { FormParts } from './form-parts.ts'

/** Bounds on everything of a form but the bytes of its files, which their receiver bounds. */
export interface FormLimits {
  /** Texts, files and all that is skipped. */
  parts: number
  fields: number
  /** Bytes of one field's name. */
  nameBytes: number
  valueBytes: number
  /** Bytes of all values together. */
  totalBytes: number
}

export interface IncomingFile {
  /** Name of the form field. */
  field: string
  /** As it was sent, a whole path perhaps; '' when the sender gave none. */
  name: string
  /** The part's Content-Type as it was sent; '' without one. */
  mimeType: string
  /** Can be read once, until the receiver of the file has resolved. Ends only when the file is whole. */
  body: AsyncIterable<Uint8Array>
}

/** `fields` are those that came before the file. */
export type FileReceiver = (file: IncomingFile, fields: Fields) => Promise<void>

type Entry =
  | { kind: 'text'; field: string; charset: string | undefined }
  | { kind: 'file'; field: string; name: string; mimeType: string }
  | { kind: 'nothing' }

/**
 * Goes through the form to its end; resolves with its texts. Faults: invalid (too many parts or fields, a
 * long name), body_too_large (long values), those of `parts`, and whatever `onFile` throws.
 */
export async function readEntries(
  parts: FormParts,
  limits: FormLimits,
  isFileField: (field: string) => boolean,
  onFile: FileReceiver,
): Promise<Fields> {
  const texts = createTexts(limits)
  let count = 0
  for (let headers = await parts.next(); headers !== null; headers = await parts.next()) {
    count += 1
    if (count > limits.parts) throw invalid('body', 'The form has too many parts.')
    const entry = entryOf(headers, isFileField)
    if (entry.kind === 'text') await texts.add(entry.field, entry.charset, parts.data())
    if (entry.kind === 'file') {
      const { field, name, mimeType } = entry
      await onFile({ field, name, mimeType, body: parts.data() }, texts.fields())
    }
  }
  return texts.fields()
}

/**
 * A part with a file name is a file; browsers send an empty one when no file was chosen. Without any, a part
 * in the place of a file that tells its media type is a file too: some programs name nothing.
 */
function entryOf(headers: Map<string, string>, isFileField: (field: string) => boolean): Entry {
  const { parameters } = parseHeaderValue(headers.get('content-disposition') ?? '')
  const mimeType = headers.get('content-type') ?? ''
  const field = parameters.get('name')
  const name = filename(parameters)
  if (name === '' || (field === undefined && name === undefined)) return { kind: 'nothing' }
  const isFile = name !== undefined || mimeType !== ''
  if (isFile && isFileField(field ?? ''))
    return { kind: 'file', field: field ?? '', name: name ?? '', mimeType }
  if (name !== undefined) return { kind: 'nothing' }
  return { kind: 'text', field: field ?? '', charset: parseHeaderValue(mimeType).parameters.get('charset') }
}

/** Programs that send both forms send the whole name only in the extended one. */
const filename = (parameters: Map<string, string>): string | undefined =>
  decodeExtended(parameters.get('filename*') ?? '') ?? parameters.get('filename')

function createTexts(limits: FormLimits) {
  const pairs: Array<[string, string]> = []
  let total = 0
  return {
    fields: (): Fields => fieldsOf(pairs),
    async add(field: string, charset: string | undefined, data: AsyncIterable<Uint8Array>): Promise<void> {
      if (pairs.length >= limits.fields) throw invalid('body', 'The form has too many fields.')
      if (Buffer.byteLength(field) > limits.nameBytes)
        throw invalid('body', 'The name of a form field is too long.')
      const chunks: Uint8Array[] = []
      let size = 0
      for await (const chunk of data) {
        size += chunk.byteLength
        total += chunk.byteLength
        if (size > limits.valueBytes || total > limits.totalBytes)
          throw new Fault('body_too_large', 'A field of the form is too long.')
        chunks.push(chunk)
      }
      pairs.push([field, decodeField(Buffer.concat(chunks), charset)])
    },
  }
}
