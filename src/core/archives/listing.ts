/** What is known of the contents of an archive without unpacking it. */
import { printable } from '../filename.ts'

export type ArchiveKind = 'zip' | 'tar' | 'tar.gz' | 'gz'

export interface ArchiveEntry {
  /** As the archive has it, with slashes, fit to be shown: without control characters, at most 1000 characters. */
  path: string
  /** Unpacked, as the archive claims; null where it does not say. */
  size: number | null
  modified: Date | null
  isFolder: boolean
}

export interface ArchiveListing {
  kind: ArchiveKind
  entries: ArchiveEntry[]
  /** There is more than is listed. */
  truncated: boolean
  /** A password is needed for some of it. */
  encrypted: boolean
}

/** Beyond these a listing is truncated. */
export const MOST_ENTRIES = 10_000
const MOST_CHARACTERS = 1000

/** What is no archive, or broken in a way that leaves nothing to list. Never leaves this folder. */
export class UnreadableArchive extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const latin1 = new TextDecoder('latin1')

/** Archives seldom say in which encoding their names are. */
function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return latin1.decode(bytes)
  }
}

export const pathOf = (bytes: Uint8Array): string =>
  printable(decode(bytes).replaceAll('\\', '/')).slice(0, MOST_CHARACTERS).toWellFormed()

/** Null for what is no time. */
export function timeOf(seconds: number): Date | null {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? null : date
}
