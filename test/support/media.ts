/** Small files of every kind that pages show. */
import { deflateSync } from 'node:zlib'

const crc32 = (bytes: Uint8Array): number => Bun.hash.crc32(bytes)

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A picture that goes from one colour to another, so that it is seen where it ends. */
export function png(width: number, height: number, [red, green, blue] = [40, 90, 200]): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * (1 + width * 3) + 1 + x * 3
      rows[at] = ((red ?? 0) + (x * 180) / width) & 255
      rows[at + 1] = ((green ?? 0) + (y * 140) / height) & 255
      rows[at + 2] = blue ?? 0
    }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const parts = [
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]
  return Buffer.concat([signature, ...parts])
}

/** A tone: 16 bits, one channel, 44,100 samples a second. */
export function wav(seconds: number): Uint8Array {
  const samples = Math.round(seconds * 44_100)
  const bytes = Buffer.alloc(44 + samples * 2)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(36 + samples * 2, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(44_100, 24)
  bytes.writeUInt32LE(88_200, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(samples * 2, 40)
  for (let n = 0; n < samples; n++) bytes.writeInt16LE(Math.round(Math.sin(n / 16) * 8000), 44 + n * 2)
  return bytes
}

/** One page with a line of text; `script` runs in viewers that let documents run scripts. */
export function pdf(text: string, script?: string): Uint8Array {
  const content = `BT /F1 28 Tf 60 700 Td (${text}) Tj ET`
  const action = script === undefined ? '' : ` /OpenAction << /S /JavaScript /JS (${script}) >>`
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R${action} >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = body.length
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`
  return Buffer.from(
    `${body}${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  )
}

/** Six seconds of counting, recorded by a browser. */
export const webm = (): Promise<Uint8Array> => Bun.file(`${import.meta.dir}/../fixtures/clip.webm`).bytes()

/** hello.txt with five bytes, stored. */
export const HELLO_ZIP: Uint8Array = Buffer.from(
  'UEsDBAoAAAAAAAAAIQCGphA2BQAAAAUAAAAJAAAAaGVsbG8udHh0aGVsbG9QSwECHgMKAAAAAAAAACEAhqYQNgUAAAAFAAAACQAAAAAAAAABAAAApIEAAAAAaGVsbG8udHh0UEsFBgAAAAABAAEANwAAACwAAAAAAA==',
  'base64',
)
