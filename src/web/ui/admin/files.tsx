/** Everybody's files. */
import type { AdminFile, AdminFiles } from '../../wire/admin.ts'
import { api } from '../app/session.ts'
import { Panel } from '../parts/area.tsx'
import { confirmDialog } from '../parts/dialog.tsx'
import { PageEnd, pageAddress, usePages } from '../parts/pages.tsx'
import { toast } from '../parts/toasts.tsx'
import { counted, moment, size } from '../parts/words.ts'
import { useFind } from './find.tsx'

const VISIBILITIES = ['private', 'unlisted', 'public'] as const

export function Files() {
  const { asked, field } = useFind('Name, slug or owner')
  const paged = usePages(async (before) => {
    const path = `/web/admin/files?q=${encodeURIComponent(asked)}`
    const page = await api<AdminFiles>('GET', pageAddress(path, before))
    return { items: page.files, before: page.before }
  }, asked)
  return (
    <Panel title="Files" about="Of everybody, the newest first.">
      {field}
      <ul class="rows">
        {paged.items?.map((file) => (
          <FileRow key={file.id} file={file} done={paged.again} />
        ))}
      </ul>
      <PageEnd {...paged} empty="No file is like that." />
    </Panel>
  )
}

const askToTrash = (file: AdminFile, done: () => void): void =>
  confirmDialog({
    title: 'Move to the trash',
    text: `“${file.name}” goes to the trash of its owner, and its link shows it no more.`,
    action: 'Move it',
    act: async () => {
      await api('DELETE', `/web/admin/files/${file.id}`)
      toast('The file is in the trash of its owner.')
      done()
    },
  })

const FileRow = ({ file, done }: { file: AdminFile; done(): void }) => (
  <li>
    <div class="row-words">
      <a href={`/${file.slug}`} target="_blank" rel="noreferrer">
        <bdi>{file.name}</bdi>
      </a>
      <span class="badge">{VISIBILITIES[file.visibility]}</span>
      {file.status === 'trashed' && <span class="badge bad">in the trash</span>}
      <p class="facts">
        {file.owner === null ? 'without an owner' : <bdi>of {file.owner}</bdi>} · {size(file.size)} ·{' '}
        {counted(file.downloads, 'download')} · {moment(file.created)}
      </p>
    </div>
    {file.status === 'active' && (
      <button
        type="button"
        class="second small"
        aria-label={`To the trash: ${file.name}`}
        onClick={() => askToTrash(file, done)}
      >
        To the trash
      </button>
    )}
  </li>
)
