/** Which entries are chosen, and from where a choice is extended. */
import { useMemo, useState } from 'preact/hooks'
import type { Entry, EntryIds, EntryRef } from '../../wire/entries.ts'
import type { Listing } from './listing.ts'

export const keyOf = ({ type, id }: EntryRef): string => `${type}:${id}`

const refOf = (key: string): EntryRef => {
  const [type, id] = key.split(':')
  return { type: type as EntryRef['type'], id: Number(id) }
}

export interface Selection {
  count: number
  has(entry: EntryRef): boolean
  refs(): EntryRef[]
  clear(): void
  only(index: number, entry: EntryRef): void
  toggle(index: number, entry: EntryRef): void
  /** From where the last choice began to here. */
  extend(index: number): Promise<void>
  all(ids: EntryIds): void
}

export function useSelection(listing: Listing): Selection {
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set())
  const [anchor, setAnchor] = useState(0)
  return useMemo(() => {
    const put = (keys: Iterable<string>, index: number): void => {
      choose(new Set(keys))
      setAnchor(index)
    }
    return {
      count: chosen.size,
      has: (entry) => chosen.has(keyOf(entry)),
      refs: () => [...chosen].map(refOf),
      clear: () => choose(new Set()),
      only: (index, entry) => put([keyOf(entry)], index),
      toggle(index, entry) {
        const next = new Set(chosen)
        if (!next.delete(keyOf(entry))) next.add(keyOf(entry))
        put(next, index)
      },
      async extend(index) {
        const [from, to] = [Math.min(anchor, index), Math.max(anchor, index)]
        await listing.ensure(from, to)
        const keys: string[] = []
        for (let at = from; at <= to; at++) {
          const entry: Entry | undefined = listing.at(at)
          if (entry) keys.push(keyOf(entry))
        }
        choose(new Set(keys))
      },
      all: ({ folders, files }) =>
        choose(new Set([...folders.map((id) => `folder:${id}`), ...files.map((id) => `file:${id}`)])),
    }
  }, [chosen, anchor, listing])
}
