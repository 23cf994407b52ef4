/** Checksums of a file on this thread, for when there is no worker: slower for others, never wrong. */
import { type FileHandle, open } from 'node:fs/promises'
import { Crc32 } from '../../core/crc32.ts'
import type { Checksums } from './hash-messages.ts'

const BLOCK = 1024 * 1024

async function hashHandle(handle: FileHandle, length: number): Promise<Checksums> {
  const sha256 = new Bun.CryptoHasher('sha256')
  const crc32 = new Crc32()
  const block = new Uint8Array(BLOCK)
  let position = 0
  while (position < length) {
    const { bytesRead } = await handle.read(block, 0, Math.min(BLOCK, length - position), position)
    if (bytesRead === 0) throw Object.assign(new Error('the file is shorter than its plan'), { code: 'EOF' })
    sha256.update(block.subarray(0, bytesRead))
    crc32.update(block.subarray(0, bytesRead))
    position += bytesRead
  }
  return { sha256: sha256.digest('hex'), crc32: crc32.value }
}

/** Those of the first `length` bytes. Throws the system's error, or one with code EOF. */
export async function hashFile(path: string, length: number): Promise<Checksums> {
  const handle = await open(path, 'r')
  try {
    return await hashHandle(handle, length)
  } finally {
    await handle.close()
  }
}
