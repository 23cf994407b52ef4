/** The audit log, for administrators: `/web/admin/audit`. */
import { Elysia } from 'elysia'
import { AUDIT_ACTIONS } from '../../core/audit.ts'
import type { Core } from '../../core/core.ts'
import { invalid, isFault } from '../../core/fault.ts'
import type { AuditFilter } from '../../core/metadata.ts'
import type { WebDeps } from '../session.ts'
import { adminCalls } from './admin-calls.ts'
import { hidden } from './calls.ts'
import { beforeParam, timeParam } from './read.ts'
import { toAudit } from './views.ts'

/** A name that nobody has any more is looked for as it was written then. */
async function actorOf({ accounts }: Core, name: string): Promise<AuditFilter> {
  try {
    return { actorId: (await accounts.getByName(name)).id }
  } catch (error) {
    if (!isFault(error, 'account_not_found')) throw error
    return { actorName: name }
  }
}

const LONGEST_NAME = 64

/** `actor`, `action`, `from`, `until`: all that are there count. Fault: invalid. */
async function filterOf(core: Core, query: URLSearchParams): Promise<AuditFilter> {
  const name = query.get('actor')?.trim() ?? ''
  if ([...name].length > LONGEST_NAME)
    throw invalid('actor', `The name of an account has at most ${LONGEST_NAME} characters.`)
  const action = query.get('action') ?? ''
  if (action !== '' && !AUDIT_ACTIONS.some((one) => one === action))
    throw invalid('action', 'There is no such action.')
  const [from, until] = [timeParam(query, 'from'), timeParam(query, 'until')]
  if (from && until && from >= until) throw invalid('until', 'The period ends before it begins.')
  return {
    ...(name !== '' && (await actorOf(core, name))),
    ...(action !== '' && { action }),
    ...(from && { from }),
    ...(until && { until }),
  }
}

export function auditRoutes(deps: WebDeps) {
  const call = adminCalls(deps)
  return new Elysia().get(
    '/web/admin/audit',
    call(async ({ core, query }) => {
      const filter = await filterOf(core, query)
      const { entries, beforeId } = await core.audit.list(beforeParam(query), filter)
      return { entries: entries.map(toAudit), before: beforeId }
    }),
    hidden,
  )
}
