/** Everybody's accounts, for administrators: `/web/admin/accounts`. */
import { Elysia } from 'elysia'
import type { AccountChange, NewAccountInput } from '../../core/accounts.ts'
import { invalid } from '../../core/fault.ts'
import type { ListedAccount } from '../../core/metadata.ts'
import type { AccountStatus } from '../../core/model.ts'
import type { Fields } from '../../http/fields.ts'
import { accountId } from '../../http/path-ids.ts'
import type { WebDeps } from '../session.ts'
import type { AdminAccount, AdminAccounts } from '../wire/admin.ts'
import { isNewEmail } from './account.ts'
import { type AdminCall, adminCalls } from './admin-calls.ts'
import { type Call, changing, hidden } from './calls.ts'
import { freshProof } from './proof.ts'
import { nullableText, optionalText, readSlice, textField } from './read.ts'

const STATUSES: readonly AccountStatus[] = ['pending', 'active', 'disabled', 'suspended']

function statusField(body: Fields): AccountStatus | undefined {
  if (body.status === undefined) return undefined
  const status = STATUSES.find((one) => one === body.status)
  if (status === undefined) throw invalid('status', `The status is one of ${STATUSES.join(', ')}.`)
  return status
}

function adminField({ isAdmin }: Fields): boolean | undefined {
  if (isAdmin !== undefined && typeof isAdmin !== 'boolean')
    throw invalid('isAdmin', 'The value of "isAdmin" is not valid.')
  return isAdmin
}

/** Only what is in the body. */
function readChange(body: Fields): AccountChange {
  const change: AccountChange = {
    name: optionalText(body, 'name'),
    email: nullableText(body, 'email'),
    packageName: optionalText(body, 'package'),
    status: statusField(body),
    isAdmin: adminField(body),
    password: optionalText(body, 'password'),
  }
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}

/** `password` of the body is that of somebody else. */
const proofOf = (given: AdminCall): AdminCall => ({ ...given, body: {} })

/** What gives power over the site or over somebody. A page may send role and address as they are. */
async function givesPower({ core }: AdminCall, id: number, change: AccountChange): Promise<boolean> {
  const account = await core.accounts.get(id)
  const isNewRole = (change.isAdmin ?? account.isAdmin) !== account.isAdmin
  return change.password !== undefined || isNewRole || isNewEmail(account, change)
}

const readNew = (body: Fields): NewAccountInput => ({
  name: textField(body, 'name'),
  password: textField(body, 'password'),
  email: nullableText(body, 'email') ?? null,
  packageName: optionalText(body, 'package'),
  isAdmin: adminField(body) ?? false,
})

async function listed({ core, query }: Call): Promise<AdminAccounts> {
  const slice = readSlice(query)
  const { items, total } = await core.oversight.accounts(query.get('q') ?? '', slice)
  const names = new Map((await core.packages.list()).map(({ id, name }) => [id, name]))
  const accounts = await Promise.all(
    items.map(async (item) =>
      toAccount(item, names.get(item.packageId) ?? '', await core.secondFactors.isOn(item.id)),
    ),
  )
  return { accounts, total, offset: slice.offset }
}

const toAccount = (account: ListedAccount, pkg: string, secondFactor: boolean): AdminAccount => ({
  id: account.id,
  name: account.name,
  email: account.email,
  isAdmin: account.isAdmin,
  status: account.status,
  package: pkg,
  stored: account.storageUsed,
  reserved: account.storageReserved,
  files: account.files,
  secondFactor,
  created: account.createdAt.toISOString(),
})

export function adminAccountRoutes(deps: WebDeps) {
  const call = adminCalls(deps)
  const prove = freshProof(deps)
  return new Elysia()
    .get('/web/admin/accounts', call(listed), hidden)
    .post(
      '/web/admin/accounts',
      call(async (given) => {
        const { core, by, body } = given
        const wanted = readNew(body)
        if (wanted.isAdmin) await prove(proofOf(given))
        return { id: (await core.oversight.addAccount(by, wanted)).id }
      }),
      changing,
    )
    .patch(
      '/web/admin/accounts/:id',
      call(async (given) => {
        const { core, by, params, body } = given
        const id = accountId(params.id)
        const change = readChange(body)
        if (await givesPower(given, id, change)) await prove(proofOf(given))
        const changed = await core.oversight.changeAccount(by, id, change)
        return { id: changed.id }
      }),
      changing,
    )
    .delete(
      '/web/admin/accounts/:id',
      call(async (given) => {
        const { core, by, params } = given
        const { id } = await core.accounts.get(accountId(params.id))
        await prove(proofOf(given))
        await core.oversight.deleteAccount(by, id)
        return { status: 'ok' }
      }),
      changing,
    )
    .delete(
      '/web/admin/accounts/:id/second-factor',
      call(async (given) => {
        const { core, by, params } = given
        const { id } = await core.accounts.get(accountId(params.id))
        await prove(proofOf(given))
        await core.oversight.resetSecondFactor(by, id)
        return { status: 'ok' }
      }),
      changing,
    )
}
