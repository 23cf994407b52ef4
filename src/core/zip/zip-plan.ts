/** A ZIP archive before its first byte: where everything will lie, how long it will be, and its entity tag. */
import { createHash } from 'node:crypto'
import {
  centralHeader,
  centralHeaderSize,
  type Directory,
  type EntryFacts,
  endOfArchive,
  endSize,
  localHeader,
  localHeaderSize,
} from './zip-format.ts'

/** Where an entry lies: a path is as long as its folders are deep, so it is put together only when needed. */
export interface ZipPlace {
  parent: ZipPlace | null
  name: string
}

export interface ZipEntry extends EntryFacts, ZipPlace {
  /** Of the object with the bytes; null for a folder. */
  key: string | null
  /** Of the file; 0 for a folder. */
  fileId: number
}

export interface ZipPlan {
  entries: readonly ZipEntry[]
  /** Of the whole archive. */
  size: number
  /** Names these bytes and no others. */
  etag: string
  /** Where the local header of each entry begins; one more for the end of the last one's bytes. */
  offsets: Float64Array
  /** Where the central header of each entry begins; one more for the end of the last one. */
  central: Float64Array
}

/** From the top folder of the archive down. */
export function pathOf(entry: ZipEntry): Uint8Array {
  const names: string[] = []
  for (let place: ZipPlace | null = entry; place; place = place.parent) names.push(place.name)
  return new TextEncoder().encode(names.reverse().join('/') + (entry.isFolder ? '/' : ''))
}

/** The same entries in the same order give the same plan. */
export function planZip(entries: readonly ZipEntry[]): ZipPlan {
  const offsets = new Float64Array(entries.length + 1)
  for (const [index, entry] of entries.entries())
    offsets[index + 1] = (offsets[index] ?? 0) + localHeaderSize(entry) + entry.size
  const central = new Float64Array(entries.length + 1)
  central[0] = offsets[entries.length] ?? 0
  for (const [index, entry] of entries.entries())
    central[index + 1] = (central[index] ?? 0) + centralHeaderSize(entry, offsets[index] ?? 0)
  const plan = { entries, offsets, central }
  const directory = directoryOf(plan)
  return { ...plan, size: directory.offset + directory.size + endSize(directory), etag: tagOf(entries) }
}

function directoryOf({ entries, central }: Pick<ZipPlan, 'entries' | 'central'>): Directory {
  const offset = central[0] ?? 0
  return { entries: entries.length, offset, size: (central[entries.length] ?? 0) - offset }
}

/** Over everything that the bytes are made of; the key stands for the bytes of an object. */
function tagOf(entries: readonly ZipEntry[]): string {
  const hash = createHash('sha256').update('zip 1\n')
  for (const entry of entries) {
    const { size, crc32, modified, key } = entry
    hash.update(pathOf(entry)).update(`\n${size} ${crc32} ${modified} ${key ?? ''}\n`)
  }
  return hash.digest('hex')
}

export const localHeaderOf = (entry: ZipEntry): Uint8Array => localHeader(entry, pathOf(entry))

export function centralHeaderOf({ entries, offsets }: ZipPlan, index: number): Uint8Array {
  const entry = entries[index]
  if (!entry) throw new RangeError('no such entry')
  return centralHeader(entry, pathOf(entry), offsets[index] ?? 0)
}

export const endOf = (plan: ZipPlan): Uint8Array => endOfArchive(directoryOf(plan))
