/** Whether a file begins with what has arrived of an upload: only then can the upload go on with it. */
import { md5 } from '@noble/hashes/legacy.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { UploadPart } from '../../wire/uploads.ts'

/** Bytes that are read at once, so that the page stays alive meanwhile. */
const STEP = 2 * 1024 * 1024

async function md5Of(blob: Blob): Promise<string> {
  const hash = md5.create()
  for (let at = 0; at < blob.size; at += STEP)
    hash.update(new Uint8Array(await blob.slice(at, at + STEP).arrayBuffer()))
  return bytesToHex(hash.digest())
}

/** False as well when it can not be told: a store may name its parts by something else than their MD5. */
export async function holdsParts(file: Blob, partSize: number, parts: UploadPart[]): Promise<boolean> {
  for (const { number, etag, size } of parts) {
    const start = (number - 1) * partSize
    if (etag.toLowerCase() !== (await md5Of(file.slice(start, start + size)))) return false
  }
  return true
}
