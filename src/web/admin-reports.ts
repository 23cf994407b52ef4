/** The queue of reported files, for admins: `/web/admin/reports`. */
import { Elysia, t } from 'elysia'
import { invalid } from '../core/fault.ts'
import type { OpenReport } from '../core/reports.ts'
import { readBody } from '../http/body.ts'
import { faultResponses, jsonBody } from '../http/openapi.ts'
import { reportId } from '../http/path-ids.ts'
import { plainReply } from '../http/plain.ts'
import { requireAdmin } from './admin.ts'
import type { WebDeps } from './session.ts'

const BODY_LIMIT = 16 * 1024
const PAGE_SIZE = 50

const ReportSchema = t.Object({
  id: t.Number(),
  file: t.Object({
    id: t.Number(),
    slug: t.String(),
    name: t.String({ description: 'When it was reported' }),
    status: t.UnionEnum(['active', 'trashed', 'gone']),
  }),
  reason: t.UnionEnum(['illegal', 'copyright', 'malware', 'personal', 'other']),
  message: t.String(),
  account_id: t.Union([t.Number(), t.Null()], { description: 'Who said it; null for a guest' }),
  ip: t.String(),
  created: t.String({ description: 'UTC' }),
})

const toReport = ({ report, file }: OpenReport): typeof ReportSchema.static => ({
  id: report.id,
  file: { id: report.fileId, slug: report.slug, name: report.fileName, status: file?.status ?? 'gone' },
  reason: report.reason,
  message: report.message,
  account_id: report.accountId,
  ip: report.ip,
  created: report.createdAt.toISOString().slice(0, 19).replace('T', ' '),
})

const RESOLUTIONS = { dismiss: 'dismissed', trash: 'trashed' } as const

function readResolution(value: unknown): 'dismissed' | 'trashed' {
  if (value !== 'dismiss' && value !== 'trash') throw invalid('action', 'The action is dismiss or trash.')
  return RESOLUTIONS[value]
}

/** After which report a page begins; 0, before the first, for what is no id. */
const readAfter = (value: string | undefined): number =>
  /^[1-9]\d{0,14}$/.test(value ?? '') ? Number(value) : 0

export const adminReportRoutes = (deps: WebDeps) =>
  new Elysia({ tags: ['web'] })
    .get(
      '/web/admin/reports',
      async ({ request, server, set, query }) => {
        await requireAdmin(deps, { request, server })
        set.headers['cache-control'] = 'no-store'
        const { items, afterId, total } = await deps.core.reports.listOpen(readAfter(query.after), PAGE_SIZE)
        return { status: 'ok' as const, reports: items.map(toReport), next: afterId, total }
      },
      {
        query: t.Object({ after: t.Optional(t.String()) }),
        response: {
          200: t.Object({
            status: t.Literal('ok'),
            reports: t.Array(ReportSchema),
            next: t.Union([t.Number(), t.Null()], { description: '`after` of the next page' }),
            total: t.Number({ description: 'How many wait' }),
          }),
        },
        detail: {
          summary: 'Reported files that wait',
          description: 'For admins. The oldest first, 50 on a page.',
          security: [{ cookie: [] }],
          responses: faultResponses(plainReply, ['unauthenticated', 'rate_limited', 'forbidden']),
        },
      },
    )
    .post(
      '/web/admin/reports/:id',
      async ({ request, server, set, params }) => {
        const browser = await requireAdmin(deps, { request, server })
        deps.browsers.check(browser, request)
        const body = await readBody(request, BODY_LIMIT)
        set.headers['cache-control'] = 'no-store'
        const resolution = readResolution(body.action)
        const by = { account: browser.principal.account, ip: browser.principal.ip }
        await deps.core.oversight.resolveReport(by, reportId(params.id), resolution)
        return { status: 'ok' as const }
      },
      {
        parse: 'none',
        response: { 200: t.Object({ status: t.Literal('ok') }) },
        detail: {
          summary: 'Settle a report',
          description:
            'For admins. `dismiss` settles this report; `trash` moves the file to the trash of its owner and settles all reports of it.',
          security: [{ cookie: [] }],
          requestBody: jsonBody(t.Object({ action: t.UnionEnum(['dismiss', 'trash']) }), {
            action: 'dismiss',
          }),
          responses: faultResponses(plainReply, [
            'invalid',
            'unauthenticated',
            'rate_limited',
            'forbidden',
            'csrf_invalid',
            'report_not_found',
          ]),
        },
      },
    )
