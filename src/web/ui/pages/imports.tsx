/** Files the server fetches from elsewhere. */
import { useEffect } from 'preact/hooks'
import type { ImportView } from '../../wire/sharing.ts'
import { Link } from '../app/router.tsx'
import { api, messageOf } from '../app/session.ts'
import { importDialog } from '../files/asking.tsx'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { size } from '../parts/words.ts'
import { ListPage, useLoading } from './loading.tsx'

const LOOK_MS = 1000
const WORDS: Record<ImportView['status'], string> = {
  pending: 'Waiting for its turn',
  downloading: 'Downloading',
  processing: 'Almost there',
  complete: 'Complete',
  cancelled: 'Called off',
  failed: 'Failed',
}
const isUnderWay = ({ status }: ImportView): boolean =>
  status === 'pending' || status === 'downloading' || status === 'processing'

function Card({ item, cancel }: { item: ImportView; cancel(): void }) {
  const place = item.folderId === null ? '/files' : `/files/folder/${item.folderId}`
  const of = item.total > 0 ? ` of ${size(item.total)}` : ''
  return (
    <li data-status={item.status}>
      <h2>
        <bdi>{item.url}</bdi>
      </h2>
      <p class="facts">
        {WORDS[item.status]}
        {item.message && `: ${item.message}`}
        {item.received > 0 && ` · ${size(item.received)}${of}`}
      </p>
      {isUnderWay(item) && (
        <div class="link">
          <progress
            max={item.total || 1}
            value={item.total > 0 ? item.received : undefined}
            aria-label={`Progress of ${item.url}`}
          />
          <button type="button" class="small second" onClick={cancel}>
            Call off
          </button>
        </div>
      )}
      {item.status === 'complete' && (
        <p>
          <Link to={place}>Show it</Link>
        </p>
      )}
    </li>
  )
}

export default function Imports() {
  const loading = useLoading(
    async () => (await api<{ imports: ImportView[] }>('GET', '/web/imports')).imports,
  )
  const underWay = loading.items?.some(isUnderWay) ?? false
  useEffect(() => {
    if (!underWay) return
    const timer = setInterval(loading.again, LOOK_MS)
    return () => clearInterval(timer)
  }, [underWay, loading.again])
  const cancel = async (id: number): Promise<void> => {
    try {
      await api('DELETE', `/web/imports/${id}`)
      loading.again()
    } catch (error) {
      toast(messageOf(error), { bad: true })
    }
  }
  return (
    <ListPage
      title="Imports"
      about="Files that the server fetches from other sites by itself."
      loading={loading}
      empty="Nothing has been fetched yet."
      tools={
        <button type="button" onClick={() => importDialog(null)}>
          <Icon name="globe" /> Fetch from a URL
        </button>
      }
    >
      <ul class="cards">
        {loading.items?.map((item) => (
          <Card key={item.id} item={item} cancel={() => void cancel(item.id)} />
        ))}
      </ul>
    </ListPage>
  )
}
