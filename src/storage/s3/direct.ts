/** How clients reach the bucket past us, with URLs that we sign. */
import { contentDisposition } from '../../core/disposition.ts'
import { cleanMimeType } from '../../core/filename.ts'
import type { DirectAccess, StoredPart, UploadRef } from '../../core/storage.ts'
import { partOffset } from '../part-plan.ts'
import { listParts } from './multipart.ts'
import { checkKey } from './objects.ts'
import { addressOf } from './presigner.ts'
import type { Store } from './store.ts'
import { onUpload } from './uploads.ts'

async function findPart(store: Store, ref: UploadRef, number: number): Promise<StoredPart | null> {
  for await (const part of listParts(store, ref, number - 1, 1)) return part.number === number ? part : null
  return null
}

/** The length of a part is signed, so that the store refuses any other. */
export function directAccess(store: Store): DirectAccess {
  const base = store.settings.publicCdnUrl.replace(/\/+$/, '')
  return {
    partsOrigin: addressOf(store.settings).origin,
    async signPart(ref, part, expiresIn) {
      checkKey(ref.key)
      partOffset(ref, part)
      const query = { partNumber: String(part.number), uploadId: ref.upload }
      const headers = { 'content-length': String(part.size) }
      return store.presign({ method: 'PUT', key: ref.key, query, headers, expiresIn })
    },
    findPart: (ref, number) => onUpload(store, ref, () => findPart(store, ref, number)),
    listParts: (ref) => onUpload(store, ref, () => Array.fromAsync(listParts(store, ref))),
    async signObject(key, as, expiresIn) {
      checkKey(key)
      const query = {
        'response-content-disposition': contentDisposition('attachment', as.name),
        'response-content-type': cleanMimeType(as.mimeType),
      }
      return store.presign({ method: 'GET', key, query, expiresIn })
    },
    publicUrl(key) {
      checkKey(key)
      return base === '' ? null : `${base}/${key}`
    },
  }
}
