/** What all steps of an upload share: who may reach a session, and what its state allows. */
import type { Clock } from './clock.ts'
import { Fault } from './fault.ts'
import type { MetadataStore } from './metadata.ts'
import type { Principal, UploadSession } from './model.ts'
import type { DirectAccess, StorageDriver, UploadRef } from './storage.ts'

export const COMPLETION_TIMED_OUT = 'Completion timed out before metadata could be finalized.'

const OPEN: ReadonlyArray<UploadSession['status']> = ['pending', 'uploading', 'processing']
/** Parts can still arrive. */
export const isOpen = (session: UploadSession): boolean => OPEN.includes(session.status)

/** The storage's view of a session. */
export const uploadRef = (session: UploadSession): UploadRef => ({
  key: session.objectKey,
  upload: session.storageUpload,
  size: session.expectedSize,
  partSize: session.partSize,
})

/** How the client sends the parts of this session past us; null when it sends them to us. */
export function directAccess(
  { direct }: Pick<StorageDriver, 'direct'>,
  { storageUpload }: UploadSession,
): DirectAccess | null {
  return direct && direct.takesParts?.(storageUpload) !== false ? direct : null
}

export interface SessionLookup {
  /** A session past its expiry is ended on the way. Fault: upload_not_found. */
  find(id: string): Promise<UploadSession>
  /** Only the caller's own; guests reach a guest's session by its id alone. Fault: upload_not_found. */
  own(by: Principal, id: string): Promise<UploadSession>
}

export function createSessionLookup({
  metadata,
  clock,
}: {
  metadata: MetadataStore
  clock: Clock
}): SessionLookup {
  const find = async (id: string): Promise<UploadSession> => {
    const session = /^ups_[0-9a-f]{20}$/.test(id) ? await metadata.uploads.find(id) : null
    if (!session) throw new Fault('upload_not_found')
    const now = clock.now()
    const mayHaveEnded = isOpen(session) && session.expiresAt <= now
    if (!mayHaveEnded) return session
    await metadata.uploads.expire(now, COMPLETION_TIMED_OUT, id)
    return (await metadata.uploads.find(id)) ?? session
  }
  return {
    find,
    async own(by, id) {
      const session = await find(id)
      if (session.accountId !== (by.account?.id ?? null)) throw new Fault('upload_not_found')
      return session
    },
  }
}
