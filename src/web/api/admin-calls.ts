/** The way into calls of administrators. */
import { Fault } from '../../core/fault.ts'
import type { Administrator } from '../../core/oversight.ts'
import type { WebDeps } from '../session.ts'
import { type Call, calls } from './calls.ts'

export interface AdminCall extends Call {
  /** Who acts, and from where. */
  by: Administrator
}

/** As `calls`. Faults: those, and forbidden for everybody else. */
export const adminCalls = (deps: WebDeps) => {
  const call = calls(deps)
  return (work: (call: AdminCall) => Promise<object>) =>
    call(async (given) => {
      if (!given.account.isAdmin) throw new Fault('forbidden')
      return work({ ...given, by: { account: given.account, ip: given.principal.ip } })
    })
}
