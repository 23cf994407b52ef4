/** What is dragged inside the page: moved by dropping it on a folder. */
import { useState } from 'preact/hooks'
import type { Entry, EntryRef } from '../../wire/entries.ts'
import { moveEntries, type PlaceOf } from './changes.ts'
import type { Selection } from './selection.ts'
import { keyOf } from './selection.ts'

const KIND = 'application/x-kist-entries'
let dragged: EntryRef[] = []

export const isOurs = (event: DragEvent): boolean => event.dataTransfer?.types.includes(KIND) ?? false
export const isFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

export interface Dragging {
  target: string | null
  start(event: DragEvent, index: number, entry: Entry): void
  over(event: DragEvent, entry: Entry): void
  leave(): void
  drop(event: DragEvent, entry: Entry): void
}

export function useDragging(selection: Selection, placeOf: PlaceOf): Dragging {
  const [target, setTarget] = useState<string | null>(null)
  const takes = (event: DragEvent, entry: Entry): boolean =>
    entry.type === 'folder' &&
    isOurs(event) &&
    !dragged.some((item) => item.type === 'folder' && item.id === entry.id)
  return {
    target,
    start(event, index, entry) {
      if (!selection.has(entry)) selection.only(index, entry)
      dragged = selection.has(entry) ? selection.refs() : [{ type: entry.type, id: entry.id }]
      event.dataTransfer?.setData(KIND, String(dragged.length))
      if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move'
    },
    over(event, entry) {
      if (!takes(event, entry)) return
      event.preventDefault()
      setTarget(keyOf(entry))
    },
    leave: () => setTarget(null),
    drop(event, entry) {
      setTarget(null)
      if (!takes(event, entry)) return
      event.preventDefault()
      event.stopPropagation()
      selection.clear()
      void moveEntries(dragged, entry.id, placeOf)
    },
  }
}
