/** Where strangers put files into somebody's folder: `/r/{token}`. Works without a script; with one it shows how far it is. */
import { Elysia } from 'elysia'
import { Fault } from '../core/fault.ts'
import type { OpenRequest } from '../core/file-requests.ts'
import { networkOf } from '../core/network.ts'
import { requireSameOrigin } from '../http/browser.ts'
import { JSON_HEADERS } from '../http/dialect.ts'
import { readUploadForm } from '../http/form.ts'
import { declaredLength } from '../http/upload-body.ts'
import { prefersJson } from './faults.ts'
import { askForPassword, linkPath, readLinkPass, unlockByForm } from './link-password.ts'
import { escapeHtml, nameHtml, type PageWriter, pageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { counted, timeHtml } from './units.ts'
import type { Visit } from './visit.ts'

const FILES_PER_MINUTE = 600
/** A form may have other parts; what is certainly file is all beyond these bytes. */
const OTHER_PARTS = 1024 * 1024

type RequestVisit = Visit & { params: { token: string } }

export function fileRequestPages(deps: WebDeps) {
  const html = pageWriter(deps)
  const hidden = { detail: { hide: true } }
  const changing = { ...hidden, parse: 'none' } as const
  return new Elysia()
    .get('/r/:token', (visit) => showRequest(deps, html, visit), hidden)
    .post('/r/:token', (visit) => unlockRequest(deps, html, visit), changing)
    .post('/r/:token/files', (visit) => takeFiles(deps, html, visit), changing)
}

async function showRequest({ core }: WebDeps, html: PageWriter, visit: RequestVisit): Promise<Response> {
  const path = linkPath('/r', visit.params.token)
  try {
    const opened = await core.fileRequests.open(visit.params.token, readLinkPass(visit.request.headers))
    const options = { guardedForm: true, script: 'file-request' }
    return html(opened.request.title, formHtml(opened, path), options)
  } catch (error) {
    return askForPassword(html, path, error)
  }
}

const unlockRequest = (deps: WebDeps, html: PageWriter, visit: RequestVisit): Promise<Response> => {
  const { token } = visit.params
  const unlock = (password: string) => deps.core.fileRequests.unlock(token, password)
  return unlockByForm({ deps, html, visit, path: linkPath('/r', token), unlock })
}

/** Each file is there as soon as its last byte is: what comes after it can not take it back. */
async function takeFiles(deps: WebDeps, html: PageWriter, visit: RequestVisit): Promise<Response> {
  const { core, browsers, limiter } = deps
  const { request, server, params } = visit
  const path = linkPath('/r', params.token)
  requireSameOrigin(request, browsers.origin(request, server))
  const ip = browsers.address(request, server)
  const allowance = { key: `web/request/${networkOf(ip)}`, limit: FILES_PER_MINUTE }
  const pass = readLinkPass(request.headers)
  // Before the first byte of what would be refused.
  await core.fileRequests.open(params.token, pass)
  const names: string[] = []
  await readUploadForm(request, server, { fileField: 'file' }, async (file) => {
    if (file.name.trim() === '') return
    limiter.take([allowance])
    const leastSize = names.length > 0 ? 0 : Math.max(0, (declaredLength(request) ?? 0) - OTHER_PARTS)
    const sent = { name: file.name, mimeType: file.mimeType, leastSize, ip }
    names.push((await core.fileRequests.receive(params.token, pass, sent, file.body)).name)
  })
  if (names.length === 0) throw new Fault('file_missing')
  if (prefersJson(request.headers))
    return Response.json({ status: 'ok', files: names }, { headers: JSON_HEADERS })
  return html('Thank you', thanksHtml(names, path))
}

const thanksHtml = (names: string[], path: string): string =>
  `<p role="status">${counted(names.length, 'file')} arrived.</p>
<ul class="entries">${names.map((name) => `<li><span>${nameHtml(name)}</span></li>`).join('')}</ul>
<p><a href="${path}">Send more</a></p>`

function formHtml({ request, owner }: OpenRequest, path: string): string {
  const terms = [
    request.filesLeft === null ? '' : `${counted(request.filesLeft, 'file')} at most.`,
    request.expiresAt === null ? '' : `Until ${timeHtml(request.expiresAt)}.`,
  ]
  const note = request.note === '' ? '' : `<pre>${escapeHtml(request.note)}</pre>`
  return `<p>${nameHtml(owner.name)} asks you for files. Nobody but ${nameHtml(owner.name)} sees what you send.</p>
${note}
<p class="soft">${terms.filter(Boolean).join(' ')}</p>
<form method="post" action="${path}/files" enctype="multipart/form-data" id="sending">
<label for="file">Files</label>
<input id="file" name="file" type="file" multiple required>
<button>Send</button>
</form>
<ul class="entries" id="sent"></ul>
<p id="news" role="status" hidden></p>`
}
