/** All links to one's files and folders. */
import { api, messageOf } from '../app/session.ts'
import { LinkRow, linkPage } from '../files/details.tsx'
import { Icon } from '../parts/icons.tsx'
import { ShowMore } from '../parts/pages.tsx'
import { toast } from '../parts/toasts.tsx'
import { ListPage, useChangingPages } from './loading.tsx'

export default function Shares() {
  const loading = useChangingPages((before) => linkPage('', before))
  const remove = async (id: number): Promise<void> => {
    try {
      await api('DELETE', `/web/shares/${id}`)
      toast('The link is gone. Nothing is opened by it any more.')
      loading.edit((links) => links.filter((link) => link.id !== id))
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
      <ShowMore more={loading.more} />
    </ListPage>
  )
}
