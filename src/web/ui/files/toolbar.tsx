/** What can be done in a folder, and with what is chosen in it. */
import { useRef } from 'preact/hooks'
import type { EntrySlice, SortBy } from '../../wire/entries.ts'
import { Link } from '../app/router.tsx'
import { dropInto } from '../parts/drop-spot.ts'
import { Icon } from '../parts/icons.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { grouped } from '../parts/words.ts'
import { askForFiles, takeFiles } from '../upload/picking.ts'
import { importDialog, requestDialog } from './asking.tsx'
import { type PlaceOf, trashEntries } from './changes.ts'
import { copyDialog, downloadAll, moveDialog, visibilityDialog } from './entry-actions.tsx'
import { makeFolder } from './new-folder.tsx'
import type { Order, Where } from './place.ts'
import type { Selection } from './selection.ts'

export function Crumbs({ where, slice }: { where: Where; slice: EntrySlice | null }) {
  const steps = [...(slice?.path ?? [])]
  const last = where.kind === 'search' ? `“${where.text}”` : slice?.folder?.name
  return (
    <nav class="crumbs" aria-label="Where you are">
      <h1>
        {last === undefined ? (
          <span aria-current="page">Files</span>
        ) : (
          <>
            <Link to="/files" drop={dropInto(null, 'Files')}>
              Files
            </Link>
            {steps.map(({ id, name }) => (
              <span key={id}>
                <Icon name="chevron" />
                <Link to={`/files/folder/${id}`} drop={dropInto(id, name)}>
                  <bdi>{name}</bdi>
                </Link>
              </span>
            ))}
            <span>
              <Icon name="chevron" />
              <span aria-current="page">
                <bdi>{last}</bdi>
              </span>
            </span>
          </>
        )}
      </h1>
    </nav>
  )
}

export function UploadButtons({ folderId }: { folderId: number | null }) {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = (input: HTMLInputElement): void => {
    void takeFiles(input.files ?? [], folderId)
    input.value = ''
  }
  const more: MenuItem[] = [
    { text: 'Upload a folder', icon: 'folder', act: () => folder.current?.click() },
    { text: 'New folder', icon: 'plus', act: () => makeFolder(folderId) },
    { text: 'Fetch from a URL', icon: 'globe', act: () => importDialog(folderId) },
    { text: 'Ask others for files', icon: 'inbox', act: () => requestDialog(folderId) },
  ]
  const ask = async (): Promise<void> => {
    if (!(await askForFiles(folderId))) files.current?.click()
  }
  return (
    <div class="adding">
      <button type="button" onClick={ask}>
        <Icon name="up" /> Upload
      </button>
      <Menu label="New folder, import or request" class="second" items={more}>
        <Icon name="plus" /> <span>New</span>
      </Menu>
      <input
        ref={files}
        id="pick-files"
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => take(currentTarget)}
      />
      <input
        ref={folder}
        id="pick-folder"
        type="file"
        hidden
        {...{ webkitdirectory: true }}
        onChange={({ currentTarget }) => take(currentTarget)}
      />
    </div>
  )
}

const SORTS: Array<[SortBy, string]> = [
  ['name', 'Name'],
  ['size', 'Size'],
  ['date', 'Date'],
  ['downloads', 'Downloads'],
]

export interface LookProps {
  order: Order
  sort(by: SortBy): void
  tiles: boolean
  setTiles(tiles: boolean): void
}

export function Look({ order, sort, tiles, setTiles }: LookProps) {
  const items = SORTS.map(([by, text]) => ({
    text: by === order.by ? `${text} ${order.descending ? '↓' : '↑'}` : text,
    act: () => sort(by),
  }))
  return (
    <div class="look">
      <Menu label="Sort" class="second sort" items={items} head="Sort by">
        Sort
      </Menu>
      <button
        type="button"
        class="second"
        aria-label={tiles ? 'Show as a list' : 'Show as a grid'}
        onClick={() => setTiles(!tiles)}
      >
        <Icon name={tiles ? 'list' : 'grid'} />
      </button>
    </div>
  )
}

/** The names of the columns; a click sorts by them. */
export function Heads({ order, sort }: Pick<LookProps, 'order' | 'sort'>) {
  return (
    <div class="heads">
      {SORTS.map(([by, text]) => (
        <button
          key={by}
          type="button"
          class={`plain of-${by}`}
          aria-label={`Sort by ${text.toLowerCase()}${by === order.by ? (order.descending ? ', now downwards' : ', now upwards') : ''}`}
          onClick={() => sort(by)}
        >
          {text} {by === order.by && (order.descending ? '↓' : '↑')}
        </button>
      ))}
    </div>
  )
}

export interface ChosenBarProps {
  selection: Selection
  folderId: number | null
  placeOf: PlaceOf
  total: number
  selectAll(): void
}

export function ChosenBar({ selection, folderId, placeOf, total, selectAll }: ChosenBarProps) {
  const act = (work: (refs: ReturnType<Selection['refs']>) => void) => () => {
    work(selection.refs())
    selection.clear()
  }
  return (
    <div class="chosen-bar" role="toolbar" aria-label="What is selected">
      <button type="button" class="plain" aria-label="Select nothing" onClick={selection.clear}>
        <Icon name="close" />
      </button>
      <strong aria-live="polite">{grouped(selection.count)} selected</strong>
      {selection.count < total && (
        <button type="button" class="small second" onClick={selectAll}>
          Select all {grouped(total)}
        </button>
      )}
      <span class="acts">
        <button
          type="button"
          class="small second"
          aria-label="Download"
          onClick={() => downloadAll(selection.refs())}
        >
          <Icon name="down" />
          <span>Download</span>
        </button>
        <button
          type="button"
          class="small second"
          onClick={() => moveDialog(selection.refs(), folderId, placeOf)}
        >
          Move
        </button>
        <button type="button" class="small second" onClick={() => copyDialog(selection.refs(), folderId)}>
          Copy
        </button>
        <button type="button" class="small second" onClick={() => visibilityDialog(selection.refs(), 1)}>
          Visibility
        </button>
        <button type="button" class="small danger" onClick={act((refs) => void trashEntries(refs, placeOf))}>
          Trash
        </button>
      </span>
    </div>
  )
}
