/** Chooses a folder: for those who move and copy without dragging. */
import { useEffect, useState } from 'preact/hooks'
import type { EntrySlice, FolderEntry } from '../../wire/entries.ts'
import { LARGEST_SLICE } from '../../wire/entries.ts'
import { api, messageOf } from '../app/session.ts'
import { Dialog } from '../parts/dialog.tsx'
import { dropInto } from '../parts/drop-spot.ts'
import { Icon } from '../parts/icons.tsx'
import { makeFolder } from './new-folder.tsx'

export interface FolderPickerProps {
  title: string
  action: string
  /** Ids of folders that can not be gone into. */
  without: Set<number>
  start: number | null
  close(): void
  choose(folderId: number | null): Promise<void>
}

interface Place {
  id: number | null
  path: Array<{ id: number | null; name: string }>
  folders: FolderEntry[]
}

/** More folders than these nobody looks through. */
const MOST = 10 * LARGEST_SLICE

async function load(id: number | null): Promise<Place> {
  const folders: FolderEntry[] = []
  for (;;) {
    const query = `limit=${LARGEST_SLICE}&offset=${folders.length}`
    const slice = await api<EntrySlice>('GET', `/web/folders/${id ?? 'top'}/entries?${query}`)
    const some = slice.entries.filter((entry) => entry.type === 'folder')
    folders.push(...some)
    if (some.length > 0 && folders.length < Math.min(slice.folderCount, MOST)) continue
    const path = [{ id: null, name: 'Files' }, ...slice.path, ...(slice.folder ? [slice.folder] : [])]
    return { id, path, folders }
  }
}

export function FolderPicker({ title, action, without, start, close, choose }: FolderPickerProps) {
  const [place, setPlace] = useState<Place | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const go = (id: number | null): void => {
    load(id).then(setPlace, (error) => setProblem(messageOf(error)))
  }
  useEffect(() => go(start), [])
  const act = async (): Promise<void> => {
    setBusy(true)
    try {
      await choose(place?.id ?? null)
      close()
    } catch (error) {
      setProblem(messageOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} close={close}>
      {problem && <p role="alert">{problem}</p>}
      <nav class="crumbs" aria-label="Way to the folder">
        {place?.path.map(({ id, name }) => (
          <button key={id} type="button" class="plain" onClick={() => go(id)} {...dropInto(id, name)}>
            {name}
          </button>
        ))}
      </nav>
      <ul class="pick-list">
        {place?.folders
          .filter(({ id }) => !without.has(id))
          .map(({ id, name }) => (
            <li key={id}>
              <button type="button" class="plain" onClick={() => go(id)} {...dropInto(id, name)}>
                <Icon name="folder" /> <bdi>{name}</bdi>
              </button>
            </li>
          ))}
        {place && place.folders.length === 0 && <li class="soft">No folders in here.</li>}
      </ul>
      <div class="buttons">
        <button
          type="button"
          class="plain first"
          disabled={!place}
          onClick={() => makeFolder(place?.id ?? null, go)}
        >
          <Icon name="plus" /> New folder
        </button>
        <button type="button" class="second" onClick={close}>
          Cancel
        </button>
        <button type="button" data-first disabled={busy || !place} onClick={act}>
          {action}
        </button>
      </div>
    </Dialog>
  )
}
