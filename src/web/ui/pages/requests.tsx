/** All links by which others send files. */
import type { FileRequestSlice, FileRequestView } from '../../wire/sharing.ts'
import { Link } from '../app/router.tsx'
import { api, messageOf } from '../app/session.ts'
import { requestDialog } from '../files/asking.tsx'
import { copyText } from '../files/details.tsx'
import { confirmDialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { type OnePage, pageAddress, ShowMore } from '../parts/pages.tsx'
import { toast } from '../parts/toasts.tsx'
import { counted, endOf, size } from '../parts/words.ts'
import { ListPage, useChangingPages } from './loading.tsx'

const terms = (request: FileRequestView): string =>
  [
    request.closed ? 'closed' : endOf(request.expires),
    request.hasPassword ? 'with a password' : '',
    request.filesLeft === null ? '' : `${counted(request.filesLeft, 'file')} more at most`,
    `${counted(request.filesReceived, 'file')} received, ${size(request.bytesReceived)}`,
  ]
    .filter(Boolean)
    .join(' · ')

interface CardProps {
  request: FileRequestView
  close(): void
  remove(): void
}

const Card = ({ request, close, remove }: CardProps) => (
  <li>
    <h2>
      <Icon name="inbox" /> <bdi>{request.title}</bdi>
    </h2>
    <p class="facts">{terms(request)}</p>
    <div class="link">
      <input readOnly value={request.url} aria-label={`Link of ${request.title}`} />
      <button type="button" class="small" onClick={() => void copyText(request.url)}>
        Copy
      </button>
      <button type="button" class="small second" onClick={close}>
        {request.closed ? 'Open again' : 'Close'}
      </button>
      <button type="button" class="small second" onClick={remove}>
        Remove
      </button>
    </div>
    <p>
      Into{' '}
      <Link to={request.folderId === null ? '/files' : `/files/folder/${request.folderId}`}>
        {request.folderName ?? 'Files'}
      </Link>
    </p>
  </li>
)

async function requestPage(before: number | null): Promise<OnePage<FileRequestView>> {
  const slice = await api<FileRequestSlice>('GET', pageAddress('/web/requests', before))
  return { items: slice.requests, before: slice.before }
}

export default function Requests() {
  const loading = useChangingPages(requestPage)
  const toggle = async ({ id, closed }: FileRequestView): Promise<void> => {
    try {
      await api('PATCH', `/web/requests/${id}`, { closed: !closed })
      loading.edit((requests) =>
        requests.map((request) => (request.id === id ? { ...request, closed: !closed } : request)),
      )
    } catch (error) {
      toast(messageOf(error), { bad: true })
    }
  }
  const remove = ({ id, title }: FileRequestView): void =>
    confirmDialog({
      title: 'Remove this request?',
      text: `Nobody can send files by the link of “${title}” any more. What was sent stays.`,
      action: 'Remove',
      act: async () => {
        await api('DELETE', `/web/requests/${id}`)
        loading.edit((requests) => requests.filter((request) => request.id !== id))
      },
    })
  return (
    <ListPage
      title="File requests"
      about="Links by which others put files into a folder of yours. They see nothing of what is in it."
      loading={loading}
      empty="You have asked nobody for files yet."
      tools={
        <button type="button" onClick={() => requestDialog(null)}>
          <Icon name="plus" /> New request
        </button>
      }
    >
      <ul class="cards">
        {loading.items?.map((request) => (
          <Card
            key={request.id}
            request={request}
            close={() => void toggle(request)}
            remove={() => remove(request)}
          />
        ))}
      </ul>
      <ShowMore more={loading.more} />
    </ListPage>
  )
}
