/** What can be done with entries, each as a dialog or at once. */
import type { Entry, EntryRef } from '../../wire/entries.ts'
import { navigate } from '../app/router.tsx'
import { api } from '../app/session.ts'
import { FormDialog, openDialog } from '../parts/dialog.tsx'
import type { MenuItem } from '../parts/menu.tsx'
import { toast } from '../parts/toasts.tsx'
import { isUploading } from '../upload/queue.ts'
import { changed, moveEntries, type PlaceOf, perform, performed, report, trashEntries } from './changes.ts'
import { Details } from './details.tsx'
import { FolderPicker } from './folder-picker.tsx'

export const addressOf = (entry: Entry): string =>
  entry.type === 'folder' ? `/files/folder/${entry.id}` : `/${entry.slug}`

/** A folder in here, a file on its own page; beside this one while that has uploads under way. */
export function openEntry(entry: Entry): void {
  if (entry.type === 'folder') navigate(addressOf(entry))
  else if (isUploading()) open(addressOf(entry), '_blank', 'noopener')
  else location.assign(addressOf(entry))
}

/** A folder comes as one archive; what it is called is said by the server. */
export function download({ type, id }: EntryRef): void {
  const link = document.createElement('a')
  link.href = type === 'file' ? `/download/${id}` : `/folder/${id}/~zip/folder.zip`
  link.download = ''
  link.click()
}

/** More than these at once browsers take for an attack. */
const MOST_DOWNLOADS = 20
/** Milliseconds between two, so that each is begun before the next. */
const DOWNLOAD_PAUSE = 400

/** One after the other; browsers ask before they save many. */
export function downloadAll(items: EntryRef[]): void {
  if (items.length > MOST_DOWNLOADS)
    toast(`Up to ${MOST_DOWNLOADS} can be downloaded at once. A folder comes as one archive.`, { bad: true })
  else items.forEach((item, index) => void setTimeout(() => download(item), index * DOWNLOAD_PAUSE))
}

const text = (form: FormData, name: string): string => String(form.get(name) ?? '')

export const renameEntry = (entry: Entry): void =>
  openDialog((close) => (
    <FormDialog
      title={entry.type === 'folder' ? 'Rename the folder' : 'Rename the file'}
      action="Rename"
      close={close}
      submit={async (form) => {
        await api('PATCH', `/web/${entry.type}s/${entry.id}`, { name: text(form, 'name') })
        changed()
      }}
    >
      <label for="new-name">New name</label>
      <input
        id="new-name"
        name="name"
        data-first
        required
        maxLength={255}
        value={entry.name}
        onFocus={({ currentTarget }) => {
          const dot = entry.type === 'file' ? currentTarget.value.lastIndexOf('.') : -1
          currentTarget.setSelectionRange(0, dot > 0 ? dot : currentTarget.value.length)
        }}
      />
    </FormDialog>
  ))

const foldersAmong = (items: EntryRef[]): Set<number> =>
  new Set(items.filter(({ type }) => type === 'folder').map(({ id }) => id))

export const moveDialog = (items: EntryRef[], from: number | null, placeOf: PlaceOf): void =>
  openDialog((close) => (
    <FolderPicker
      title="Move to…"
      action="Move here"
      without={foldersAmong(items)}
      start={from}
      close={close}
      choose={(to) => moveEntries(items, to, placeOf)}
    />
  ))

export const copyDialog = (items: EntryRef[], from: number | null): void =>
  openDialog((close) => (
    <FolderPicker
      title="Copy to…"
      action="Copy here"
      without={foldersAmong(items)}
      start={from}
      close={close}
      choose={async (folderId) =>
        void report('copy', await perform('copy', items, { folderId, whenTaken: 'number' }))
      }
    />
  ))

const CHOICES = [
  [0, 'Private', 'Only you, and links you make'],
  [1, 'Anyone with the link', 'Found by nobody who does not know it'],
  [2, 'Public', 'Also found by search'],
] as const

export const visibilityDialog = (items: EntryRef[], now: number): void =>
  openDialog((close) => (
    <FormDialog
      title="Who can see it"
      action="Save"
      close={close}
      submit={async (form) => {
        await performed('visibility', items, { visibility: Number(form.get('visibility')) })
      }}
    >
      <fieldset class="choice">
        <legend class="hidden">Visibility</legend>
        {CHOICES.map(([value, name, about]) => (
          <label key={value}>
            <input type="radio" name="visibility" value={value} defaultChecked={value === now} />
            <span>
              {name}
              <span class="facts">{about}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </FormDialog>
  ))

export const passwordDialog = (entry: Entry): void =>
  openDialog((close) => (
    <FormDialog
      title="Password of the folder"
      action="Save"
      close={close}
      submit={async (form) => {
        await api('PATCH', `/web/folders/${entry.id}`, { password: text(form, 'password') || null })
        changed()
      }}
    >
      <p>Who opens the page of this folder is asked for it. Leave it empty for none.</p>
      <label for="folder-password">Password</label>
      <input id="folder-password" name="password" type="password" autocomplete="new-password" data-first />
    </FormDialog>
  ))

export const shareDialog = (entry: Entry): void =>
  openDialog((close) => <Details entry={entry} close={close} sharing />)

export const detailsDialog = (entry: Entry): void =>
  openDialog((close) => <Details entry={entry} close={close} sharing={false} />)

const DOWNLOAD = { file: 'Download', folder: 'Download as ZIP' }

/** The menu of many entries. */
export const actionsOfAll = (items: EntryRef[], here: number | null, placeOf: PlaceOf): MenuItem[] => [
  { text: 'Download', icon: 'down', act: () => downloadAll(items) },
  { text: 'Move to…', act: () => moveDialog(items, here, placeOf) },
  { text: 'Copy to…', act: () => copyDialog(items, here) },
  { text: 'Who can see them…', act: () => visibilityDialog(items, 1) },
  { text: 'Move to the trash', icon: 'trash', bad: true, act: () => void trashEntries(items, placeOf) },
]

/** The menu of one entry. */
export function actionsOf(entry: Entry, here: number | null): MenuItem[] {
  const items = [{ type: entry.type, id: entry.id }]
  const from = entry.type === 'file' ? entry.folderId : entry.parentId
  return [
    ...(entry.type === 'file' || entry.files + entry.folders > 0
      ? [{ text: DOWNLOAD[entry.type], icon: 'down', act: () => download(entry) } as const]
      : []),
    { text: 'Share…', icon: 'link', act: () => shareDialog(entry) },
    { text: 'Details', icon: 'info', act: () => detailsDialog(entry) },
    { text: 'Rename…', act: () => renameEntry(entry) },
    { text: 'Move to…', act: () => moveDialog(items, from ?? here, () => from) },
    { text: 'Copy to…', act: () => copyDialog(items, from ?? here) },
    { text: 'Who can see it…', act: () => visibilityDialog(items, entry.visibility) },
    ...(entry.type === 'folder'
      ? [{ text: 'Password…', icon: 'lock', act: () => passwordDialog(entry) } as const]
      : []),
    { text: 'Move to the trash', icon: 'trash', bad: true, act: () => void trashEntries(items, () => from) },
  ]
}
