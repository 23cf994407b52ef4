/**
 * Tries to sign in with a password, on their way into the audit log. They are gathered in memory and written within
 * a second, off the path of the answer: it takes as long for a name that exists as for one that does not. A crash
 * loses at most that second.
 *
 * Strangers make these entries, so there is an end to them: on one day (UTC) at most 30 of an account, 100 of a
 * network, 200 of names that nobody has and 1000 of the whole site are noted, and beside them 30 of an account by
 * browsers that are signed in to it. Of a name that nobody has nothing is kept: people type passwords into that field.
 */
import type { AuditAction } from './audit.ts'
import type { Clock } from './clock.ts'
import { type Fault, isFault } from './fault.ts'
import { LOCKED_OUT } from './lockout.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, AuditEntry } from './model.ts'
import { networkOf } from './network.ts'

const DELAY_MS = 1000
/** Tries that wait to be written; more are only counted. */
const MOST_WAITING = 1000
/** In characters, of which some are two units of a string. */
const LONGEST_NAME = 64
const MOST_A_DAY = { account: 30, network: 100, unknown: 200, site: 1000 }

export type Door = 'Browser' | 'YetiShare API' | 'File Uploader API'

/** What somebody said at a door. */
export interface SignInTry {
  door: Door
  name: string
  ip: string | null
}

export interface SignInTries {
  /** Passes on what `run` does. A refusal is noted; a success too, once a day for account, door and network. */
  watch<Result>(attempt: SignInTry, run: () => Promise<Result>): Promise<Result>
  /** As `watch` for the password of somebody who is signed in: of success nothing is noted. */
  watchProof<Result>(attempt: SignInTry, run: () => Promise<Result>): Promise<Result>
  /** Writes down all there is now. Never rejects. */
  flush(): Promise<void>
  /** Likewise, and nothing later. */
  close(): Promise<void>
}

interface Waiting extends SignInTry {
  at: Date
  action: AuditAction
  /** Null: it went well. */
  fault: Fault | null
}

interface Deps {
  metadata: Pick<MetadataStore, 'audit' | 'accounts'>
  clock: Clock
  log: Log
}

const REFUSALS = ['bad_credentials', 'wrong_password', 'account_not_found', 'second_factor_wrong'] as const

/** The cause of a refusal where the password alone was right. */
export const NEEDS_CODE = 'a second factor is on'

function reasonOf({ code, cause }: Fault, account: Account | null): string {
  if (account === null) return 'unknown name'
  if (cause === LOCKED_OUT) return 'locked out after too many tries'
  if (account.status !== 'active') return `the account is ${account.status}`
  if (code === 'second_factor_wrong') return 'wrong code of the second factor'
  return cause === NEEDS_CODE ? 'right password, but a second factor is on' : 'wrong password'
}

export function createSignInTries({ metadata, clock, log }: Deps): SignInTries {
  const budget = createBudget()
  let waiting: Waiting[] = []
  let dropped = 0
  let closed = false
  let timer: ReturnType<typeof setTimeout> | null = null
  let writing: Promise<void> = Promise.resolve()

  const entryOf = async (one: Waiting): Promise<Omit<AuditEntry, 'id'> | null> => {
    const account = one.name === '' ? null : await metadata.accounts.findByName(one.name)
    const { at, action, ip, fault, door } = one
    const allowed = budget.take(at, keysOf(one, account))
    if (allowed === 'none') return null
    const reason = fault === null ? door : `${door}: ${reasonOf(fault, account)}`
    // Whose account it is makes it part of the owner's activity; who it was is not known.
    const actorName = fault === null || action === 'proof.failed' ? (account?.name ?? '') : ''
    const who = { actorId: account?.id ?? null, actorName, subject: account?.name ?? '' }
    return {
      at,
      action,
      ip,
      ...who,
      detail: allowed === 'last' ? `${reason}; no more are noted today` : reason,
    }
  }

  const write = async (): Promise<void> => {
    const [taken, lost] = [waiting, dropped]
    waiting = []
    dropped = 0
    if (lost > 0) log.warn('sign_in_tries_not_noted', { count: lost, cause: 'too many at once' })
    try {
      for (const one of taken) {
        const entry = await entryOf(one)
        if (entry !== null) await metadata.audit.add(entry)
      }
    } catch (error) {
      log.error('sign_in_tries_not_noted', { count: taken.length, cause: String(error) })
    }
  }

  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (waiting.length > 0) writing = writing.then(write)
    return writing
  }

  const add = ({ name, ...attempt }: SignInTry, rest: Pick<Waiting, 'action' | 'fault'>): void => {
    if (closed || waiting.length >= MOST_WAITING) {
      dropped++
      return
    }
    const trimmed = name.trim()
    // What is longer is nobody's name.
    const isName = trimmed.length <= 2 * LONGEST_NAME && [...trimmed].length <= LONGEST_NAME
    waiting.push({ ...attempt, ...rest, name: isName ? trimmed : '', at: clock.now() })
    timer ??= setTimeout(() => void flush(), DELAY_MS)
    timer.unref()
  }

  const watched = async <Result>(
    attempt: SignInTry,
    run: () => Promise<Result>,
    action: AuditAction,
  ): Promise<Result> => {
    try {
      return await run()
    } catch (error) {
      if (isFault(error, ...REFUSALS)) add(attempt, { action, fault: error })
      throw error
    }
  }

  return {
    async watch(attempt, run) {
      const result = await watched(attempt, run, 'sign_in.failed')
      if (attempt.door !== 'Browser') add(attempt, { action: 'signed_in', fault: null })
      return result
    },
    watchProof: (attempt, run) => watched(attempt, run, 'proof.failed'),
    flush,
    close() {
      closed = true
      return flush()
    },
  }
}

interface Allowance {
  key: string
  most: number
}

function keysOf({ ip, fault, door, action }: Waiting, account: Account | null): Allowance[] {
  const network = networkOf(ip ?? '')
  // No stranger makes these, so none uses up what they are noted from.
  if (action === 'proof.failed') return [{ key: `proof ${account?.id}`, most: MOST_A_DAY.account }]
  if (fault === null) return [{ key: `signed in ${account?.id} ${door} ${network}`, most: 1 }]
  const who = account === null ? 'unknown' : 'account'
  return [
    { key: 'site', most: MOST_A_DAY.site },
    { key: account === null ? 'unknown' : `account ${account.id}`, most: MOST_A_DAY[who] },
    { key: `network ${network}`, most: MOST_A_DAY.network },
  ]
}

/** How often each key was used today. Keys are few: strangers add none once the site has used up its own. */
function createBudget() {
  let day = ''
  const used = new Map<string, number>()
  return {
    /** `last`: one of them is now used up. Of what happens once a day none is. */
    take(at: Date, allowances: Allowance[]): 'some' | 'last' | 'none' {
      const today = at.toISOString().slice(0, 10)
      if (today !== day) used.clear()
      day = today
      if (allowances.some(({ key, most }) => (used.get(key) ?? 0) >= most)) return 'none'
      for (const { key } of allowances) used.set(key, (used.get(key) ?? 0) + 1)
      return allowances.some(({ key, most }) => most > 1 && used.get(key) === most) ? 'last' : 'some'
    },
  }
}
