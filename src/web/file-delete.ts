/**
 * `~d`: asks before it deletes, because links are opened by programs that only look. Who has the delete key
 * needs nothing else; the owner without it needs the session and proof that the call was meant.
 */
import { Fault } from '../core/fault.ts'
import type { FileRecord } from '../core/model.ts'
import { readBody } from '../http/body.ts'
import type { Browser } from '../http/browser.ts'
import { JSON_HEADERS } from '../http/dialect.ts'
import { escapeHtml, nameHtml, type PageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { humanSize } from './units.ts'
import { bareHash, browserOf, type Visit } from './visit.ts'

const BODY_LIMIT = 16 * 1024

/** Somebody who may delete the file. */
interface Claim {
  file: FileRecord
  /** Empty for the owner, who has the browser. */
  hash: string
  browser: Browser | null
}

/** Faults: file_not_found (unknown, wrong hash, not the owner), file_removed. */
async function claim(deps: WebDeps, visit: Visit, slug: string): Promise<Claim> {
  const { visits } = deps.core
  const hash = bareHash(visit.request)
  if (hash !== '') return { file: await visits.deletable(slug, hash), hash, browser: null }
  const browser = await browserOf(deps, visit)
  if (!browser) throw new Fault('file_not_found')
  return { file: await visits.deletableByOwner(slug, browser.principal.account), hash, browser }
}

/** To the trash. Faults as in `claim`, and csrf_invalid for an owner whose page did not send this. */
async function remove(
  { core, browsers }: WebDeps,
  { request }: Visit,
  of: Claim,
  fields: object,
): Promise<void> {
  if (!of.browser) return core.visits.deleteByHash(of.file.slug, of.hash)
  await browsers.verify(of.browser, request, { ...fields })
  await core.files.trash(of.browser.principal.account, of.file.id)
}

export async function deletePage(deps: WebDeps, html: PageWriter, visit: Visit, slug: string) {
  return ask(html, await claim(deps, visit, slug))
}

/** A form without `delete=1` only asks again. */
export async function deleteByForm(deps: WebDeps, html: PageWriter, visit: Visit, slug: string) {
  const claimed = await claim(deps, visit, slug)
  const fields = await readBody(visit.request, BODY_LIMIT)
  if (fields.delete !== '1' && fields.delete !== 1) return ask(html, claimed)
  await remove(deps, visit, claimed, fields)
  return html('File deleted', `<p>${nameHtml(claimed.file.name)} has been deleted.</p>`)
}

/** For programs that send DELETE to the delete link, as its `delete_type` tells them. */
export async function deleteByCall(deps: WebDeps, visit: Visit, slug: string) {
  await remove(deps, visit, await claim(deps, visit, slug), {})
  const answer = { status: 'success', message: 'File has been deleted.' }
  return Response.json(answer, { headers: JSON_HEADERS })
}

function ask(html: PageWriter, { file, hash, browser }: Claim): Response {
  const query = hash === '' ? '' : `?${hash}`
  const csrf = browser?.session.csrf
  const proof = csrf ? `<input type="hidden" name="csrf_token" value="${escapeHtml(csrf)}">\n` : ''
  const content = `<p>${nameHtml(file.name)}, ${humanSize(file.size)}, and every link to it will be gone.</p>
<form method="post" action="/${file.slug}~d${escapeHtml(query)}" class="actions">
<input type="hidden" name="delete" value="1">
${proof}<button class="danger">Delete the file</button>
<a href="/${file.slug}~i${escapeHtml(query)}">Keep it</a>
</form>`
  return html('Delete this file?', content, { guardedForm: browser !== null })
}
