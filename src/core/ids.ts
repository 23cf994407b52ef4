/** Where identifiers and secrets come from; tests give a counting one. */
import { randomBytes, randomUUID } from 'node:crypto'
import { customAlphabet } from 'nanoid'

export interface Ids {
  /** 10 characters of 0-9A-Za-z. */
  slug(): string
  /** A UUIDv4. */
  deleteKey(): string
  /** `ups_` and 20 hex digits. */
  uploadSession(): string
  /** `atk_` and 16 hex digits. */
  token(): string
  /** Path-like key of a new object: two levels of fan-out, then 32 hex digits. */
  objectKey(): string
  /** `bytes` random bytes as hex: tokens, cookies, keys. */
  secret(bytes: number): string
}

const slugAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

export const randomIds: Ids = {
  slug: customAlphabet(slugAlphabet, 10),
  deleteKey: () => randomUUID(),
  uploadSession: () => `ups_${hex(10)}`,
  token: () => `atk_${hex(8)}`,
  objectKey() {
    const name = hex(16)
    return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`
  },
  secret: hex,
}
