/** What was thrown away and can still be had back. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import type { Entry, EntryRef, TrashSlice } from '../../wire/entries.ts'
import { api, messageOf } from '../app/session.ts'
import { changed, onChange, performed } from '../files/changes.ts'
import { Listing } from '../files/listing.ts'
import { type Seen, VirtualList } from '../files/virtual-list.tsx'
import { confirmDialog } from '../parts/dialog.tsx'
import { Icon, isIcon } from '../parts/icons.tsx'
import { counted, kindOf, moment, size } from '../parts/words.ts'

const ROWS = { rowHeight: 64 }

async function fetchTrash(offset: number, limit: number, signal: AbortSignal) {
  const slice = await api<TrashSlice>('GET', `/web/trash?offset=${offset}&limit=${limit}`, undefined, signal)
  return { total: slice.folderCount + slice.fileCount, entries: slice.entries }
}

function useTrash(): Listing {
  const [turn, setTurn] = useState(0)
  const [, redraw] = useState(0)
  useEffect(() => onChange(() => setTurn((before) => before + 1)), [])
  const listing = useMemo(() => new Listing(fetchTrash), [turn])
  useEffect(() => {
    const unwatch = listing.watch(() => redraw((count) => count + 1))
    void listing.ensure(0, 0)
    return () => {
      unwatch()
      listing.close()
    }
  }, [listing])
  return listing
}

const refOf = ({ type, id }: Entry): EntryRef => ({ type, id })

const purge = (entry: Entry): void =>
  confirmDialog({
    title: 'Delete for good?',
    text: `“${entry.name}” can not be had back.`,
    action: 'Delete for good',
    act: () => performed('purge', [refOf(entry)]),
  })

const empty = (count: number): void =>
  confirmDialog({
    title: 'Empty the trash?',
    text: `${counted(count, 'entry', 'entries')} can not be had back.`,
    action: 'Empty the trash',
    act: async () => {
      await api('DELETE', '/web/trash')
      changed()
    },
  })

function Row({ entry, index }: { entry: Entry | undefined; index: number }) {
  if (!entry) return <div class="entry waiting" />
  const kind = entry.type === 'folder' ? 'folder' : kindOf(entry.mimeType)
  return (
    <div class="entry trashed" role="row" aria-rowindex={index + 1}>
      <span class="cell name" role="gridcell">
        <span class={`kind ${kind}`}>
          <Icon name={isIcon(kind) ? kind : 'file'} />
        </span>
        <span class="words">
          <bdi>{entry.name}</bdi>
          <span class="facts">
            {entry.type === 'folder' ? 'Folder with all that is in it' : size(entry.size)}
            {entry.trashed && ` · ${moment(entry.trashed)}`}
          </span>
        </span>
      </span>
      <span class="cell acts" role="gridcell">
        <button
          type="button"
          class="small second"
          aria-label={`Restore ${entry.name}`}
          onClick={() => void performed('restore', [refOf(entry)], { folderId: 'back' })}
        >
          Restore
        </button>
        <button
          type="button"
          class="plain"
          aria-label={`Delete ${entry.name} for good`}
          onClick={() => purge(entry)}
        >
          <Icon name="close" />
        </button>
      </span>
    </div>
  )
}

export default function Trash() {
  const listing = useTrash()
  const seen = useCallback(
    ({ first, end }: Seen): void => void listing.ensure(first, Math.max(first, end - 1)),
    [listing],
  )
  return (
    <div class="files">
      <div class="head">
        <h1>Trash</h1>
        <p class="soft">
          What is restored goes back to where it was. Until it is deleted it counts as stored.
        </p>
        <div class="tools">
          {listing.total > 0 && (
            <button type="button" class="danger" onClick={() => empty(listing.total)}>
              Empty the trash
            </button>
          )}
        </div>
      </div>
      {listing.problem !== null && <p role="alert">{messageOf(listing.problem)}</p>}
      {!listing.ready && <p class="loading">Loading…</p>}
      {listing.ready && listing.total === 0 && <p class="notice">The trash is empty.</p>}
      {listing.total > 0 && (
        <VirtualList
          total={listing.total}
          shape={ROWS}
          label="Trash"
          focused={-1}
          of="trash"
          onSeen={seen}
          onKeyDown={() => {}}
        >
          {(index) => <Row entry={listing.at(index)} index={index} />}
        </VirtualList>
      )}
    </div>
  )
}
