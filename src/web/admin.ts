/** What an admin can see of the server at work: `/web/admin`. */
import { Elysia, t } from 'elysia'
import type { Core } from '../core/core.ts'
import { Fault, isFault } from '../core/fault.ts'
import type { LiveTransfer } from '../core/traffic.ts'
import type { Browser } from '../http/browser.ts'
import { faultResponses } from '../http/openapi.ts'
import { plainReply } from '../http/plain.ts'
import type { WebDeps } from './session.ts'
import { requireSignedIn } from './signed-in.ts'
import type { Visit } from './visit.ts'

const DownloadSchema = t.Object({
  file: t.Number({ description: 'Its id' }),
  slug: t.String(),
  name: t.String(),
  downloader: t.Union([t.String(), t.Null()], { description: 'Name of the account, null for a guest' }),
  ip: t.String(),
  offset: t.Number({ description: 'First byte of the file in this answer' }),
  bytes: t.Number({ description: 'Delivered so far' }),
  size: t.Number({ description: 'Bytes of this answer' }),
  speed: t.Number({ description: 'Bytes per second so far' }),
  speed_limit: t.Number({ description: 'Bytes per second at most at this moment, 0: no limit' }),
  started: t.String({ description: 'UTC' }),
})

const AnswerSchema = t.Object({ status: t.Literal('ok'), downloads: t.Array(DownloadSchema) })

/** Bytes per second; of less than a second nothing can be said. */
function speedOf({ delivered, startedAt }: LiveTransfer, now: Date): number {
  const seconds = (now.getTime() - startedAt.getTime()) / 1000
  return seconds < 1 ? 0 : Math.round(delivered / seconds)
}

const toDownload = (
  live: LiveTransfer,
  names: Map<number, string>,
  now: Date,
): typeof DownloadSchema.static => ({
  file: live.file.id,
  slug: live.file.slug,
  name: live.file.name,
  downloader: live.accountId === null ? null : (names.get(live.accountId) ?? `account ${live.accountId}`),
  ip: live.ip,
  offset: live.start,
  bytes: live.delivered,
  size: live.size,
  speed: speedOf(live, now),
  speed_limit: live.speedLimit,
  started: live.startedAt.toISOString().slice(0, 19).replace('T', ' '),
})

/** Accounts that are gone by now have none. */
async function namesOf({ accounts }: Core, transfers: LiveTransfer[]): Promise<Map<number, string>> {
  const names = new Map<number, string>()
  for (const id of new Set(transfers.map(({ accountId }) => accountId))) {
    if (id === null) continue
    try {
      names.set(id, (await accounts.get(id)).name)
    } catch (error) {
      if (!isFault(error, 'account_not_found')) throw error
    }
  }
  return names
}

/** The browser an admin has signed in with. Faults: unauthenticated, rate_limited, forbidden. */
export async function requireAdmin(
  deps: Pick<WebDeps, 'browsers' | 'limiter'>,
  visit: Visit,
): Promise<Browser> {
  const browser = await requireSignedIn(deps, visit)
  if (!browser.principal.account.isAdmin) throw new Fault('forbidden')
  return browser
}

export const adminRoutes = ({ core, browsers, limiter, now }: WebDeps) =>
  new Elysia({ tags: ['web'] }).get(
    '/web/admin/downloads',
    async ({ request, server, set }) => {
      await requireAdmin({ browsers, limiter }, { request, server })
      set.headers['cache-control'] = 'no-store'
      const live = core.traffic.live()
      const names = await namesOf(core, live)
      return { status: 'ok' as const, downloads: live.map((one) => toDownload(one, names, now())) }
    },
    {
      response: { 200: AnswerSchema },
      detail: {
        summary: 'Downloads under way',
        description: 'For admins. One entry for each answer that is being sent at this moment.',
        security: [{ cookie: [] }],
        responses: faultResponses(plainReply, ['unauthenticated', 'rate_limited', 'forbidden']),
      },
    },
  )
