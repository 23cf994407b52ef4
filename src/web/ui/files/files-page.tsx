/** The files of an account: a folder of them, or what search has found. */
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Entry, EntryIds, EntryRef } from '../../wire/entries.ts'
import { navigate, usePlace } from '../app/router.tsx'
import { api, boot, messageOf } from '../app/session.ts'
import { Icon } from '../parts/icons.tsx'
import { PointMenu, type PointMenuProps } from '../parts/menu.tsx'
import { toast } from '../parts/toasts.tsx'
import { counted } from '../parts/words.ts'
import { type PlaceOf, trashEntries } from './changes.ts'
import { startDragging, useDropping } from './dragging.ts'
import {
  actionsOf,
  actionsOfAll,
  addressOf,
  detailsDialog,
  openEntry,
  renameEntry,
} from './entry-actions.tsx'
import { EntryView } from './entry-view.tsx'
import { useGlobalKeys } from './help.tsx'
import { onListKey } from './keys.ts'
import { nameOf, type Shown, useOrder, useShown, useTiles, type Where } from './place.ts'
import { keyOf, type Selection, useSelection } from './selection.ts'
import { ChosenBar, Crumbs, Heads, Look, UploadButtons } from './toolbar.tsx'
import { type Seen, VirtualList } from './virtual-list.tsx'

/** Where something that search has found lies. */
function placeIn(listing: Shown['listing'], ref: EntryRef): number | null {
  const entry = listing.at(listing.indexOf(({ type, id }) => type === ref.type && id === ref.id))
  return entry?.type === 'file' ? entry.folderId : (entry?.parentId ?? null)
}

const ROWS = { rowHeight: 52 }
const TILES = { rowHeight: 196, tileWidth: 160 }
const PAGE_ROWS = 10

function whereIs(params: string[], query: URLSearchParams): Where {
  if (params[0] === 'search') return { kind: 'search', text: query.get('q') ?? '' }
  return { kind: 'folder', id: params[0] === undefined ? null : Number(params[0]) }
}

function Empty({ where, shown }: { where: Where; shown: Shown }) {
  const { listing } = shown
  if (listing.problem !== null)
    return (
      <div class="notice" role="alert">
        <p>{messageOf(listing.problem)}</p>
        <button type="button" onClick={() => void listing.ensure(0, 0)}>
          Try again
        </button>
      </div>
    )
  if (!listing.ready) return <p class="loading">Loading…</p>
  if (where.kind === 'search') return <p class="notice">Nothing of yours is named like “{where.text}”.</p>
  return (
    <div class="notice empty">
      <p>There is nothing in here yet.</p>
      <p class="soft">
        Drop files or whole folders anywhere on this page, paste them, or choose them by the button.
      </p>
    </div>
  )
}

interface ListProps {
  where: Where
  placeOf: PlaceOf
  shown: Shown
  selection: Selection
  tiles: boolean
  folderId: number | null
  selectAll(): void
}

/** The place in a list that has, or would have, the focus; anew in every list. */
function useFocus(name: string, total: number) {
  const [focus, setFocus] = useState({ of: name, index: -1 })
  /** The list is being used: the focus of the page follows. */
  const [active, setActive] = useState(false)
  const at = focus.of === name ? Math.min(focus.index, total - 1) : -1
  const goTo = (index: number): void => {
    setActive(true)
    setFocus({ of: name, index })
  }
  return { at, active, goTo }
}

/** What a click on an entry chooses. */
const choosing =
  (selection: Selection, goTo: (index: number) => void, index: number, entry: Entry) =>
  (event: MouseEvent): void => {
    goTo(index)
    if (event.shiftKey) void selection.extend(index)
    else if (event.ctrlKey || event.metaKey) selection.toggle(index, entry)
    else selection.only(index, entry)
  }

/** The menu at the pointer: of the entry there, or of all that are chosen when it is one of them. */
function usePointMenu({ selection, folderId, placeOf }: ListProps, goTo: (index: number) => void) {
  const [menu, setMenu] = useState<Omit<PointMenuProps, 'close'> | null>(null)
  const showMenu = (event: MouseEvent, index: number, entry: Entry): void => {
    // With Shift it is the browser's own.
    if (event.shiftKey) return
    event.preventDefault()
    goTo(index)
    const isOneOfMany = selection.count > 1 && selection.has(entry)
    if (!isOneOfMany) selection.only(index, entry)
    const items = isOneOfMany ? actionsOfAll(selection.refs(), folderId, placeOf) : actionsOf(entry, folderId)
    const label = isOneOfMany ? counted(selection.count, 'entry', 'entries') : entry.name
    setMenu({ at: { x: event.clientX, y: event.clientY }, label, items })
  }
  const closeMenu = useCallback(() => setMenu(null), [])
  return { menu, showMenu, closeMenu }
}

