/** One file or folder, as a row and as a tile. */
import { useEffect, useRef } from 'preact/hooks'
import type { Entry } from '../../wire/entries.ts'
import { isPlainClick } from '../app/router.tsx'
import { dropInto } from '../parts/drop-spot.ts'
import { Icon, isIcon } from '../parts/icons.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { counted, day, grouped, kindOf, size } from '../parts/words.ts'
import { Thumbnail } from './thumbnail.tsx'

export interface EntryViewProps {
  entry: Entry | undefined
  index: number
  tile: boolean
  selected: boolean
  focused: boolean
  /** The focus of the page belongs here. */
  takeFocus: boolean
  actions: MenuItem[]
  href: string
  onOpen(): void
  onChoose(event: MouseEvent): void
  onToggle(): void
  onDragStart(event: DragEvent): void
  /** The other button of the mouse, or the key for it. */
  onMenu(event: MouseEvent): void
}

const VISIBLE = ['Private', 'Anyone with the link', 'Public']

/** The preview of a file, its icon while there is none. */
function Picture({ entry, tile }: { entry: Entry; tile: boolean }) {
  const kind = entry.type === 'folder' ? 'folder' : kindOf(entry.mimeType)
  const icon = (
    <span class={`kind ${kind}`}>
      <Icon name={isIcon(kind) ? kind : 'file'} />
    </span>
  )
  if (!tile || entry.type === 'folder' || !/^(image|video)\//.test(entry.mimeType)) return icon
  return <Thumbnail slug={entry.slug}>{icon}</Thumbnail>
}

const factsOf = (entry: Entry): string =>
  entry.type === 'folder'
    ? `${counted(entry.files + entry.folders, 'entry', 'entries')} · ${size(entry.size)}`
    : `${size(entry.size)} · ${day(entry.created)}`

function Columns({ entry }: { entry: Entry }) {
  return (
    <>
      <span class="cell of-size" role="gridcell">
        {size(entry.size)}
      </span>
      <span class="cell of-date" role="gridcell">
        {day(entry.created)}
      </span>
      <span class="cell of-downloads" role="gridcell">
        {grouped(entry.downloads)}
      </span>
    </>
  )
}

const Waiting = () => (
  <div class="entry waiting" role="row">
    <span class="cell name" role="gridcell">
      <span class="bone" />
    </span>
  </div>
)

interface NameCellProps {
  entry: Entry
  tile: boolean
  href: string
  open(): void
}

function NameCell({ entry, tile, href, open }: NameCellProps) {
  const follow = (event: MouseEvent): void => {
    event.stopPropagation()
    if (!isPlainClick(event)) return
    event.preventDefault()
    open()
  }
  return (
    <span class="cell name" role="gridcell">
      <Picture entry={entry} tile={tile} />
      <span class="words">
        <a href={href} tabIndex={-1} draggable={false} onClick={follow}>
          <bdi>{entry.name}</bdi>
        </a>
        <span class="facts">
          {factsOf(entry)}
          {entry.visibility !== 1 && ` · ${VISIBLE[entry.visibility]}`}
        </span>
      </span>
      {entry.type === 'folder' && entry.hasPassword && <Icon name="lock" />}
    </span>
  )
}

export function EntryView(props: EntryViewProps) {
  const { entry, index, tile, selected, focused, takeFocus, actions, href } = props
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const { activeElement: active, body } = document
    // Only from within the list, or when what had it is gone: nobody who types elsewhere is interrupted.
    const isFree = active === null || active === body || box.current?.closest('.entries')?.contains(active)
    if (takeFocus && isFree && box.current !== active) box.current?.focus({ preventScroll: true })
  }, [takeFocus])
  if (!entry) return <Waiting />
  const states = ['entry', tile && 'tile', selected && 'chosen'].filter(Boolean).join(' ')
  return (
    <div
      ref={box}
      class={states}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={selected}
      tabIndex={focused ? 0 : -1}
      draggable
      onClick={props.onChoose}
      onDblClick={props.onOpen}
      onDragStart={props.onDragStart}
      onContextMenu={props.onMenu}
      {...(entry.type === 'folder' && dropInto(entry.id, entry.name))}
    >
      <span class="cell pick" role="gridcell">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${entry.name}`}
          checked={selected}
          onClick={(event) => event.stopPropagation()}
          onChange={props.onToggle}
        />
      </span>
      <NameCell entry={entry} tile={tile} href={href} open={props.onOpen} />
      {!tile && <Columns entry={entry} />}
      <span class="cell acts" role="gridcell" onClick={(event) => event.stopPropagation()}>
        <Menu label={`More for ${entry.name}`} class="plain" items={actions} tabIndex={-1}>
          <Icon name="more" />
        </Menu>
      </span>
    </div>
  )
}
