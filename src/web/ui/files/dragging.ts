/**
 * What is dragged over the page and where it would land. Elements that stand for a folder say so by an attribute,
 * wherever they are: a row, a tile, a step of the way, a line of a dialog. Files of the desktop are uploaded there,
 * entries of a list are moved there.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Entry, EntryRef } from '../../wire/entries.ts'
import { takeDrop, takeFiles } from '../upload/picking.ts'
import { moveEntries, type PlaceOf, trashEntries } from './changes.ts'
import type { Selection } from './selection.ts'

const KIND = 'application/x-kist-entries'
const TRASH = 'trash'
let dragged: EntryRef[] = []

const isOurs = (event: DragEvent): boolean => event.dataTransfer?.types.includes(KIND) ?? false
const isFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

/** Begins to drag an entry, and with it all that is chosen when it is one of them. */
export function startDragging(event: DragEvent, selection: Selection, index: number, entry: Entry): void {
  const isChosen = selection.has(entry)
  dragged = isChosen ? selection.refs() : [{ type: entry.type, id: entry.id }]
  if (!isChosen) selection.only(index, entry)
  event.dataTransfer?.setData(KIND, String(dragged.length))
  if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move'
}

/** The element below what is dragged that takes it, and where it leads. */
interface Spot {
  element: HTMLElement
  folderId: number | null
  isTrash: boolean
}

function spotBelow(event: DragEvent): Spot | null {
  const element = (event.target as Element | null)?.closest?.<HTMLElement>('[data-drop]')
  if (!element) return null
  const to = element.dataset.drop ?? ''
  const isTrash = to === TRASH
  const spot = { element, folderId: /^\d+$/.test(to) ? Number(to) : null, isTrash }
  if (isFiles(event)) return isTrash ? null : spot
  const isItself = dragged.some(({ type, id }) => type === 'folder' && id === spot.folderId)
  return isItself ? null : spot
}

export interface Here {
  folderId: number | null
  name: string
  selection: Selection
  placeOf: PlaceOf
}

export interface Dragged {
  /** The name of the folder into which files above the page would go; null when there are none. */
  into: string | null
  /** Entries of a list are being dragged. */
  moving: boolean
}

/** What is dragged says so several times a second; who lets go outside, or by a key, does not always. */
const SILENCE_MS = 2000

/** Marks one element at a time. */
function marker() {
  let marked: HTMLElement | null = null
  return (element: HTMLElement | null): void => {
    if (element === marked) return
    marked?.removeAttribute('data-over')
    element?.setAttribute('data-over', '')
    marked = element
  }
}

function dropEntries(spot: Spot, { selection, placeOf }: Here): void {
  selection.clear()
  if (spot.isTrash) void trashEntries(dragged, placeOf)
  else {
    const items = dragged.filter((item) => placeOf(item) !== spot.folderId)
    if (items.length > 0) void moveEntries(items, spot.folderId, placeOf)
  }
}

function receive(event: DragEvent, here: Here): void {
  const spot = spotBelow(event)
  if (isFiles(event) && event.dataTransfer) {
    event.preventDefault()
    void takeDrop(event.dataTransfer, spot ? spot.folderId : here.folderId)
  } else if (isOurs(event) && spot) {
    event.preventDefault()
    dropEntries(spot, here)
  }
}

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input:not([type=checkbox]), textarea') !== null

function paste(event: ClipboardEvent, { folderId }: Here): void {
  const files = event.clipboardData?.files
  // What office programs copy has a picture of it beside the text.
  if (files?.length && !isWriting(event.target)) void takeFiles(files, folderId)
}

/**
 * Listens on the whole page: files go into the folder they are dropped on, else into the one that is shown, where
 * those that are pasted go as well.
 */
export function useDropping(here: Here): Dragged {
  const [into, setInto] = useState<string | null>(null)
  const [moving, setMoving] = useState(false)
  const now = useRef(here)
  now.current = here
  useEffect(() => {
    const stop = new AbortController()
    const mark = marker()
    const listen = <K extends keyof DocumentEventMap>(kind: K, act: (event: DocumentEventMap[K]) => void) =>
      document.addEventListener(kind, act, { signal: stop.signal })
    let timer = 0
    const end = (): void => {
      clearTimeout(timer)
      mark(null)
      setInto(null)
      setMoving(false)
    }
    listen('dragstart', (event) => setMoving(isOurs(event)))
    listen('dragover', (event) => {
      const files = isFiles(event)
      if (!files && !isOurs(event)) return
      clearTimeout(timer)
      timer = window.setTimeout(end, SILENCE_MS)
      const spot = spotBelow(event)
      mark(spot?.element ?? null)
      if (!files && !spot) return
      event.preventDefault()
      if (event.dataTransfer) event.dataTransfer.dropEffect = files ? 'copy' : 'move'
      if (files) setInto(spot ? (spot.element.dataset.name ?? '') : now.current.name)
    })
    listen('dragleave', (event) => {
      if (event.relatedTarget !== null) return
      mark(null)
      setInto(null)
    })
    listen('dragend', end)
    // While something is dragged there are none of these.
    listen('pointermove', end)
    listen('drop', (event) => {
      end()
      receive(event, now.current)
    })
    listen('paste', (event) => paste(event, now.current))
    return () => {
      stop.abort()
      end()
    }
  }, [])
  return { into, moving }
}
