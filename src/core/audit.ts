/** The audit log: what administrators and owners did that somebody may ask about later. */
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { AuditFilter, MetadataStore } from './metadata.ts'
import type { Account, AuditEntry } from './model.ts'
import { createSignInTries, type SignInTries } from './sign-in-tries.ts'

const PAGE = 100

/** All that is noted. */
export const AUDIT_ACTIONS = [
  'signed_in',
  'sign_in.failed',
  'proof.failed',
  'registered',
  'profile.changed',
  'password.changed',
  'second_factor.on',
  'second_factor.off',
  'second_factor.codes_renewed',
  'device.signed_out',
  'devices.signed_out',
  'token.made',
  'token.revoked',
  'account.added',
  'account.changed',
  'account.deleted',
  'account.second_factor_reset',
  'file.trashed',
  'package.changed',
  'package.added',
  'setting.changed',
  'report.dismissed',
  'report.trashed',
] as const

export type AuditAction = (typeof AUDIT_ACTIONS)[number]

export interface AuditedAct {
  /** Null: the system, or nobody known. */
  actor: Pick<Account, 'id' | 'name'> | null
  action: AuditAction
  subject: string
  /** No secret: administrators read it. */
  detail?: string
  ip?: string | null
}

export interface AuditService {
  /** After the act. Never throws: what is done is done; a failure to note it goes to the log. */
  note(act: AuditedAct): Promise<void>
  /** The newest first, a page at a time; `beforeId` of the next page, null when there is none. */
  list(
    beforeId: number | null,
    filter?: AuditFilter,
  ): Promise<{ entries: AuditEntry[]; beforeId: number | null }>
  /** Tries to sign in, noted by themselves. */
  tries: Pick<SignInTries, 'watch' | 'watchProof'>
  /** Writes down what waits, and no tries later. */
  close(): Promise<void>
}

interface Deps {
  metadata: Pick<MetadataStore, 'audit' | 'accounts'>
  clock: Clock
  log: Log
}

export function createAudit({ metadata, clock, log }: Deps): AuditService {
  const tries = createSignInTries({ metadata, clock, log })
  return {
    tries,
    close: tries.close,
    async note({ actor, action, subject, detail = '', ip = null }) {
      const who = { actorId: actor?.id ?? null, actorName: actor?.name ?? '' }
      // In the order in which they happened.
      await tries.flush()
      try {
        await metadata.audit.add({ at: clock.now(), ...who, action, subject, detail, ip })
      } catch (error) {
        log.error('audit_not_noted', { action, subject, cause: String(error) })
      }
    },
    async list(beforeId, filter = {}) {
      await tries.flush()
      const entries = await metadata.audit.page({ limit: PAGE, beforeId, ...filter })
      return { entries, beforeId: entries.length === PAGE ? (entries.at(-1)?.id ?? null) : null }
    },
  }
}
