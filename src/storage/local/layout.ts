/** Where the bytes are below the data directory. Pure: names in, paths out; nothing outside ever comes out. */
import { join } from 'node:path'
import { Fault, invalid } from '../../core/fault.ts'
import { isObjectKey } from '../object-key.ts'

const UPLOAD = /^up-[0-9a-f]{32}$/
const TEMPORARY = /^put-[0-9a-f]{32}$/

export interface Layout {
  objects: string
  staging: string
  /** Path of an object. Fault: invalid. */
  object(key: string): string
  /** Path of an upload's staging file. Fault: upload_not_found. */
  upload(name: string): string
  /** Path of a file that becomes an object once it is whole. */
  temporary(name: string): string
}

export const isUploadName = (name: string): boolean => UPLOAD.test(name)
export const isTemporaryName = (name: string): boolean => TEMPORARY.test(name)

/** `secret` is 32 hex digits. The prefixes tell uploads, which a session owns, from files a dead process left. */
export const uploadName = (secret: string): string => `up-${secret}`
export const temporaryName = (secret: string): string => `put-${secret}`

/** The layout below `dir`. */
export function layoutOf(dir: string): Layout {
  const objects = join(dir, 'objects')
  const staging = join(dir, 'staging')
  return {
    objects,
    staging,
    object(key) {
      if (!isObjectKey(key)) throw invalid('key', 'The object key is not valid.')
      return join(objects, key)
    },
    upload(name) {
      if (!isUploadName(name)) throw new Fault('upload_not_found')
      return join(staging, name)
    },
    temporary: (name) => join(staging, name),
  }
}
