/** `~s`: how often a file was downloaded; for its owner day by day, and by whom. */
import type { Core } from '../core/core.ts'
import type { DownloaderPage, FileDownloader } from '../core/downloaders.ts'
import type { Account, DownloadDay, FileRecord } from '../core/model.ts'
import { STATISTICS_DAYS } from '../core/traffic.ts'
import { chartHtml, daysUntil } from './chart.ts'
import { titleCard } from './file-pages.ts'
import { escapeHtml, type PageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { factsHtml, grouped, humanSize, sizeHtml, timeHtml } from './units.ts'
import { browserOf, type Visit } from './visit.ts'
import { endingOf, timesOf, whoOf } from './wire/words.ts'

export async function statisticsPage(
  { core, browsers, now }: Pick<WebDeps, 'core' | 'browsers' | 'now'>,
  html: PageWriter,
  visit: Visit,
  slug: string,
): Promise<Response> {
  const browser = await browserOf({ browsers }, visit)
  const account = browser?.principal.account ?? null
  const { file, isOwner } = await core.downloads.view(slug, account)
  const numbers: Array<[string, string]> = [
    ['Downloads', grouped(file.downloads)],
    ['Last download', timeHtml(file.lastDownloadedAt)],
    ['Uploaded', timeHtml(file.createdAt)],
    ['Size', sizeHtml(file.size)],
  ]
  const owned = account && isOwner ? await ownedHtml(core, account, file, now()) : ''
  const back = `<nav class="row" aria-label="This file"><a href="/${file.slug}">File page</a></nav>`
  const content = `${titleCard(file, 'Statistics')}
<section aria-label="Numbers">${factsHtml(numbers)}
${back}</section>
${owned}`
  return html(`Statistics of ${file.name}`, content, { cards: true })
}

/** What nobody but the owner sees. */
const ownedHtml = async (core: Core, owner: Account, file: FileRecord, today: Date): Promise<string> =>
  daysHtml(await core.traffic.statistics(file.id), today) +
  downloadersHtml(await core.downloaders.ofFile(owner, file.id, null))

const cells = ({ downloads, completed, bytes }: Omit<DownloadDay, 'day'>): string =>
  [grouped(downloads), grouped(completed), humanSize(bytes)].map((text) => `<td>${text}</td>`).join('')

const dayRow = (day: DownloadDay): string =>
  `<tr><th scope="row"><time datetime="${day.day}">${day.day}</time></th>${cells(day)}</tr>`

/** Days without a download are left out. */
function daysHtml(days: DownloadDay[], today: Date): string {
  const title = `<h2>The last ${STATISTICS_DAYS} days</h2>\n`
  if (days.length === 0)
    return `<section>${title}<p>Nobody has downloaded this file in this time.</p></section>\n`
  const total = days.reduce((sum, day) => ({
    day: '',
    downloads: sum.downloads + day.downloads,
    completed: sum.completed + day.completed,
    bytes: sum.bytes + day.bytes,
  }))
  const head = ['Day (UTC)', 'Downloads', 'Completed', 'Delivered']
    .map((text) => `<th scope="col">${text}</th>`)
    .join('')
  return `<section>${title}${chartHtml(daysUntil(today), days)}
<div class="wide" role="region" aria-label="Downloads by day" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${days.map(dayRow).join('\n')}
</tbody>
<tfoot><tr><th scope="row">Together</th>${cells(total)}</tr></tfoot>
</table></div></section>
`
}

const WHO_COLUMNS = ['Who', 'Downloads', 'Last time', 'Delivered', 'By']

function linkHtml(link: FileDownloader['link']): string {
  if (link === null) return 'the file itself'
  if ('removed' in link) return 'a link that is gone'
  return `the link <bdi>…${endingOf(link.token)}</bdi> of ${timeHtml(link.createdAt)}`
}

function downloaderRow({ by, link, downloads, bytes, lastAt }: FileDownloader): string {
  const soft = by.kind === 'guests' ? ' <span class="soft">(not signed in)</span>' : ''
  const who = `<th scope="row"><bdi>${escapeHtml(whoOf(by))}</bdi>${soft}</th>`
  const rest = [timesOf(downloads), timeHtml(lastAt), humanSize(bytes), linkHtml(link)]
  return `<tr>${who}${rest.map((html) => `<td>${html}</td>`).join('')}</tr>`
}

/** The newest of them; the application has all. */
function downloadersHtml({ items, before }: DownloaderPage): string {
  const title = '<h2>Downloaded by</h2>\n'
  if (items.length === 0) return `<section>${title}<p>Nobody yet.</p></section>\n`
  const head = WHO_COLUMNS.map((text) => `<th scope="col">${text}</th>`).join('')
  const rest =
    before === null
      ? ''
      : '\n<p class="soft">The newest are shown. All are in the details of the file, in your file manager.</p>'
  return `<section>${title}<div class="wide" role="region" aria-label="Downloaded by" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${items.map(downloaderRow).join('\n')}
</tbody>
</table></div>${rest}</section>
`
}
