/** A store that clients send parts to themselves: the real driver, whose parts nobody writes down for us. */
import { Fault } from '../../src/core/fault.ts'
import type { UploadSession } from '../../src/core/model.ts'
import type { DirectAccess, StorageDriver, StoredPart } from '../../src/core/storage.ts'
import { uploadRef } from '../../src/core/upload-session.ts'
import { md5 } from '../support/upload.ts'
import { bytesOf } from './upload-steps.ts'

export interface BypassedStore {
  /** As CoreOptions want it. */
  storage(driver: StorageDriver): StorageDriver
  /** A client sends a part to the store, and says nothing to us; to overwrite is fine. */
  send(session: UploadSession, number: number, bytes: Uint8Array): Promise<StoredPart>
  /** The store has it, whatever the plan says. */
  pretend(session: UploadSession, part: StoredPart): void
  /** It knows nothing of this upload any more. */
  lose(session: UploadSession): void
  /** It does not answer, or does again. */
  down: boolean
  /** Whether the parts of uploads to come go past us. */
  bypassed: boolean
  /** What it has been asked, in order. */
  asked: string[]
}

export function bypassedStore(): BypassedStore {
  const uploads = new Map<string, Map<number, StoredPart>>()
  let driver: StorageDriver
  const parts = (upload: string): Map<number, StoredPart> => {
    if (store.down) throw new Fault('unavailable')
    const known = uploads.get(upload)
    if (!known) throw new Fault('upload_not_found')
    return known
  }
  const direct: DirectAccess = {
    partsOrigin: 'https://store.example.com',
    takesParts: () => store.bypassed,
    signPart: async ({ key }, { number }) => `https://store.example.com/${key}?part=${number}`,
    async findPart({ upload }, number) {
      store.asked.push(`part ${number}`)
      return parts(upload).get(number) ?? null
    },
    async listParts({ upload }) {
      store.asked.push('all parts')
      return [...parts(upload).values()].sort((a, b) => a.number - b.number)
    },
    signObject: async (key) => `https://store.example.com/${key}`,
    publicUrl: () => null,
  }
  const store: BypassedStore = {
    down: false,
    bypassed: true,
    asked: [],
    storage(real) {
      driver = real
      return Object.assign(Object.create(real) as StorageDriver, {
        direct,
        async createUpload(...given: Parameters<StorageDriver['createUpload']>) {
          const upload = await real.createUpload(...given)
          uploads.set(upload, new Map())
          return upload
        },
      })
    },
    async send(session, number, bytes) {
      const part = { number, size: bytes.length }
      await driver.putPart(uploadRef(session), part, bytesOf(bytes))
      const stored = { ...part, etag: md5(bytes) }
      store.pretend(session, stored)
      return stored
    },
    pretend: (session, part) => void parts(session.storageUpload).set(part.number, part),
    lose: (session) => void uploads.delete(session.storageUpload),
  }
  return store
}
