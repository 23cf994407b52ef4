/** `~s`: how often a file was downloaded; for its owner day by day. */
import type { DownloadDay } from '../core/model.ts'
import { STATISTICS_DAYS } from '../core/traffic.ts'
import { chartHtml, daysUntil } from './chart.ts'
import { titleCard } from './file-pages.ts'
import type { PageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { factsHtml, grouped, humanSize, sizeHtml, timeHtml } from './units.ts'
import { browserOf, type Visit } from './visit.ts'

export async function statisticsPage(
  { core, browsers, now }: Pick<WebDeps, 'core' | 'browsers' | 'now'>,
  html: PageWriter,
  visit: Visit,
  slug: string,
): Promise<Response> {
  const browser = await browserOf({ browsers }, visit)
  const { file, isOwner } = await core.downloads.view(slug, browser?.principal.account ?? null)
  const numbers: Array<[string, string]> = [
    ['Downloads', grouped(file.downloads)],
    ['Last download', timeHtml(file.lastDownloadedAt)],
    ['Uploaded', timeHtml(file.createdAt)],
    ['Size', sizeHtml(file.size)],
  ]
  const days = isOwner ? daysHtml(await core.traffic.statistics(file.id), now()) : ''
  const back = `<nav class="row" aria-label="This file"><a href="/${file.slug}">File page</a></nav>`
  const content = `${titleCard(file, 'Statistics')}
<section aria-label="Numbers">${factsHtml(numbers)}
${back}</section>
${days}`
  return html(`Statistics of ${file.name}`, content, { cards: true })
}

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
