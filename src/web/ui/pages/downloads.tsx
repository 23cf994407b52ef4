/** Who has downloaded any of one's files, the latest first. */
import type { FileEntry } from '../../wire/entries.ts'
import { api, messageOf } from '../app/session.ts'
import { detailsDialog } from '../files/entry-actions.tsx'
import { DownloaderRows, downloaderPage } from '../parts/downloader-rows.tsx'
import { PageEnd, usePages } from '../parts/pages.tsx'
import { toast } from '../parts/toasts.tsx'

async function showDetails(fileId: number): Promise<void> {
  try {
    detailsDialog(await api<FileEntry>('GET', `/web/files/${fileId}`))
  } catch (error) {
    toast(messageOf(error), { bad: true })
  }
}

export default function Downloads() {
  const paged = usePages((before: string | null) => downloaderPage('/web/downloads', before))
  return (
    <div class="list-page">
      <div class="head">
        <h1>Downloads</h1>
        <p class="soft">
          Who has downloaded your files within the last year. Signed links that you or your programs asked for
          count as you.
        </p>
      </div>
      <div class="panels">
        <DownloaderRows items={paged.items ?? []} files details={(fileId) => void showDetails(fileId)} />
        <PageEnd {...paged} empty="Nobody has downloaded any of your files yet." />
      </div>
    </div>
  )
}
