/** What the keys do in a list. */
import type { Entry } from '../../wire/entries.ts'
import type { Listing } from './listing.ts'
import type { Selection } from './selection.ts'

export interface KeyDeeds {
  listing: Listing
  selection: Selection
  at: number
  columns: number
  /** Rows that fit the page. */
  page: number
  goTo(index: number): void
  open(entry: Entry): void
  rename(entry: Entry): void
  trash(): void
  selectAll(): void
  up(): void
  menu(entry: Entry): void
}

function target({ key }: KeyboardEvent, { at, columns, page, listing }: KeyDeeds): number | null {
  const last = listing.total - 1
  const steps: Record<string, number> = {
    ArrowDown: at + columns,
    ArrowUp: at - columns,
    ...(columns > 1 && { ArrowRight: at + 1, ArrowLeft: at - 1 }),
    PageDown: at + page * columns,
    PageUp: at - page * columns,
    Home: 0,
    End: last,
  }
  const to = steps[key]
  return to === undefined ? null : Math.max(0, Math.min(last, to))
}

/** True when the key meant something. */
export function onListKey(event: KeyboardEvent, deeds: KeyDeeds): boolean {
  const { listing, selection, at } = deeds
  const entry = listing.at(at)
  const to = target(event, deeds)
  if (to !== null) {
    deeds.goTo(to)
    if (event.shiftKey) void selection.extend(to)
    else if (!event.ctrlKey && !event.metaKey) {
      const there = listing.at(to)
      if (there) selection.only(to, there)
    }
    return true
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') deeds.selectAll()
  else if (event.key === 'Escape') selection.clear()
  else if (event.key === 'Delete') deeds.trash()
  else if (event.key === 'Backspace') deeds.up()
  else if (!entry) return false
  else if (event.key === 'Enter') deeds.open(entry)
  else if (event.key === ' ') selection.toggle(at, entry)
  else if (event.key === 'F2') deeds.rename(entry)
  else if (event.key === 'i') deeds.menu(entry)
  else return false
  return true
}
