/** All links to one's files and folders. */
import type { ShareLinkView } from '../../wire/sharing.ts'
import { api, messageOf } from '../app/session.ts'
import { LinkRow } from '../files/details.tsx'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { ListPage, useLoading } from './loading.tsx'

export default function Shares() {
  const loading = useLoading(async () => (await api<{ links: ShareLinkView[] }>('GET', '/web/shares')).links)
  const remove = async (id: number): Promise<void> => {
    try {
      await api('DELETE', `/web/shares/${id}`)
      toast('The link is gone. Nothing is opened by it any more.')
      loading.again()
    } catch (error) {
      toast(messageOf(error), { bad: true })
    }
  }
  return (
    <ListPage
      title="Shared links"
      about="Links you have made. Each opens one file or folder, however private that is."
      loading={loading}
      empty="You have made no links. Choose “Share…” in the menu of a file or folder."
    >
      <ul class="cards">
        {loading.items?.map((link) => (
          <li key={link.id}>
            <h2>
              <Icon name={link.fileId === null ? 'folder' : 'file'} /> <bdi>{link.name}</bdi>
            </h2>
            <ul class="links">
              <LinkRow link={link} remove={() => void remove(link.id)} />
            </ul>
          </li>
        ))}
      </ul>
    </ListPage>
  )
}
