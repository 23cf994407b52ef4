/** Multipart forms, written byte by byte, so that they can be sloppy too. */

export const BOUNDARY = '----kist-form'
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`

export interface FormPart {
  /** Header lines, without their line ends. */
  head: string[]
  body: Uint8Array
}

const bytesOf = (body: Uint8Array | string): Uint8Array =>
  typeof body === 'string' ? new TextEncoder().encode(body) : body

export const textPart = (name: string, text: string): FormPart => ({
  head: [`Content-Disposition: form-data; name="${name}"`],
  body: bytesOf(text),
})

export const textParts = (fields: object): FormPart[] =>
  Object.entries(fields).map(([name, text]) => textPart(name, String(text)))

/** `type` null leaves the header out. */
export const filePart = (
  filename: string,
  body: Uint8Array | string,
  { type = 'application/octet-stream', field = 'upload_file' }: { type?: string | null; field?: string } = {},
): FormPart => ({
  head: [
    `Content-Disposition: form-data; name="${field}"; filename="${filename}"`,
    ...(type === null ? [] : [`Content-Type: ${type}`]),
  ],
  body: bytesOf(body),
})

/** `end` is what follows the last part. */
export function form(
  parts: readonly FormPart[],
  end = `--${BOUNDARY}--\r\n`,
): { body: Uint8Array; type: string } {
  const pieces = parts.flatMap(({ head, body }) => [
    bytesOf(`--${BOUNDARY}\r\n${head.join('\r\n')}\r\n\r\n`),
    body,
    bytesOf('\r\n'),
  ])
  return { body: Buffer.concat([...pieces, bytesOf(end)]), type: FORM_TYPE }
}
