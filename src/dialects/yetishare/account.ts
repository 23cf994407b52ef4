/** The account, its package, and what an admin can do to others. */

import { Fault, invalid } from '../../core/fault.ts'
import type { AccountProfile } from '../../core/metadata.ts'
import type { Account, AccountStatus } from '../../core/model.ts'
import { NEW_PACKAGE } from '../../core/packages.ts'
import type { Action } from './action.ts'
import type { Call } from './call.ts'
import { toAccount, toDate, toPackage } from './wire.ts'

const NAME_LENGTH = 'The username param must be 6 to 50 characters in length.'
const ADMIN = 'API user must be an admin user for this endpoint.'
const NO_ADMINS = 'API can not be used to create admin or moderator accounts.'
const NO_SUCH_PACKAGE = 'Can not have package ids greater or equal to 10 or less than 0 via the API.'
const NO_SUCH_ACCOUNT = 'Failed loading a user account with the supplied account_id.'
const EDIT_ADMIN = 'You can not edit admin accounts via the API.'
const DELETE_ADMIN = 'You can not delete admin accounts via the API.'
const DELETE_SELF = 'You can not delete the current API user.'
const TAKEN = [
  'Email address already exists on another account',
  'Username already exists on another account',
]

const EXAMPLE = {
  id: '158642',
  username: 'ann.example',
  level_id: '1',
  email: 'ann@example.com',
  lastlogindate: '2026-11-22 01:30:00',
  lastloginip: '192.0.2.7',
  status: 'active',
  title: 'Ms',
  firstname: 'Ann',
  lastname: 'Example',
  languageId: '1',
  datecreated: '2026-01-02 08:00:00',
  lastPayment: null,
  paidExpiryDate: null,
  storageLimitOverride: null,
}

const EXAMPLE_PACKAGE = toPackage({ ...NEW_PACKAGE, id: 2, name: 'Free', levelType: 'free user' })

const account = async ({ core }: Call, of: Account) => toAccount(of, await core.packages.of(of))

const info: Action = {
  path: 'account/info',
  docs: { summary: 'The account', example: { data: EXAMPLE } },
  run: async (call) => ({ data: await account(call, call.account) }),
}

const ownPackage: Action = {
  path: 'account/package',
  docs: {
    summary: 'What the account may do',
    description: '0 means unlimited. Sizes in bytes, times in seconds.',
    example: { data: EXAMPLE_PACKAGE },
  },
  run: async ({ core, account }) => ({ data: toPackage(await core.packages.of(account)) }),
}

const PROFILE = {
  title: 'Mr, Ms, Mrs, Miss or Dr',
  firstname: 'First name',
  lastname: 'Last name',
  paid_expiry_date: 'Y-m-d H:i:s',
  status: 'pending, active, disabled or suspended',
  package_id: 'Id of a package, 1 to 9',
}

function requireAdmin({ caller }: Call): void {
  if (!caller.account.isAdmin) throw new Fault('forbidden', ADMIN)
}

/** Blank keeps what is there. Faults: invalid (title, status, date). */
function readProfile({ text }: Call): AccountProfile {
  const title = text('title')
  if (title && !['Mr', 'Ms', 'Mrs', 'Miss', 'Dr'].includes(title))
    throw invalid('title', `The title is not one of ${PROFILE.title}.`)
  const [firstName, lastName] = [text('firstname'), text('lastname')]
  return {
    ...(title && { title }),
    ...(firstName && { firstName: firstName.slice(0, 100) }),
    ...(lastName && { lastName: lastName.slice(0, 100) }),
    ...(text('paid_expiry_date') && { paidUntil: readDate(text('paid_expiry_date') ?? '') }),
  }
}

function readDate(value: string): Date {
  const date = new Date(`${value.replace(' ', 'T')}Z`)
  // A 31st of June would become the 1st of July.
  if (Number.isNaN(date.getTime()) || toDate(date) !== value)
    throw invalid('paid_expiry_date', 'paid_expiry_date must be Y-m-d H:i:s.')
  return date
}

function readStatus({ text }: Call): AccountStatus | undefined {
  const status = text('status')
  if (!status) return undefined
  const known: AccountStatus[] = ['pending', 'active', 'disabled', 'suspended']
  const found = known.find((name) => name === status)
  if (!found) throw invalid('status', `status must be one of ${known.join(', ')}.`)
  return found
}

