/** `/~report/{slug}`: a visitor asks the administrators to look at a file. */
import { Elysia } from 'elysia'
import { isFault } from '../core/fault.ts'
import type { FileRecord, ReportReason } from '../core/model.ts'
import { networkOf } from '../core/network.ts'
import { LONGEST_REPORT } from '../core/reports.ts'
import { readBody } from '../http/body.ts'
import { requireSameOrigin } from '../http/browser.ts'
import { escapeHtml, nameHtml, type PageWriter, pageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { browserOf, type Visit } from './visit.ts'

const BODY_LIMIT = 32 * 1024
const REPORTS_PER_MINUTE = 5

const REASONS: Record<ReportReason, string> = {
  illegal: 'It is against the law',
  copyright: 'It belongs to somebody else',
  malware: 'It does harm: malware, fraud',
  personal: 'It shows somebody who does not want that',
  other: 'Something else',
}

type ReportVisit = Visit & { params: { slug: string } }

export function reportRoutes(deps: WebDeps) {
  const html = pageWriter(deps)
  const hidden = { detail: { hide: true } }
  return new Elysia()
    .get('/~report/:slug', (visit) => ask(deps, html, visit), hidden)
    .post('/~report/:slug', (visit) => take(deps, html, visit), { ...hidden, parse: 'none' })
}

const accountOf = async (deps: WebDeps, visit: Visit) =>
  (await browserOf(deps, visit))?.principal.account ?? null

async function ask(deps: WebDeps, html: PageWriter, visit: ReportVisit): Promise<Response> {
  const { file } = await deps.core.downloads.view(visit.params.slug, await accountOf(deps, visit))
  return html('Report a file', form(file, null, ''), { guardedForm: true })
}

/** A page of another site can not report for its visitors. */
async function take(deps: WebDeps, html: PageWriter, visit: ReportVisit): Promise<Response> {
  const { request, server, params } = visit
  requireSameOrigin(request, deps.browsers.origin(request, server))
  const ip = deps.browsers.address(request, server)
  deps.limiter.take([{ key: `web/report/${networkOf(ip)}`, limit: REPORTS_PER_MINUTE }])
  const account = await accountOf(deps, visit)
  const body = await readBody(request, BODY_LIMIT)
  const said = { reason: text(body.reason), message: text(body.message) }
  try {
    await deps.core.reports.report({ account, ip }, params.slug, said)
  } catch (error) {
    if (!isFault(error, 'invalid')) throw error
    const { file } = await deps.core.downloads.view(params.slug, account)
    return html('Report a file', form(file, error.message, said.message), { status: 422, guardedForm: true })
  }
  return html('Thank you', '<p>The administrators of this site will look at the file.</p>')
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const choice = ([value, words]: [string, string]): string =>
  `<label class="choice"><input type="radio" name="reason" value="${value}" required> ${words}</label>`

const form = ({ slug, name }: FileRecord, problem: string | null, message: string): string => `
${problem === null ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
<p>What is wrong with ${nameHtml(name)}?</p>
<form method="post" action="/~report/${slug}">
<fieldset><legend class="out">Reason</legend>
${Object.entries(REASONS).map(choice).join('\n')}
</fieldset>
<label for="message">What should we know? <span class="soft">Optional; say how to reach you if you want an answer.</span></label>
<textarea id="message" name="message" rows="5" maxlength="${LONGEST_REPORT}">${escapeHtml(message)}</textarea>
<div class="actions"><button>Send the report</button> <a href="/${slug}">Back to the file</a></div>
</form>`
