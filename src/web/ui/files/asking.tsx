/** Dialogs by which files come from elsewhere: fetched from a URL, sent by others. */
import type { FileRequestView } from '../../wire/sharing.ts'
import { navigate } from '../app/router.tsx'
import { api } from '../app/session.ts'
import { FormDialog, openDialog } from '../parts/dialog.tsx'
import { toast } from '../parts/toasts.tsx'
import { changed } from './changes.ts'
import { copyText, numberOf, timeOf } from './details.tsx'

export const importDialog = (folderId: number | null): void =>
  openDialog((close) => (
    <FormDialog
      title="Fetch from a URL"
      action="Fetch"
      close={close}
      submit={async (form) => {
        const urls = String(form.get('urls')).split(/\s+/).filter(Boolean)
        for (const url of urls) await api('POST', '/web/imports', { url, folderId })
        toast('The server fetches it. See Imports for how far it is.')
        changed()
        navigate('/imports')
      }}
    >
      <p>The server downloads the file by itself; this page does not have to stay open.</p>
      <label for="import-urls">Addresses, one a line</label>
      <textarea id="import-urls" name="urls" data-first required rows={3} placeholder="https://" />
    </FormDialog>
  ))

export const requestDialog = (folderId: number | null): void =>
  openDialog((close) => (
    <FormDialog
      title="Ask others for files"
      action="Make the link"
      close={close}
      submit={async (form) => {
        const request = await api<FileRequestView>('POST', '/web/requests', {
          folderId,
          title: String(form.get('title') ?? ''),
          note: String(form.get('note') ?? ''),
          expires: timeOf(form, 'expires'),
          filesLeft: numberOf(form, 'files'),
          password: String(form.get('password') ?? '') || null,
        })
        changed()
        await copyText(request.url)
        navigate('/requests')
      }}
    >
      <p>Whoever has the link puts files into this folder, and sees nothing of what is in it.</p>
      <label for="request-title">Title</label>
      <input
        id="request-title"
        name="title"
        data-first
        required
        maxLength={200}
        placeholder="Photos of the party"
      />
      <label for="request-note">Note for those who send something</label>
      <textarea id="request-note" name="note" rows={2} maxLength={2000} />
      <div class="fields">
        <div>
          <label for="request-expires">Ends</label>
          <input id="request-expires" name="expires" type="datetime-local" />
        </div>
        <div>
          <label for="request-files">Files at most</label>
          <input id="request-files" name="files" type="number" min={1} max={100_000} inputMode="numeric" />
        </div>
        <div>
          <label for="request-password">Password</label>
          <input
            id="request-password"
            name="password"
            type="password"
            autocomplete="new-password"
            maxLength={200}
          />
        </div>
      </div>
    </FormDialog>
  ))
