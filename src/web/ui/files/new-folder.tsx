/** Makes a folder: from the list, and on the way of choosing one. */
import { api } from '../app/session.ts'
import { FormDialog, openDialog } from '../parts/dialog.tsx'
import { changed } from './changes.ts'

/** Asks for the name; `made` is told the id of what came of it. */
export const makeFolder = (parentId: number | null, made?: (id: number) => void): void =>
  openDialog((close) => (
    <FormDialog
      title="New folder"
      action="Make the folder"
      close={close}
      submit={async (form) => {
        const { id } = await api<{ id: number }>('POST', '/web/folders', { name: form.get('name'), parentId })
        changed()
        made?.(id)
      }}
    >
      <label for="folder-name">Name</label>
      <input id="folder-name" name="name" data-first required maxLength={255} />
    </FormDialog>
  ))
