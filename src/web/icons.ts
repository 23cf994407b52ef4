/** Pictures of what a file is, and of what a button does: inline, one line thick, in the colour of the text. */
import type { Kind } from './kinds.ts'

const SHEET = 'M6 3h8l4 4v14H6zM14 3v4h4'

const PATHS = {
  image: 'M4 5h16v14H4zM4 16l4.5-4.5L13 16l3-3 4 4M15.5 9.5h.01',
  video: 'M3 6h12v12H3zM15 10l6-3v10l-6-3z',
  audio:
    'M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
  pdf: `${SHEET}M10 18v-7h2.25a2.25 2.25 0 0 1 0 4.5H10`,
  text: `${SHEET}M9 12h6M9 15h6M9 18h3.5`,
  code: `${SHEET}M10.5 12 8.5 14.5l2 2.5M13.5 12l2 2.5-2 2.5`,
  archive: `${SHEET}M10 3v2h2v2h-2v2h2v2h-2v2h2M10 15h2v3h-2z`,
  other: SHEET,
  folder: 'M3 6h6l2 2h10v11H3z',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21',
  upload: 'M12 16V5M7 9.5 12 4.5l5 5M4 16v4h16v-4',
  download: 'M12 4v11M7 11l5 5 5-5M4 18v2h16v-2',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  previous: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  grid: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  flag: 'M5 21V4h13l-3 4.5L18 13H5',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2',
  alert: 'M12 4 2.5 20h19zM12 10v4.5M12 17.2h.01',
} as const

export type Icon = keyof typeof PATHS

/** Says nothing by itself: words beside it do. `size` in pixels. */
export const icon = (name: Icon, size = 20): string =>
  `<svg viewBox="0 0 24 24" width="${size}" height="${size}" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${PATHS[name]}"/></svg>`

/** In its little square, as it stands before a name. */
export const kindBadge = (kind: Kind | 'folder' | Icon): string =>
  `<span class="kind">${icon(kind, 24)}</span>`
