/** The account about itself: profile, password, usage, what it did, its end. */
import { Elysia } from 'elysia'
import type { AccountChange } from '../../core/accounts.ts'
import type { AuditAction } from '../../core/audit.ts'
import { invalid } from '../../core/fault.ts'
import type { Account, Package } from '../../core/model.ts'
import type { Fields } from '../../http/fields.ts'
import type { WebDeps } from '../session.ts'
import type { AccountPage, Profile, TokenKind, Usage } from '../wire/security.ts'
import { type Call, calls, changing, hidden } from './calls.ts'
import { freshProof, fullProof } from './proof.ts'
import { beforeParam, nullableText, textField, visibilityField } from './read.ts'
import { toAudit } from './views.ts'

/** `action` of what an account did to itself, as the audit log has it. */
export const noteOwn = (
  { core, account, principal }: Call,
  action: AuditAction,
  detail = '',
): Promise<void> =>
  core.audit.note({ actor: account, action, subject: account.name, detail, ip: principal.ip })

const toProfile = (account: Account): Profile => ({
  name: account.name,
  email: account.email,
  title: account.title,
  firstName: account.firstName,
  lastName: account.lastName,
  defaultVisibility: account.defaultVisibility,
  created: account.createdAt.toISOString(),
  paidUntil: account.paidUntil?.toISOString() ?? null,
})

const toUsage = ({ storageUsed, storageReserved }: Account, pkg: Package): Usage => ({
  package: pkg.name,
  stored: storageUsed,
  reserved: storageReserved,
  maxStorage: pkg.maxStorageBytes,
  maxUploadSize: pkg.maxUploadSize,
  concurrentUploads: pkg.concurrentUploads,
  concurrentDownloads: pkg.concurrentDownloads,
  downloadsPerDay: pkg.downloadsPer24Hours,
  downloadSizePerDay: pkg.downloadSizePer24Hours,
  downloadSpeed: pkg.downloadSpeed,
  keepsInactiveDays: pkg.daysToKeepInactiveFiles,
  maxImports: pkg.maxRemoteDownloadUrls,
})

const apisOf = ({ apiAccess, flamenetApi }: Package): TokenKind[] => [
  ...(apiAccess ? (['nating', 'yetishare'] as const) : []),
  ...(flamenetApi ? (['flamenet'] as const) : []),
]

async function pageOf({ core, account }: Pick<Call, 'core' | 'account'>): Promise<AccountPage> {
  const pkg = await core.packages.of(account)
  const secondFactor = await core.secondFactors.state(account)
  return { profile: toProfile(account), usage: toUsage(account, pkg), secondFactor, apis: apisOf(pkg) }
}

const TITLES = ['Mr', 'Ms', 'Mrs', 'Miss', 'Dr']
const LONGEST_NAME = 100

function personName(body: Fields, field: 'firstName' | 'lastName'): string | null | undefined {
  const name = nullableText(body, field)?.trim()
  if (name !== undefined && name.length > LONGEST_NAME)
    throw invalid(field, `A name has at most ${LONGEST_NAME} characters.`)
  return name === '' || body[field] === null ? null : name
}

function titleField(body: Fields): string | null | undefined {
  const title = nullableText(body, 'title')
  if (typeof title === 'string' && title !== '' && !TITLES.includes(title))
    throw invalid('title', `The title is one of ${TITLES.join(', ')}.`)
  return title === '' ? null : title
}

/** Only what is in the body. */
function readProfile(body: Fields): AccountChange {
  const change: AccountChange = {
    email: nullableText(body, 'email'),
    title: titleField(body),
    firstName: personName(body, 'firstName'),
    lastName: personName(body, 'lastName'),
    ...(body.defaultVisibility !== undefined && {
      defaultVisibility: visibilityField({ visibility: body.defaultVisibility }),
    }),
  }
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}

/** An address is what a lost account is found again by. */
export const isNewEmail = (account: Account, { email }: AccountChange): boolean =>
  email !== undefined && (email?.trim() || null) !== account.email

export function accountRoutes(deps: WebDeps) {
  const call = calls(deps)
  const prove = freshProof(deps)
  const proveFully = fullProof(deps)
  return new Elysia()
    .get('/web/account', call(pageOf), hidden)
    .patch(
      '/web/account',
      call(async (given) => {
        const { core, account, body } = given
        const change = readProfile(body)
        if (isNewEmail(account, change)) await prove(given)
        const changed = await core.accounts.change(account.id, change)
        await noteOwn(given, 'profile.changed', Object.keys(change).join(', '))
        return pageOf({ core, account: changed })
      }),
      changing,
    )
    .delete(
      '/web/account',
      call(async (given) => {
        await proveFully(given)
        await given.core.accounts.delete(given.account.id)
        await noteOwn(given, 'account.deleted', 'by its owner')
        return { status: 'ok' }
      }),
      changing,
    )
    .post(
      '/web/account/password',
      call(async (given) => {
        const { core, account, body, session } = given
        const next = textField(body, 'newPassword')
        await prove(given)
        await core.accounts.changePassword(account, { next, keptSessionId: session.id })
        await noteOwn(given, 'password.changed')
        return { status: 'ok' }
      }),
      changing,
    )
    .get(
      '/web/account/activity',
      call(async ({ core, account, query }) => {
        const { entries, beforeId } = await core.audit.list(beforeParam(query), { actorId: account.id })
        return { entries: entries.map(toAudit), before: beforeId }
      }),
      hidden,
    )
}
