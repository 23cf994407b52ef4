/** A stream of bytes onto the disk: hashed, bounded, synced. Holds no more than the chunk in hand. */
import type { FileHandle } from 'node:fs/promises'
import { Fault, type FaultCode } from '../../core/fault.ts'
import type { ByteSource } from '../../core/storage.ts'
import { onDisk, sourceFault } from '../disk-faults.ts'
import { type SyncSlot, writeBack } from './write-back.ts'

export interface BodyPlan {
  /** Offset of the first byte in the file. */
  at: number
  /** Most bytes the body may have; not one byte beyond is written. */
  limit: number
  /** The Fault for a longer body. */
  tooLong: FaultCode
  hashers: Array<{ update(bytes: Uint8Array): unknown }>
  slot: SyncSlot
}

/** Nearly full disks and signals shorten a write without an error, so it goes on until all is written. */
async function writeAll(handle: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  let done = 0
  while (done < chunk.byteLength) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done, at + done)
    done += bytesWritten
  }
}

/** Hashes on this thread while the chunk is written on another. */
async function writeAndHash(
  handle: FileHandle,
  chunk: Uint8Array,
  at: number,
  plan: BodyPlan,
): Promise<void> {
  const written = onDisk(() => writeAll(handle, chunk, at))
  try {
    for (const hasher of plan.hashers) hasher.update(chunk)
  } finally {
    await written
  }
}

/**
 * Writes the body at its place and resolves with its length once the bytes are on disk. The handle stays open.
 * After a failure the source was cancelled, no write is under way, and the bytes in the body's range are undefined.
 * Faults: `plan.tooLong`, storage_full, client_gone, and any Fault of the body itself.
 */
export async function writeBody(handle: FileHandle, body: ByteSource, plan: BodyPlan): Promise<number> {
  const back = writeBack(handle, plan.slot)
  let done = 0
  try {
    for await (const chunk of body) {
      if (done + chunk.byteLength > plan.limit) throw new Fault(plan.tooLong)
      await writeAndHash(handle, chunk, plan.at + done, plan)
      done += chunk.byteLength
      back.wrote(chunk.byteLength)
    }
    await back.sync()
    return done
  } catch (error) {
    throw sourceFault(error)
  } finally {
    await back.settled()
  }
}
