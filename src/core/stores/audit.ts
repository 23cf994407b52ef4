/** What was done, by whom, to whom: records that nobody changes. */
import type { AuditEntry } from '../model.ts'

export interface AuditPage {
  limit: number
  /** Entries before this one; null: from the newest on. */
  beforeId: number | null
  /** Those of one account alone. */
  actorId?: number
}

export interface AuditStore {
  add(entry: Omit<AuditEntry, 'id'>): Promise<void>
  /** The newest first. */
  page(page: AuditPage): Promise<AuditEntry[]>
  /** Removes entries older than the given time; returns how many. */
  purge(before: Date): Promise<number>
}
