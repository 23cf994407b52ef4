/** One call of the API, whatever way its parameters came in. */
import type { Core } from '../../core/core.ts'
import { Fault, invalid } from '../../core/fault.ts'
import type { Limiter } from '../../core/limiter.ts'
import type { Account } from '../../core/model.ts'
import type { BrowserSessions } from '../../http/browser.ts'
import type { TimeoutSetter } from '../../http/upload-body.ts'
import { REAUTHENTICATE } from './faults.ts'

export type Parameters = Record<string, unknown>

/** Who calls, and as whom: an admin may act for another account. */
export interface Caller {
  account: Account
  actingAs: Account
}

export interface Call {
  core: Core
  /** Trimmed; undefined when the parameter is absent. */
  text(name: string): string | undefined
  /** Fault: invalid, `Please provide the … param.` for what is absent or blank. */
  required(name: string): string
  caller: Caller
  /** Whose files these are. */
  account: Account
  ip: string
  origin: string
  request: Request
  server: TimeoutSetter
}

export interface CallDeps {
  core: Core
  browsers: BrowserSessions
  limiter: Limiter
  /** Per minute and token. */
  callsPerMinute: number
  /** Attempts to sign in, per minute and address. */
  signInPerMinute: number
  siteName: string
  now(): Date
}

/** Trimmed; undefined when absent. */
export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? value.trim() : undefined
}

export function requiredOf(parameters: Parameters, name: string): string {
  const value = textOf(parameters, name)
  if (value === undefined || value === '') throw invalid(name, `Please provide the ${name} param.`)
  return value
}

interface Identification {
  parameters: Parameters
  ip: string
  /** `/package/listing` asks for no account_id; on admin endpoints it is that of the target. */
  accountId?: 'own' | 'optional' | 'target'
}

/**
 * In the documented order: access_token, account_id, then whether both are good. Faults: invalid,
 * bad_credentials, rate_limited.
 */
export async function identify(
  deps: CallDeps,
  { parameters, ip, accountId = 'own' }: Identification,
): Promise<Caller> {
  const secret = requiredOf(parameters, 'access_token')
  const wanted =
    accountId === 'optional' ? textOf(parameters, 'account_id') : requiredOf(parameters, 'account_id')
  const principal = await deps.core.accessTokens.authenticate(secret, ip)
  const { account } = principal
  deps.limiter.take([{ key: `yetishare/${principal.actor}`, limit: deps.callsPerMinute }])
  const isOwn = wanted === undefined || wanted === '' || wanted === String(account.id)
  if (isOwn || accountId === 'target') return { account, actingAs: account }
  return { account, actingAs: await otherAccount(deps.core, account, wanted) }
}

/** Only an admin may name an account that is not the token's own. Fault: bad_credentials. */
async function otherAccount(core: Core, account: Account, wanted: string): Promise<Account> {
  const refused = new Fault('bad_credentials', REAUTHENTICATE)
  if (!account.isAdmin || !/^[1-9]\d{0,14}$/.test(wanted)) throw refused
  return core.accounts.get(Number(wanted)).catch((error: unknown) => {
    throw error instanceof Fault && error.code === 'account_not_found' ? refused : error
  })
}

/** A positive whole number, or null for what cannot be an id. */
export const toId = (value: string): number | null => (/^[1-9]\d{0,14}$/.test(value) ? Number(value) : null)

/** Blank, 0 and `null` (in any case) are the root. Fault: folder_not_found. */
export async function folderOf(
  { core, account }: Pick<Call, 'core' | 'account'>,
  value: string | undefined,
): Promise<number | null> {
  if (isRoot(value)) return null
  const id = toId(value ?? '')
  if (id === null) throw new Fault('folder_not_found')
  return (await core.folders.get(account, id)).id
}

export const isRoot = (value: string | undefined): boolean =>
  value === undefined || value === '' || /^0+$/.test(value) || value.toLowerCase() === 'null'

/** A parameter that must be there, though it may be blank: the root. Faults: invalid, destination_not_found. */
export async function destinationOf(call: Call, name: string): Promise<number | null> {
  const value = call.text(name)
  if (value === undefined) throw invalid(name, `Please provide the ${name} param.`)
  return folderOf(call, value).catch((error: unknown) => {
    if (!(error instanceof Fault && error.code === 'folder_not_found')) throw error
    const message = `Could not find the destination folder id defined by ${name}.`
    throw new Fault('destination_not_found', message, { field: name })
  })
}
