/** Browsers an account is signed in with: `/web/account/devices`. */
import { Elysia } from 'elysia'
import type { WebSession } from '../../core/model.ts'
import { webSessionId } from '../../http/path-ids.ts'
import type { WebDeps } from '../session.ts'
import type { DeviceView } from '../wire/security.ts'
import { noteOwn } from './account.ts'
import { calls, changing, hidden } from './calls.ts'
import { freshProof } from './proof.ts'

const toDevice = (session: WebSession, thisId: number): DeviceView => ({
  id: session.id,
  userAgent: session.userAgent,
  ip: session.ip,
  lastSeen: session.lastSeenAt?.toISOString() ?? null,
  created: session.createdAt.toISOString(),
  isThis: session.id === thisId,
})

export function deviceRoutes(deps: WebDeps) {
  const call = calls(deps)
  const prove = freshProof(deps)
  return new Elysia()
    .get(
      '/web/account/devices',
      call(async ({ core, account, session }) => {
        const now = deps.now()
        const live = (await core.webSessions.list(account)).filter(({ expiresAt }) => expiresAt > now)
        return { devices: live.map((one) => toDevice(one, session.id)) }
      }),
      hidden,
    )
    .delete(
      '/web/account/devices',
      call(async (given) => {
        await prove(given)
        const ended = await given.core.webSessions.endOthers(given.session)
        await noteOwn(given, 'devices.signed_out', String(ended))
        return { ended }
      }),
      changing,
    )
    .delete(
      '/web/account/devices/:id',
      call(async (given) => {
        const id = webSessionId(given.params.id)
        await prove(given)
        await given.core.webSessions.end(given.account, id)
        await noteOwn(given, 'device.signed_out')
        return { status: 'ok' }
      }),
      changing,
    )
}
