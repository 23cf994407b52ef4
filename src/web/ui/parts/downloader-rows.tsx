/** Who has downloaded what, as the owner reads it. */
import { useState } from 'preact/hooks'
import type { DownloaderSlice, DownloaderView } from '../../wire/downloads.ts'
import { timesOf, whoOf } from '../../wire/words.ts'
import { Link } from '../app/router.tsx'
import { api } from '../app/session.ts'
import { type OnePage, PageEnd, pageAddress, usePages } from './pages.tsx'
import { day, moment, size } from './words.ts'

export async function downloaderPage(
  path: string,
  before: string | null,
): Promise<OnePage<DownloaderView, string>> {
  const slice = await api<DownloaderSlice>('GET', pageAddress(path, before))
  return { items: slice.downloaders, before: slice.before }
}

/** Guests are told from an account that is called so. */
const Who = ({ by }: { by: DownloaderView['by'] }) => (
  <>
    <bdi class="downloader">{whoOf(by)}</bdi>
    {by.kind === 'guests' && <span class="facts"> (not signed in)</span>}
  </>
)

const Way = ({ link }: { link: NonNullable<DownloaderView['link']> }) =>
  link.known === null ? (
    <> · by a link that is gone</>
  ) : (
    <>
      {' · by the link '}
      <bdi>…{link.known.ending}</bdi>
      {` of ${day(link.known.created)}`}
    </>
  )

const placeOf = ({ trashed, folderId }: DownloaderView['file']): string => {
  if (trashed) return '/trash'
  return folderId === null ? '/files' : `/files/folder/${folderId}`
}

export interface DownloaderRowsProps {
  items: DownloaderView[]
  /** They are of more than one file. */
  files?: boolean
  /** They came by more than one way. */
  ways?: boolean
  /** Shows more of a file that is not in the trash. */
  details?(fileId: number): void
}

export const DownloaderRows = ({ items, files = false, ways = true, details }: DownloaderRowsProps) => (
  <ul class="rows downloaders">
    {items.map((one) => (
      <li key={one.id}>
        <div class="row-words">
          {files && (
            <Link to={placeOf(one.file)}>
              <bdi>{one.file.name}</bdi>
            </Link>
          )}
          {files && one.file.trashed && <span class="badge">in the trash</span>}
          <p>
            <Who by={one.by} />
          </p>
          <p class="facts">
            {`${timesOf(one.downloads)} · ${size(one.bytes)} · `}
            <time dateTime={one.last}>{moment(one.last)}</time>
            {ways && one.link !== null && <Way link={one.link} />}
          </p>
        </div>
        {details && !one.file.trashed && (
          <button
            type="button"
            class="second small"
            aria-label={`Details of ${one.file.name}`}
            onClick={() => details(one.file.id)}
          >
            Details
          </button>
        )}
      </li>
    ))}
  </ul>
)

/** How many are shown before somebody wants more. */
const FEW = 5

/** Those of one file, or by one link: a few at first, since other things are below. */
export function DownloadedBy({ path, ...rows }: { path: string } & Omit<DownloaderRowsProps, 'items'>) {
  const paged = usePages((before: string | null) => downloaderPage(path, before), path)
  const [all, setAll] = useState(false)
  const items = paged.items ?? []
  const more = !all && items.length > FEW ? () => setAll(true) : paged.more
  return (
    <>
      {items.length > 0 && <DownloaderRows items={all ? items : items.slice(0, FEW)} {...rows} />}
      <PageEnd {...paged} more={more} empty="Nobody yet." />
    </>
  )
}
