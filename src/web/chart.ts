/** Downloads per day as a picture. The table beneath says the same in numbers. */
import type { DownloadDay } from '../core/model.ts'
import { STATISTICS_DAYS } from '../core/traffic.ts'
import { grouped } from './units.ts'

const WIDTH = 720
const HEIGHT = 200
const LEFT = 44
const TOP = 12
const BOTTOM = 28
const PLOT = HEIGHT - TOP - BOTTOM
const DAY_MILLISECONDS = 86_400_000

/** `2026-11-24`, for all days that statistics know of, the oldest first. */
export const daysUntil = (today: Date): string[] =>
  Array.from({ length: STATISTICS_DAYS }, (_, index) =>
    new Date(today.getTime() - (STATISTICS_DAYS - 1 - index) * DAY_MILLISECONDS).toISOString().slice(0, 10),
  )

/** The least of 1, 2, 4, 5, 8 times a power of ten that is no less: an even one from 2 on has a whole half. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)))
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((step) => step >= value) ?? 10 * power
}

/** Bars of all downloads, their lower part those that were completed. */
export function chartHtml(days: string[], known: DownloadDay[]): string {
  const byDay = new Map(known.map((day) => [day.day, day]))
  const highest = roundUp(
    Math.max(2, ...known.map(({ downloads, completed }) => Math.max(downloads, completed))),
  )
  const step = (WIDTH - LEFT) / days.length
  const heightOf = (count: number): number => Math.round((count / highest) * PLOT * 10) / 10
  const bar = (count: number, index: number, name: string): string => {
    const height = heightOf(count)
    const x = Math.round((LEFT + index * step + step * 0.15) * 10) / 10
    return count === 0
      ? ''
      : `<rect class="${name}" x="${x}" y="${TOP + PLOT - height}" width="${Math.round(step * 7) / 10}" height="${height}" rx="2"/>`
  }
  const bars = days.map((day, index) => {
    const { downloads = 0, completed = 0 } = byDay.get(day) ?? {}
    return `<g><title>${day}: ${grouped(downloads)}, completed ${grouped(completed)}</title>${bar(downloads, index, 'begun')}${bar(Math.min(completed, downloads), index, 'done')}</g>`
  })
  return `<figure class="chart"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Downloads per day; the table has the numbers">
${lines(highest, heightOf)}${bars.join('')}${dates(days, step)}</svg>
<figcaption class="soft"><span class="key begun"></span> Downloads <span class="key done"></span> of them completed</figcaption></figure>`
}

const lines = (highest: number, heightOf: (count: number) => number): string =>
  [0, highest / 2, highest]
    .map((count) => {
      const y = TOP + PLOT - heightOf(count)
      return `<path d="M${LEFT} ${y}H${WIDTH}"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${grouped(count)}</text>`
    })
    .join('')

const dates = (days: string[], step: number): string =>
  days
    .map((day, index) => ({ day, index }))
    .filter(({ index }) => (days.length - 1 - index) % 7 === 0)
    .map(
      ({ day, index }) =>
        `<text x="${Math.round(LEFT + (index + (index === days.length - 1 ? 0.9 : 0.5)) * step)}" y="${HEIGHT - 8}" text-anchor="${index === days.length - 1 ? 'end' : 'middle'}">${day.slice(5)}</text>`,
    )
    .join('')
