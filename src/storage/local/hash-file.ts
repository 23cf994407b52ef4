/** SHA-256 of a file on this thread, for when there is no worker: slower for others, never wrong. */
import { type FileHandle, open } from 'node:fs/promises'

const BLOCK = 1024 * 1024

async function hashHandle(handle: FileHandle, length: number): Promise<string> {
  const hasher = new Bun.CryptoHasher('sha256')
  const block = new Uint8Array(BLOCK)
  let position = 0
  while (position < length) {
    const { bytesRead } = await handle.read(block, 0, Math.min(BLOCK, length - position), position)
    if (bytesRead === 0) throw Object.assign(new Error('the file is shorter than its plan'), { code: 'EOF' })
    hasher.update(block.subarray(0, bytesRead))
    position += bytesRead
  }
  return hasher.digest('hex')
}

/** SHA-256 of the first `length` bytes, 64 hex digits. Throws the system's error, or one with code EOF. */
export async function hashFile(path: string, length: number): Promise<string> {
  const handle = await open(path, 'r')
  try {
    return await hashHandle(handle, length)
  } finally {
    await handle.close()
  }
}
