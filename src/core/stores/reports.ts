/** What visitors say of files, as records. */
import type { Report } from '../model.ts'

export type NewReport = Pick<
  Report,
  'fileId' | 'slug' | 'fileName' | 'reason' | 'message' | 'accountId' | 'ip' | 'createdAt'
>

export interface ReportStore {
  /**
   * False, and nothing is added, when an open report of this file by this address is there already. Fault:
   * rate_limited when the address has made `most` reports since the given time.
   */
  add(report: NewReport, allowance: { since: Date; most: number }): Promise<boolean>
  find(id: number): Promise<Report | null>
  /** Those that wait, after the given id, the oldest first. */
  open(afterId: number, limit: number): Promise<Report[]>
  countOpen(): Promise<number>
  /** Fault: report_not_found (unknown, or it waits no more). */
  resolve(id: number, resolved: Resolved): Promise<void>
  /** All that wait of one file; returns how many. */
  resolveFile(fileId: number, resolved: Resolved): Promise<number>
  /** Removes at most `limit` that were resolved before the given time; returns how many. Those that wait stay. */
  purge(resolvedBefore: Date, limit: number): Promise<number>
  /**
   * Forgets the addresses of at most `limit` reports that guests made before the given time, open ones too: they
   * become ''. Returns how many.
   */
  forgetAddresses(madeBefore: Date, limit: number): Promise<number>
}

export type Resolved = { [Key in 'resolvedAt' | 'resolvedBy' | 'resolution']: NonNullable<Report[Key]> }
