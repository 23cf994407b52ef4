/** Requests with forms, written byte by byte and sent in any pieces. */
import { isFault } from '../../src/core/fault.ts'
import { type FormOptions, type IncomingFile, readUploadForm } from '../../src/http/form.ts'

export const BOUNDARY = 'BB'

export interface SeenFile {
  field: string
  name: string
  mimeType: string
  bytes: string
}

export interface Outcome {
  fields?: Record<string, unknown>
  files: SeenFile[]
  fault?: { code: string; message: string }
}

/** The fields in which the tests send files. */
export const ANY_FIELD: FormOptions = { fileField: (field) => ['file', 'x', ''].includes(field) }

/** A POST whose body arrives in exactly these pieces. */
export function formRequest(
  pieces: readonly (string | Uint8Array)[],
  type = `multipart/form-data; boundary=${BOUNDARY}`,
): Request {
  const left = pieces.map((piece) => new Uint8Array(Buffer.from(piece)))
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift()
      if (next) controller.enqueue(next)
      else controller.close()
    },
  })
  return new Request('http://localhost/', { method: 'POST', body, headers: { 'content-type': type } })
}

/** `bytes` in Latin-1: one character a byte. */
export async function readFile(file: IncomingFile): Promise<SeenFile> {
  const chunks: Uint8Array[] = []
  for await (const chunk of file.body) chunks.push(chunk)
  const { field, name, mimeType } = file
  return { field, name, mimeType, bytes: Buffer.concat(chunks).toString('latin1') }
}

/** Reads every file to its end; only a Fault is an outcome, anything else is thrown. */
export async function outcomeOf(request: Request, options: Partial<FormOptions> = {}): Promise<Outcome> {
  const files: SeenFile[] = []
  try {
    const fields = await readUploadForm(request, null, { ...ANY_FIELD, ...options }, async (file) => {
      files.push(await readFile(file))
    })
    return { fields, files }
  } catch (error) {
    if (!isFault(error)) throw error
    return { files, fault: { code: error.code, message: error.message } }
  }
}

export const outcome = (
  body: string | Uint8Array,
  type?: string,
  options?: Partial<FormOptions>,
): Promise<Outcome> => outcomeOf(formRequest([body], type), options)

/** A part of a form: header lines, then its bytes as text. */
export const part = (disposition: string, body = '', type?: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n${
    type === undefined ? '' : `Content-Type: ${type}\r\n`
  }\r\n${body}\r\n`
export const END = `--${BOUNDARY}--\r\n`

/** A part with the usual file, and what is seen of that. */
export const FILE = 'name="file"; filename="a.txt"'
export const file = (bytes = 'hello', more: Partial<SeenFile> = {}): SeenFile => ({
  field: 'file',
  name: 'a.txt',
  mimeType: '',
  bytes,
  ...more,
})

/** The Fault of a form that stops too early. */
export const CUT = { code: 'invalid', message: 'The form ends before its closing boundary.' }
