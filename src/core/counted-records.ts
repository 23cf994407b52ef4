/** Records with all their downloads in them: what waits to be written down is written before they are read. */
import type { FileStore, FolderStore, MetadataStore } from './metadata.ts'

type Calls = Record<string, (...args: unknown[]) => Promise<unknown>>

/** What sends bytes and what makes new records shows no counts, and must not wait for a disk. */
const WITHOUT_COUNTS: ReadonlySet<string> = new Set<keyof FileStore | keyof FolderStore>([
  'findWithObject',
  'findWithObjectBySlug',
  'takeUse',
  'add',
  'create',
])

/** The same store, whose files and folders are up to date whenever they are read or changed. */
export const countedRecords = (metadata: MetadataStore, flush: () => Promise<void>): MetadataStore => ({
  ...metadata,
  files: counted(metadata.files, flush),
  folders: counted(metadata.folders, flush),
})

/** Looks its calls up when they are made, as whoever holds the store itself does. */
function counted<Store extends FileStore | FolderStore>(store: Store, flush: () => Promise<void>): Store {
  const calls = store as unknown as Calls
  const wrap = (name: string): Calls[string] =>
    WITHOUT_COUNTS.has(name)
      ? (...args) => call(calls, name, args)
      : async (...args) => {
          await flush()
          return call(calls, name, args)
        }
  return Object.fromEntries(Object.keys(store).map((name) => [name, wrap(name)])) as unknown as Store
}

function call(calls: Calls, name: string, args: unknown[]): Promise<unknown> {
  const found = calls[name]
  if (!found) throw new Error(`the store has no ${name}`)
  return found(...args)
}