function EntryList(props: ListProps) {
  const { where, shown, selection, tiles, folderId, selectAll } = props
  const { listing, slice } = shown
  const name = nameOf(where)
  const [columns, setColumns] = useState(1)
  const { at, active, goTo } = useFocus(name, listing.total)
  const { menu, showMenu, closeMenu } = usePointMenu(props, goTo)
  const seen = useCallback(
    (what: Seen): void => {
      setColumns(what.columns)
      void listing.ensure(what.first, Math.max(what.first, what.end - 1))
    },
    [listing],
  )
  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.target as Element).closest('[role=menu]')) return
    const deeds = { listing, selection, columns, at: Math.max(0, at), page: PAGE_ROWS, selectAll, goTo }
    if (onListKey(event, { ...deeds, ...keyDeeds(props) })) event.preventDefault()
  }
  const row = (index: number) => {
    const entry = listing.at(index)
    const give = (act: (entry: Entry) => void) => () => entry && act(entry)
    return (
      <EntryView
        key={entry ? keyOf(entry) : index}
        {...{ entry, index, tile: tiles }}
        selected={entry ? selection.has(entry) : false}
        focused={index === Math.max(0, at)}
        takeFocus={active && index === at}
        actions={entry ? actionsOf(entry, folderId) : []}
        href={entry ? addressOf(entry) : '#'}
        onOpen={give(openEntry)}
        onChoose={entry ? choosing(selection, goTo, index, entry) : () => {}}
        onToggle={give((one) => selection.toggle(index, one))}
        onMenu={(event) => entry && showMenu(event, index, entry)}
        onDragStart={(event) => entry && startDragging(event, selection, index, entry)}
      />
    )
  }
  const list = { total: listing.total, shape: tiles ? TILES : ROWS, focused: at, of: name, onSeen: seen }
  return (
    <>
      <VirtualList {...list} label={slice?.folder?.name ?? 'Files'} onKeyDown={onKeyDown}>
        {row}
      </VirtualList>
      {menu && <PointMenu key={`${menu.at.x} ${menu.at.y}`} {...menu} close={closeMenu} />}
    </>
  )
}

/** What keys do beside going through the list. */
const keyDeeds = ({ selection, placeOf, shown: { slice } }: ListProps) => ({
  open: openEntry,
  rename: renameEntry,
  menu: detailsDialog,
  trash: (): void => {
    if (selection.count > 0) void trashEntries(selection.refs(), placeOf)
    selection.clear()
  },
  up: (): void => {
    const parent = slice?.path.at(-1)
    if (slice?.folder) navigate(parent ? `/files/folder/${parent.id}` : '/files')
  },
})

function Counts({ shown, where }: { shown: Shown; where: Where }) {
  const { slice, listing } = shown
  if (where.kind === 'search') return <p class="counts">{counted(listing.total, 'result')}</p>
  if (!slice) return null
  return (
    <p class="counts">
      {counted(slice.folderCount, 'folder')}, {counted(slice.fileCount, 'file')}
    </p>
  )
}

interface HeadProps {
  where: Where
  shown: Shown
  folderId: number | null
  /** Lies above all of it, so that nothing moves when something is chosen. */
  chosen: ComponentChildren
  children: ComponentChildren
}

function Head({ where, shown, folderId, chosen, children }: HeadProps) {
  return (
    <div class="head">
      <div class="beneath" inert={Boolean(chosen)}>
        <Crumbs where={where} slice={shown.slice} />
        <Counts where={where} shown={shown} />
        <div class="tools">
          <UploadButtons folderId={folderId} />
          {children}
        </div>
      </div>
      {chosen}
    </div>
  )
}

export default function FilesPage({ params }: { params: string[] }) {
  const { query } = usePlace()
  const where = whereIs(params, query)
  const folderId = where.kind === 'folder' ? where.id : null
  const [order, sort] = useOrder()
  const [tiles, setTiles] = useTiles()
  const shown = useShown(where, order)
  const selection = useSelection(shown.listing)
  useGlobalKeys()
  const title = where.kind === 'search' ? `“${where.text}”` : (shown.slice?.folder?.name ?? 'Files')
  useEffect(() => {
    document.title = `${title} · ${boot.siteName}`
  }, [title])
  const name = nameOf(where)
  useEffect(() => selection.clear(), [name])
  const selectAll = async (): Promise<void> => {
    try {
      if (where.kind === 'search') await selection.extend(shown.listing.total - 1)
      else selection.all(await api<EntryIds>('GET', `/web/folders/${folderId ?? 'top'}/ids`))
    } catch (error) {
      toast(messageOf(error), { bad: true })
    }
  }
  const placeOf: PlaceOf = (ref) => (where.kind === 'folder' ? folderId : placeIn(shown.listing, ref))
  const { into, moving } = useDropping({
    folderId,
    name: shown.slice?.folder?.name ?? 'Files',
    selection,
    placeOf,
  })
  const list = { where, shown, selection, tiles, folderId, placeOf, selectAll: () => void selectAll() }
  return (
    <div class={into === null ? 'files' : 'files above'}>
      <Head
        where={where}
        shown={shown}
        folderId={folderId}
        chosen={selection.count > 0 && !moving && <ChosenBar {...list} total={shown.listing.total} />}
      >
        {where.kind === 'folder' && <Look order={order} sort={sort} tiles={tiles} setTiles={setTiles} />}
      </Head>
      {!tiles && where.kind === 'folder' && shown.listing.total > 0 && <Heads order={order} sort={sort} />}
      {shown.listing.total === 0 ? <Empty where={where} shown={shown} /> : <EntryList {...list} />}
      {into !== null && (
        <p class="landing">
          <Icon name="up" />
          <span>
            Upload to <bdi>{into}</bdi>
          </span>
        </p>
      )}
    </div>
  )
}
