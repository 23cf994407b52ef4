/** A long list of which only what is seen is in the page; rows and tiles alike. */
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isReturning } from '../app/router.tsx'
import { noteScrolled, scrolledTo } from './scrolled.ts'

export interface ListShape {
  /** Pixels. */
  rowHeight: number
  /** Least width of a tile; absent: one in a row. */
  tileWidth?: number
}

export interface Seen {
  columns: number
  first: number
  /** After the last. */
  end: number
}

export interface VirtualListProps {
  total: number
  shape: ListShape
  label: string
  /** Is in the page wherever one looks, since it has the focus. */
  focused: number
  /** Changes when the list is another one, which begins at its top. */
  of: string
  onSeen(seen: Seen): void
  onKeyDown(event: KeyboardEvent): void
  children(index: number): ComponentChildren
}

/** Rows beyond both edges, so that scrolling finds them there. */
const MARGIN = 8

function useSeen(total: number, { rowHeight, tileWidth }: ListShape) {
  const box = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState<Seen>({ columns: 1, first: 0, end: 40 })
  const look = useCallback((): void => {
    const element = box.current
    if (!element) return
    const columns = tileWidth ? Math.max(1, Math.floor(element.clientWidth / tileWidth)) : 1
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - MARGIN) * columns
    const shown = Math.ceil(element.clientHeight / rowHeight) + 2 * MARGIN
    const end = Math.min(total, first + shown * columns)
    setSeen((before) =>
      before.columns === columns && before.first === first && before.end === end
        ? before
        : { columns, first, end },
    )
  }, [total, rowHeight, tileWidth])
  useLayoutEffect(() => {
    look()
    const observer = new ResizeObserver(look)
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [look])
  return { box, seen, look }
}

export function VirtualList(props: VirtualListProps) {
  const { total, shape, label, focused, of, onSeen, onKeyDown, children } = props
  const { box, seen, look } = useSeen(total, shape)
  const { columns } = seen
  useEffect(() => {
    if (box.current) box.current.scrollTop = isReturning() ? scrolledTo(of) : 0
    look()
  }, [of])
  useEffect(() => onSeen(seen), [seen, of, onSeen])
  useLayoutEffect(() => {
    const element = box.current
    if (!element || focused < 0) return
    const top = Math.floor(focused / columns) * shape.rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + shape.rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + shape.rowHeight - element.clientHeight
  }, [focused, columns, shape.rowHeight])
  const shown = new Set<number>()
  for (let index = seen.first; index < Math.min(seen.end, total); index++) shown.add(index)
  if (focused >= 0 && focused < total) shown.add(focused)
  const width = 100 / columns
  const style = (index: number) => ({
    top: `${Math.floor(index / columns) * shape.rowHeight}px`,
    left: `${(index % columns) * width}%`,
    width: `${width}%`,
    height: `${shape.rowHeight}px`,
  })
  return (
    <div
      ref={box}
      class={shape.tileWidth ? 'entries tiles' : 'entries'}
      role="grid"
      aria-label={label}
      aria-rowcount={total}
      aria-multiselectable="true"
      onScroll={({ currentTarget }) => {
        noteScrolled(of, currentTarget.scrollTop)
        look()
      }}
      onKeyDown={onKeyDown}
    >
      <div
        class="room"
        role="presentation"
        style={{ height: `${Math.ceil(total / columns) * shape.rowHeight}px` }}
      >
        {[...shown].map((index) => (
          <div key={index} class="place" role="presentation" style={style(index)}>
            {children(index)}
          </div>
        ))}
      </div>
    </div>
  )
}
