/** Files that may lose their name while they are read. */
import { type FileHandle, open } from 'node:fs/promises'
import type { ByteRange } from '../core/storage.ts'

const CHUNK_BYTES = 256 * 1024

/**
 * The bytes of a file, whole or a range inside it, null when there is no such file. It is open from here on: a name
 * alone would be looked up when the first byte is sent, when the file may have moved to another store.
 */
export async function openHeld(path: string, range?: ByteRange): Promise<ReadableStream<Uint8Array> | null> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (!handle) return null
  try {
    const end = range ? range.end + 1 : (await handle.stat()).size
    return readHeld(handle, range?.start ?? 0, end)
  } catch (error) {
    await handle.close()
    throw error
  }
}

function readHeld(handle: FileHandle, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (at < end) {
        const chunk = await readChunk(handle, at, end).catch(async (error: unknown) => {
          await handle.close()
          throw error
        })
        at += chunk.length
        controller.enqueue(chunk)
      }
      if (at < end) return
      await handle.close()
      controller.close()
    },
    cancel: () => handle.close(),
  })
}

async function readChunk(handle: FileHandle, at: number, end: number): Promise<Uint8Array> {
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - at))
  const { bytesRead } = await handle.read(chunk, 0, chunk.length, at)
  if (bytesRead === 0) throw new Error('the file is shorter than it was')
  return chunk.subarray(0, bytesRead)
}
