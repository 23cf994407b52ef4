/**
 * Brings written bytes to the disk while more arrive, so that the sync which acknowledges them finds little
 * to do (measured: 2 ms in place of 75 ms for 256 MiB, and almost twice the throughput of a single stream).
 */
import type { FileHandle } from 'node:fs/promises'
import { onDisk } from '../disk-faults.ts'

/** Unsynced bytes at which a sync in the background starts. */
const STEP = 8 * 1024 * 1024

/**
 * One background sync at a time for all files of a driver: each occupies a thread of the runtime's small
 * file pool for as long as the disk takes, and the writes of other uploads need the rest.
 */
export interface SyncSlot {
  busy: boolean
}

export interface WriteBack {
  /** Tells that `bytes` more were written. Throws what an earlier background sync failed with. */
  wrote(bytes: number): void
  /** Resolves when no background sync runs any more. Never rejects. */
  settled(): Promise<void>
  /** All bytes written so far are on disk when it resolves. Fault: storage_full. */
  sync(): Promise<void>
}

/** Write-back of one open file. The caller closes the handle, after `settled`. */
export function writeBack(handle: FileHandle, slot: SyncSlot): WriteBack {
  let unsynced = 0
  let running: Promise<void> | null = null
  let failure: { error: unknown } | null = null

  const inBackground = async (): Promise<void> => {
    try {
      await onDisk(() => handle.datasync())
    } catch (error) {
      // The kernel reports a failed write-back once per handle: a later sync would succeed without the bytes.
      failure = { error }
    } finally {
      slot.busy = false
    }
  }
  const check = (): void => {
    if (failure) throw failure.error
  }
  const settled = async (): Promise<void> => {
    await running
  }
  return {
    wrote(bytes) {
      check()
      unsynced += bytes
      if (unsynced < STEP || slot.busy) return
      slot.busy = true
      unsynced = 0
      running = inBackground()
    },
    settled,
    async sync() {
      await settled()
      check()
      await onDisk(() => handle.datasync())
    },
  }
}
