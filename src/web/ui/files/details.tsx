/** What is known of a file or folder, and the links to it. */
import { useState } from 'preact/hooks'
import type { Entry } from '../../wire/entries.ts'
import type { ShareLinkSlice, ShareLinkView } from '../../wire/sharing.ts'
import { api, messageOf } from '../app/session.ts'
import { Dialog } from '../parts/dialog.tsx'
import { DownloadedBy } from '../parts/downloader-rows.tsx'
import { type OnePage, pageAddress, ShowMore, usePages } from '../parts/pages.tsx'
import { QrCode } from '../parts/qr-code.tsx'
import { toast } from '../parts/toasts.tsx'
import { counted, endOf, grouped, moment, size } from '../parts/words.ts'

const VISIBLE = ['Only you, and links you make', 'Anyone with the link', 'Public, and found by search']

function Facts({ entry }: { entry: Entry }) {
  const rows: Array<[string, string]> = [
    ['Size', `${size(entry.size)} (${grouped(entry.size)} bytes)`],
    ...(entry.type === 'folder'
      ? [
          ['Holds', `${counted(entry.folders, 'folder')}, ${counted(entry.files, 'file')}`] as [
            string,
            string,
          ],
        ]
      : [['Type', entry.mimeType] as [string, string]]),
    ['Made', moment(entry.created)],
    ['Visible to', VISIBLE[entry.visibility] ?? ''],
    ['Downloads', grouped(entry.downloads)],
  ]
  return (
    <>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="ways">
        {entry.type === 'file' ? (
          <>
            <a href={`/${entry.slug}`}>Page of the file</a> <a href={`/${entry.slug}~s`}>Statistics</a>
          </>
        ) : (
          <a href={`/folder/${entry.id}/folder`}>Page of the folder</a>
        )}
      </p>
    </>
  )
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast('The link is in the clipboard.')
  } catch {
    toast('The browser does not let us use the clipboard. Copy the link by hand.', { bad: true })
  }
}

const terms = (link: ShareLinkView): string =>
  [
    endOf(link.expires),
    link.hasPassword ? 'with a password' : '',
    link.downloadsLeft === null ? '' : `${counted(link.downloadsLeft, 'download')} left`,
    `${counted(link.downloads, 'download')} so far`,
  ]
    .filter(Boolean)
    .join(' · ')

/** `query` names a file or a folder, or is empty for all links. */
export async function linkPage(query: string, before: number | null): Promise<OnePage<ShareLinkView>> {
  const slice = await api<ShareLinkSlice>('GET', pageAddress(`/web/shares?${query}`, before))
  return { items: slice.links, before: slice.before }
}

/** Asked for when it is opened. */
function ByLink({ link }: { link: ShareLinkView }) {
  const [open, setOpen] = useState(false)
  return (
    <details class="by-link" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Downloaded by</summary>
      {open && (
        <DownloadedBy path={`/web/shares/${link.id}/downloaders`} files={link.fileId === null} ways={false} />
      )}
    </details>
  )
}

export function LinkRow({ link, remove }: { link: ShareLinkView; remove(): void }) {
  return (
    <li class="link">
      <input
        readOnly
        value={link.url}
        aria-label="Link"
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <button type="button" class="small" onClick={() => void copyText(link.url)}>
        Copy
      </button>
      <QrCode url={link.url} />
      <button type="button" class="small second" onClick={remove}>
        Remove
      </button>
      <span class="facts">{terms(link)}</span>
      {link.downloads > 0 && <ByLink link={link} />}
    </li>
  )
}

/** Local time as the server wants it; null for none. */
export function timeOf(form: FormData, name: string): string | null {
  const value = String(form.get(name) ?? '')
  return value === '' ? null : new Date(value).toISOString()
}

export function numberOf(form: FormData, name: string): number | null {
  const value = String(form.get(name) ?? '')
  return value === '' ? null : Number(value)
}

const LinkTerms = () => (
  <div class="fields">
    <div>
      <label for="link-expires">Ends</label>
      <input id="link-expires" name="expires" type="datetime-local" />
    </div>
    <div>
      <label for="link-downloads">Downloads at most</label>
      <input id="link-downloads" name="downloads" type="number" min={1} max={1_000_000} inputMode="numeric" />
    </div>
    <div>
      <label for="link-password">Password</label>
      <input id="link-password" name="password" type="password" autocomplete="new-password" maxLength={200} />
    </div>
  </div>
)

function NewLink({ entry, made }: { entry: Entry; made(link: ShareLinkView): void }) {
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const element = event.currentTarget as HTMLFormElement
    const form = new FormData(element)
    try {
      const target = entry.type === 'file' ? { fileId: entry.id } : { folderId: entry.id }
      const link = await api<ShareLinkView>('POST', '/web/shares', {
        ...target,
        expires: timeOf(form, 'expires'),
        password: String(form.get('password') ?? '') || null,
        downloadsLeft: numberOf(form, 'downloads'),
      })
      setProblem(null)
      element.reset()
      made(link)
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <form onSubmit={submit} class="new-link">
      {problem && <p role="alert">{problem}</p>}
      <LinkTerms />
      <button type="submit" data-first>
        Make a link
      </button>
      <p class="soft">
        All three may stay empty. The link opens {entry.type === 'file' ? 'the file' : 'the folder'} even when
        it is private.
      </p>
    </form>
  )
}

function Links({ entry }: { entry: Entry }) {
  const target = entry.type === 'file' ? `fileId=${entry.id}` : `folderId=${entry.id}`
  const paged = usePages((before) => linkPage(target, before), target)
  const remove = async (id: number): Promise<void> => {
    try {
      await api('DELETE', `/web/shares/${id}`)
      paged.edit((links) => links.filter((link) => link.id !== id))
    } catch (error) {
      toast(messageOf(error), { bad: true })
    }
  }
  return (
    <section aria-label="Links">
      <ul class="links">
        {paged.items?.map((link) => (
          <LinkRow key={link.id} link={link} remove={() => void remove(link.id)} />
        ))}
      </ul>
      {paged.problem !== null && <p role="alert">{paged.problem}</p>}
      <ShowMore more={paged.more} />
      <NewLink
        entry={entry}
        made={(link) => {
          paged.edit((links) => [link, ...links])
          void copyText(link.url)
        }}
      />
    </section>
  )
}

export function Details({ entry, sharing, close }: { entry: Entry; sharing: boolean; close(): void }) {
  return (
    <Dialog title={sharing ? `Share ${entry.name}` : entry.name} close={close} wide>
      {!sharing && <Facts entry={entry} />}
      {!sharing && entry.type === 'file' && (
        <section aria-label="Downloaded by">
          <h3>Downloaded by</h3>
          <DownloadedBy path={`/web/files/${entry.id}/downloaders`} />
        </section>
      )}
      {!sharing && <h3>Links</h3>}
      <Links entry={entry} />
    </Dialog>
  )
}
