/**
 * Takes the bytes of parts. Before bytes are overwritten their record is withdrawn, and it is written again
 * when the last byte is on disk: a connection that is cut leaves no part, never a torn one.
 */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault } from './fault.ts'
import type { MetadataStore } from './metadata.ts'
import type { UploadSession } from './model.ts'
import { isPartNumber, partLength } from './part-plan.ts'
import type { StorageDriver } from './storage.ts'
import { isOpen, uploadRef } from './upload-session.ts'

export interface IncomingPart {
  number: number
  /** Declared length, null when the client did not say. */
  length: number | null
  body: AsyncIterable<Uint8Array>
}

export interface PartReceiver {
  /**
   * Durable when it resolves. Faults: parts_closed, part_number_invalid, part_too_large, part_too_small,
   * part_busy (another request is sending the same part), storage_full, client_gone, upload_stalled.
   */
  receive(session: UploadSession, part: IncomingPart): Promise<{ etag: string; size: number }>
}

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  clock: Clock
  /** Seconds a session lives after its last sign of life. */
  sessionTtl: number
}

export function createPartReceiver({ metadata, storage, clock, sessionTtl }: Deps): PartReceiver {
  const busy = new Set<string>()

  /** A part that takes longer than the session may live keeps it alive. */
  async function* keepAlive(
    session: UploadSession,
    body: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    let extendAt = session.expiresAt.getTime() - sessionTtl * 500
    for await (const chunk of body) {
      const now = clock.now()
      if (now.getTime() >= extendAt) {
        await metadata.uploads.extend(session.id, plusSeconds(now, sessionTtl))
        extendAt = now.getTime() + sessionTtl * 500
      }
      yield chunk
    }
  }

  const write = async (
    session: UploadSession,
    part: { number: number; size: number },
    body: IncomingPart['body'],
  ) => {
    await metadata.uploads.withdrawPart(session.id, part.number, clock.now())
    const ref = uploadRef(session)
    const stored = await storage.putPart(ref, part, keepAlive(session, body))
    const now = clock.now()
    const prefix = await metadata.uploads.savePart(session.id, stored, now, plusSeconds(now, sessionTtl))
    storage.hashAhead?.(ref, prefix)
    return { etag: stored.etag, size: stored.size }
  }

  return {
    async receive(session, { number, length, body }) {
      const size = admit(session, number, length)
      const lock = `${session.id}/${number}`
      if (busy.has(lock)) throw new Fault('part_busy', undefined, { retryAfter: 1 })
      busy.add(lock)
      try {
        return await write(session, { number, size }, body)
      } finally {
        busy.delete(lock)
      }
    },
  }
}

/** The exact size the part must have, judged before a byte is read. */
function admit(session: UploadSession, number: number, length: number | null): number {
  if (!isOpen(session)) throw new Fault('parts_closed')
  if (!isPartNumber(session, number)) throw new Fault('part_number_invalid')
  const size = partLength(session, number)
  if (length !== null && length > size) throw new Fault('part_too_large')
  if (length !== null && length < size) throw new Fault('part_too_small')
  return size
}