/** Fault: invalid for a package that is not there or is for admins. */
async function readPackage({ core, text }: Call): Promise<string | undefined> {
  const value = text('package_id')
  if (!value) return undefined
  const id = Number(value)
  if (!/^-?\d{1,9}$/.test(value) || id < 0) throw invalid('package_id', NO_SUCH_PACKAGE)
  const pkg = (await core.packages.list()).find((candidate) => candidate.id === id)
  if (pkg && ['admin', 'moderator'].includes(pkg.levelType)) throw invalid('package_id', NO_ADMINS)
  if (!pkg || id >= 10) throw invalid('package_id', NO_SUCH_PACKAGE)
  return pkg.name
}

/** Faults: invalid, email_taken, name_taken. */
async function requireFree({ core, text }: Call, self?: number): Promise<void> {
  const [name, email] = [text('username'), text('email')]
  if (name && !/^.{6,50}$/su.test(name)) throw invalid('username', NAME_LENGTH)
  await core.accounts.requireFree({ ...(name && { name }), ...(email && { email }) }, self)
}

async function readChange(call: Call) {
  const packageName = await readPackage(call)
  const status = readStatus(call)
  return { ...(packageName && { packageName }), ...(status && { status }), profile: readProfile(call) }
}

const create: Action = {
  path: 'account/create',
  docs: {
    summary: 'Make an account (admins)',
    parameters: {
      username: '6 to 50 characters',
      password: '8 characters or more',
      email: 'E-mail address',
      ...PROFILE,
    },
    errors: [
      ADMIN,
      'Please provide the username param.',
      'Please provide the password param.',
      'Please provide the email param.',
      ...TAKEN,
      NO_ADMINS,
      NO_SUCH_PACKAGE,
    ],
    example: { response: 'User successfully created.', data: EXAMPLE },
  },
  async run(call) {
    requireAdmin(call)
    const [name, password, email] = [
      call.required('username'),
      call.required('password'),
      call.required('email'),
    ]
    await requireFree(call)
    const made = await call.core.accounts.create({ name, password, email, ...(await readChange(call)) })
    return { response: 'User successfully created.', data: await account(call, made) }
  },
}

/** The account an admin names. Faults: forbidden, account_not_found. */
async function target(call: Call, refusal: string): Promise<Account> {
  requireAdmin(call)
  const id = call.required('account_id')
  if (!/^[1-9]\d{0,14}$/.test(id)) throw new Fault('account_not_found')
  const found = await call.core.accounts.get(Number(id))
  if (found.isAdmin && found.id !== call.caller.account.id) throw new Fault('forbidden', refusal)
  return found
}

const edit: Action = {
  path: 'account/edit',
  accountId: 'target',
  docs: {
    summary: 'Change an account (admins)',
    description: '`account_id` is that of the account to change. Blank keeps what is there.',
    parameters: { username: 'New name', password: 'New password', email: 'New e-mail address', ...PROFILE },
    errors: [ADMIN, NO_SUCH_ACCOUNT, EDIT_ADMIN, ...TAKEN, NO_ADMINS, NO_SUCH_PACKAGE],
    example: { response: 'User successfully updated.', data: EXAMPLE },
  },
  async run(call) {
    const found = await target(call, EDIT_ADMIN)
    if (found.isAdmin) throw new Fault('forbidden', EDIT_ADMIN)
    await requireFree(call, found.id)
    const [name, password, email] = [call.text('username'), call.text('password'), call.text('email')]
    const { profile, ...change } = await readChange(call)
    const credentials = { ...(name && { name }), ...(password && { password }), ...(email && { email }) }
    const changed = await call.core.accounts.change(found.id, { ...change, ...profile, ...credentials })
    return { response: 'User successfully updated.', data: await account(call, changed) }
  },
}

const remove: Action = {
  path: 'account/delete',
  accountId: 'target',
  docs: {
    summary: 'Delete an account with all it owns (admins)',
    description: '`account_id` is that of the account to delete.',
    errors: [ADMIN, NO_SUCH_ACCOUNT, DELETE_ADMIN, DELETE_SELF],
    example: { response: 'User successfully deleted.' },
  },
  async run(call) {
    const found = await target(call, DELETE_ADMIN)
    if (found.id === call.caller.account.id) throw new Fault('forbidden', DELETE_SELF)
    await call.core.accounts.delete(found.id)
    return { response: 'User successfully deleted.' }
  },
}

const packages: Action = {
  path: 'package/listing',
  accountId: 'optional',
  docs: {
    summary: 'All packages (admins)',
    description: 'Needs no account_id.',
    errors: [ADMIN],
    example: { data: { packages: [EXAMPLE_PACKAGE] } },
  },
  async run(call) {
    requireAdmin(call)
    return { data: { packages: (await call.core.packages.list()).map(toPackage) } }
  },
}

export const accountActions: Action[] = [info, ownPackage, create, edit, remove, packages]
