/** The audit log: what administrators and owners did that somebody may ask about later. */
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, AuditEntry } from './model.ts'

const PAGE = 100

export interface AuditedAct {
  /** Null: the system, or nobody known. */
  actor: Pick<Account, 'id' | 'name'> | null
  action: string
  subject: string
  /** No secret: administrators read it. */
  detail?: string
  ip?: string | null
}

export interface AuditService {
  /** After the act. Never throws: what is done is done; a failure to note it goes to the log. */
  note(act: AuditedAct): Promise<void>
  /** The newest first, a page at a time; `beforeId` of the next page, null when there is none. */
  list(beforeId: number | null, actorId?: number): Promise<{ entries: AuditEntry[]; beforeId: number | null }>
}

interface Deps {
  metadata: Pick<MetadataStore, 'audit'>
  clock: Clock
  log: Log
}

export function createAudit({ metadata, clock, log }: Deps): AuditService {
  return {
    async note({ actor, action, subject, detail = '', ip = null }) {
      const who = { actorId: actor?.id ?? null, actorName: actor?.name ?? '' }
      try {
        await metadata.audit.add({ at: clock.now(), ...who, action, subject, detail, ip })
      } catch (error) {
        log.error('audit_not_noted', { action, subject, cause: String(error) })
      }
    },
    async list(beforeId, actorId) {
      const page = { limit: PAGE, beforeId, ...(actorId !== undefined && { actorId }) }
      const entries = await metadata.audit.page(page)
      return { entries, beforeId: entries.length === PAGE ? (entries.at(-1)?.id ?? null) : null }
    },
  }
}
