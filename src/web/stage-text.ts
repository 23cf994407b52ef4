/** Files whose bytes are read to show them: text and code marked up, archives listed. */
import type { ArchiveEntry, ArchiveListing } from '../core/archives/archives.ts'
import type { FileView } from '../core/downloads.ts'
import { isFault } from '../core/fault.ts'
import { icon } from './icons.ts'
import { kindOf } from './kinds.ts'
import { escapeHtml } from './page.ts'
import type { WebDeps } from './session.ts'
import type { RenderedText } from './text/renderer.ts'
import { counted, humanSize } from './units.ts'

/** Characters that are shown: a page is no place for more. */
const MOST_TEXT = 100_000
const MOST_ENTRIES = 500
/** Milliseconds a page waits for its text to be marked up, its turn included. */
const PATIENCE = 1500

/** HTML; '' for what is not shown, also when the server is too busy to read it now. */
export async function contentStage(deps: WebDeps, { file, object }: FileView): Promise<string> {
  if (file.usesLeft !== null || file.contentState !== 'ready' || object === null || object.size === 0)
    return ''
  try {
    switch (kindOf(file)) {
      case 'text':
      case 'code':
        return await textStage(deps, file.name, object)
      case 'archive': {
        const listing = await deps.core.archives.list(object)
        return listing === null ? '' : archiveStage(listing)
      }
      default:
        return ''
    }
  } catch (error) {
    // The rest of the page is as good without it; a download says what is wrong with the bytes.
    if (isFault(error, 'unavailable', 'object_missing')) return ''
    throw error
  }
}

async function textStage(
  { core, textRenderer }: WebDeps,
  name: string,
  object: NonNullable<FileView['object']>,
): Promise<string> {
  const excerpt = await core.textExcerpts.of(object)
  if (excerpt === null) return ''
  const text = excerpt.text.slice(0, MOST_TEXT).toWellFormed()
  const isCut = excerpt.truncated || text.length < excerpt.text.length
  const { kind, html } = await inTime(textRenderer.render(name, text), text)
  const shown =
    kind === 'markdown'
      ? `<div class="markdown">${html}</div>`
      : `<div class="lines" role="region" aria-label="Text of the file" tabindex="0"><pre><code>${html}</code></pre></div>`
  const more = isCut
    ? `<p class="soft">Only the beginning is shown: the whole file has ${humanSize(object.size)}.</p>`
    : ''
  return `<section class="stage text" aria-label="What is in it">${shown}${more}</section>`
}

/** What is not marked up when the page has to go is shown as it is. */
async function inTime(rendering: Promise<RenderedText>, text: string): Promise<RenderedText> {
  const late = Promise.withResolvers<RenderedText>()
  const timer = setTimeout(
    () => late.resolve({ kind: 'code', html: escapeHtml(text), isPlain: true }),
    PATIENCE,
  )
  try {
    return await Promise.race([rendering, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function archiveStage({ entries, truncated, encrypted }: ArchiveListing): string {
  const shown = entries.slice(0, MOST_ENTRIES)
  const isCut = truncated || shown.length < entries.length
  const files = entries.filter(({ isFolder }) => !isFolder)
  const unpacked = files.reduce((sum, { size }) => sum + (size ?? 0), 0)
  const facts = [
    `${truncated ? 'more than ' : ''}${counted(files.length, 'file')}`,
    ...(unpacked > 0 ? [`${humanSize(unpacked)} unpacked`] : []),
    ...(encrypted ? ['needs a password'] : []),
    ...(isCut ? [`the first ${counted(shown.length, 'entr').replace(/entrs?$/, 'entries')} are shown`] : []),
  ]
  const rows = shown.map(entryRow).join('\n')
  return `<section class="stage archive" aria-labelledby="contents"><h2 id="contents">Contents <span class="soft">${escapeHtml(facts.join(', '))}</span></h2>
<div class="lines" role="region" aria-label="Entries of the archive" tabindex="0"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Size</th><th scope="col">Changed</th></tr></thead>
<tbody>
${rows}
</tbody>
</table></div></section>`
}

const entryRow = ({ path, size, modified, isFolder }: ArchiveEntry): string =>
  `<tr><th scope="row">${icon(isFolder ? 'folder' : 'other', 18)}<bdi>${escapeHtml(path)}</bdi></th><td>${isFolder || size === null ? '' : humanSize(size)}</td><td>${modified ? modified.toISOString().slice(0, 10) : ''}</td></tr>`
