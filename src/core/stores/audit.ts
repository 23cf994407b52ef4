/** What was done, by whom, to whom: records that nobody changes. */
import type { AuditEntry } from '../model.ts'

/** Those that are all of it; what is absent does not matter. */
export interface AuditFilter {
  /** Of one account. */
  actorId?: number
  /** Of one name as it was then: for accounts that are gone. */
  actorName?: string
  action?: string
  from?: Date
  /** Before this. */
  until?: Date
}

export interface AuditPage extends AuditFilter {
  limit: number
  /** Entries before this one; null: from the newest on. */
  beforeId: number | null
}

export interface AuditStore {
  add(entry: Omit<AuditEntry, 'id'>): Promise<void>
  /** The newest first. */
  page(page: AuditPage): Promise<AuditEntry[]>
  /** Removes entries older than the given time; returns how many. */
  purge(before: Date): Promise<number>
}
