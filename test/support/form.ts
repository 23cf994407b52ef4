/** Forms with files, as programs send them; written byte by byte. */

export interface FormPart {
  /** Name of the form field. */
  field?: string
  /** Absent: a text, not a file. */
  filename?: string
  type?: string
  body?: string | Uint8Array
}

export interface SentForm {
  headers: Record<string, string>
  body: Uint8Array
}

const BOUNDARY = 'kist-test-form'
const encoder = new TextEncoder()

/** What browsers write for the characters that would end the quoted text. */
const quoted = (text: string): string => text.replace(/"/g, '%22').replace(/\r/g, '%0D').replace(/\n/g, '%0A')

function headOf({ field = 'file', filename, type }: FormPart): string {
  const name = filename === undefined ? '' : `; filename="${quoted(filename)}"`
  const kind = type === undefined ? '' : `\r\nContent-Type: ${type}`
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"${name}${kind}\r\n\r\n`
}

export function formOf(parts: readonly FormPart[]): SentForm {
  const pieces = parts.flatMap((part) => [
    headOf(part),
    typeof part.body === 'string' ? encoder.encode(part.body) : (part.body ?? new Uint8Array()),
    '\r\n',
  ])
  const all = [...pieces, `--${BOUNDARY}--\r\n`].map((piece) =>
    typeof piece === 'string' ? encoder.encode(piece) : piece,
  )
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: new Uint8Array(Buffer.concat(all)),
  }
}
