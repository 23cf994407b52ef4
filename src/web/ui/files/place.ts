/** Which list is shown, and how: from the address, the order and the look from what was last chosen. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Entry, EntrySlice, SortBy } from '../../wire/entries.ts'
import { api } from '../app/session.ts'
import { onChange } from './changes.ts'
import { Listing } from './listing.ts'

export interface Order {
  by: SortBy
  descending: boolean
}

const SORTS: readonly string[] = ['name', 'size', 'date', 'downloads'] satisfies SortBy[]

function kept(): Order {
  const [by = '', dir] = (localStorage.getItem('kist.order') ?? '').split(' ')
  return { by: SORTS.includes(by) ? (by as SortBy) : 'name', descending: dir === 'desc' }
}

export function useOrder(): [Order, (by: SortBy) => void] {
  const [order, setOrder] = useState(kept)
  const sort = (by: SortBy): void => {
    const descending = by === order.by ? !order.descending : by !== 'name'
    localStorage.setItem('kist.order', `${by} ${descending ? 'desc' : 'asc'}`)
    setOrder({ by, descending })
  }
  return [order, sort]
}

export function useTiles(): [boolean, (tiles: boolean) => void] {
  const [tiles, setTiles] = useState(localStorage.getItem('kist.look') === 'tiles')
  return [
    tiles,
    (next) => {
      localStorage.setItem('kist.look', next ? 'tiles' : 'rows')
      setTiles(next)
    },
  ]
}

/** Where one is: a folder, or what search has found. */
export type Where = { kind: 'folder'; id: number | null } | { kind: 'search'; text: string }

export const nameOf = (where: Where): string =>
  where.kind === 'search' ? `search ${where.text}` : `folder ${where.id}`

export interface Shown {
  listing: Listing
  /** Of a folder, once its first slice is here. */
  slice: EntrySlice | null
}

const fetchFound = async (text: string, signal: AbortSignal) => {
  const path = `/web/search?q=${encodeURIComponent(text)}`
  const { entries } = await api<{ entries: Entry[] }>('GET', path, undefined, signal)
  return { total: entries.length, entries }
}

/** The list of a place; anew whenever something has changed. What is shown stays until the new one is here. */
export function useShown(where: Where, order: Order): Shown {
  const [turn, setTurn] = useState(0)
  const [, redraw] = useState(0)
  useEffect(() => onChange(() => setTurn((before) => before + 1)), [])
  const name = nameOf(where)
  const made = useMemo(() => {
    const shown: Shown & { name: string } = { listing: new Listing(fetch), slice: null, name }
    async function fetch(offset: number, limit: number, signal: AbortSignal) {
      if (where.kind === 'search') return fetchFound(where.text, signal)
      const query = `sort=${order.by}&dir=${order.descending ? 'desc' : 'asc'}&offset=${offset}&limit=${limit}`
      const path = `/web/folders/${where.id ?? 'top'}/entries?${query}`
      const slice = await api<EntrySlice>('GET', path, undefined, signal)
      shown.slice = slice
      return { total: slice.folderCount + slice.fileCount, entries: slice.entries }
    }
    return shown
  }, [name, order.by, order.descending, turn])
  const [current, setCurrent] = useState(made)
  useEffect(() => {
    let gone = false
    const { listing } = made
    const unwatch = listing.watch(() => redraw((count) => count + 1))
    const [from, to] = current.name === name ? current.listing.range : [0, 0]
    void Promise.all([listing.ensure(0, 0), listing.ensure(from, to)]).then(() => {
      if (!gone) setCurrent(made)
    })
    return () => {
      gone = true
      unwatch()
      listing.close()
    }
  }, [made])
  // The list of another place would be a lie, an older one of this place is not.
  return current.name === name ? current : made
}
