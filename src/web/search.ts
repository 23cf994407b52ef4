/** Site search: what is public, by a part of its name. Works without an account. */
import { Elysia } from 'elysia'
import type { Picture } from '../core/previews.ts'
import type { SearchResult } from '../core/visits.ts'
import { queryOf } from '../http/dialect.ts'
import { fileEntry, folderEntry } from './entries.ts'
import { escapeHtml, pageWriter } from './page.ts'
import type { WebDeps } from './session.ts'

const LONGEST = 100

/** `text` is what was looked for before. */
export const searchForm = (text: string, focus = false): string => `
<form method="get" action="/search" role="search">
<label for="q">Search public files and folders</label>
<div class="search"><input id="q" name="q" type="search" value="${escapeHtml(text)}" maxlength="${LONGEST}" required${focus ? ' autofocus' : ''}>
<button>Search</button></div>
</form>`

export function searchRoutes(deps: WebDeps) {
  const { core } = deps
  const html = pageWriter(deps)
  return new Elysia().get(
    '/search',
    async ({ request }) => {
      const query = new URLSearchParams(queryOf(request))
      const text = (query.get('q') ?? '').trim()
      const found = await core.visits.search(text, readId(query.get('before')))
      const thumbs = await core.previews.ofAll(found.files, 'thumb')
      const results = text === '' ? '' : resultsHtml(text, found, thumbs)
      return html('Search', `${searchForm(text, text === '')}\n${results}`)
    },
    { detail: { hide: true } },
  )
}

/** Where a page begins; what is no id begins at the newest. */
const readId = (value: string | null): number | null =>
  value !== null && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : null

function resultsHtml(
  text: string,
  { folders, files, beforeFileId }: SearchResult,
  thumbs: Map<number, Picture>,
): string {
  if (folders.length + files.length === 0)
    return `<p role="status">Nothing public is named like <bdi>“${escapeHtml(text)}”</bdi>.</p>`
  const sections = [
    section('Folders', folders.map(folderEntry)),
    section(
      'Files',
      files.map((file) => fileEntry({ file, path: `/${file.slug}` }, thumbs.get(file.id))),
    ),
  ]
  const next = `/search?q=${encodeURIComponent(text)}&before=${beforeFileId}`
  const more =
    beforeFileId === null
      ? ''
      : `<nav class="row" aria-label="Pages"><a rel="next" href="${escapeHtml(next)}">More files</a></nav>`
  return sections.join('') + more
}

const section = (title: string, entries: string[]): string =>
  entries.length === 0 ? '' : `<h2>${title}</h2>\n<ul class="entries">\n${entries.join('\n')}\n</ul>\n`
