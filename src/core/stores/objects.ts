/** Objects of the storage as records: what bytes there are, and who needs them. */
import type { StoredObject } from '../model.ts'
import type { ObjectDescription } from '../storage.ts'

export interface NewObject {
  key: string
  size: number
  sha256: string | null
  md5: string | null
  crc32?: number | null
  storedName?: string | null
}

export interface UnverifiedObject {
  object: StoredObject
  /** Null when that is no longer known: then anything is what was promised. */
  expected: string | null
}

export interface ObjectStore {
  /** Notes that bytes are about to be written under this key, so that a crash leaves no unknown ones. */
  announce(key: string, now: Date): Promise<void>
  /** Forgets an announced key whose bytes are gone again. */
  retract(key: string): Promise<void>
  /**
   * An announced key whose writing failed without anybody knowing how: the store may still write what it was sent.
   * It stays known, and `retract` leaves it. Nothing when it is not announced.
   */
  suspect(key: string, now: Date): Promise<void>
  /** Keys that became suspects before the given time, the oldest first. */
  suspects(before: Date, limit: number): Promise<string[]>
  /** Forgets a suspect. */
  acquit(key: string): Promise<void>
  /** Keys announced before the given time and never used. Only keys of dead writers may be asked for. */
  announced(before: Date, limit: number): Promise<string[]>
  /** Whether the key belongs to anything, also to bytes that are being written or removed. For check. */
  isKnownKey(key: string): Promise<boolean>
  /** Not one that is only announced, or a suspect. */
  findByKey(key: string): Promise<StoredObject | null>
  /** The first with an id above the given one whose files are `processing`, with the checksum of its sender. */
  nextUnverified(afterId: number): Promise<UnverifiedObject | null>
  /** Its bytes have been read: its files become `ready`, or `failed` when that is not what was promised. */
  judge(id: number, verdict: { sha256: string; ok: boolean }, now: Date): Promise<void>
  /** What its files are called, the oldest of them; null when it has none. */
  describe(id: number): Promise<ObjectDescription | null>
  /** The file name the store has been given with the bytes; null when it keeps none. */
  noteStoredName(id: number, storedName: string | null): Promise<void>
  /** In order of id, after the given one, without those claimed for removal. For check. */
  page(afterId: number, limit: number): Promise<StoredObject[]>
  /**
   * Objects no file points to, claimed for removal: a claimed object can get no new file. Those claimed
   * before and not yet removed come again.
   */
  claimUnreferenced(limit: number): Promise<StoredObject[]>
  /** Notes the CRC-32 of an object that came without. What is known stays; a missing object is fine. */
  setCrc32(id: number, crc32: number): Promise<void>
  /** Forgets a claimed object after its bytes are gone. */
  remove(id: number): Promise<void>
}
