/** kist user: accounts. */
import type { AccountChange } from '../core/accounts.ts'
import { randomIds } from '../core/ids.ts'
import type { Account, AccountStatus } from '../core/model.ts'
import { type Action, CONFIG_OPTION, type Command, type Given, UsageError } from './command.ts'
import { readPassword, tabbed, writeLine } from './streams.ts'
import { withCore } from './workplace.ts'

const PASSWORD_OPTION = { 'password-stdin': { about: 'read the password from standard input' } }
const PACKAGE_OPTION = { package: { value: 'NAME', about: 'package that sets the limits of the account' } }

const add: Action = {
  about:
    'Makes an account and prints its number; without --password-stdin also makes a password and prints it on\nthe second line.',
  words: ['NAME'],
  options: {
    ...PASSWORD_OPTION,
    email: { value: 'ADDRESS', about: 'e-mail address' },
    admin: { about: 'the account may administer this installation' },
    ...PACKAGE_OPTION,
    ...CONFIG_OPTION,
  },
  async run(given) {
    const [name = ''] = given.words
    const made = given.has('password-stdin') ? null : randomIds.secret(12)
    const password = made ?? (await readPassword())
    const account = await withCore(given, ({ accounts }) =>
      accounts.create({
        name,
        password,
        email: given.text('email') ?? null,
        isAdmin: given.has('admin'),
        packageName: given.text('package'),
      }),
    )
    writeLine(String(account.id))
    if (made !== null) writeLine(made)
    return 0
  },
}

const list: Action = {
  about:
    'Lists accounts, one a line, separated by tabs: number, name, e-mail, package, status, admin or user, bytes used,\nbytes reserved by uploads under way, created.',
  options: CONFIG_OPTION,
  run: (given) =>
    withCore(given, async ({ accounts, packages }) => {
      const names = new Map((await packages.list()).map(({ id, name }) => [id, name]))
      for (const account of await accounts.list()) writeLine(row(account, names.get(account.packageId) ?? ''))
      return 0
    }),
}

const row = (account: Account, pkg: string): string =>
  tabbed([
    account.id,
    account.name,
    account.email,
    pkg,
    account.status,
    account.isAdmin ? 'admin' : 'user',
    account.storageUsed,
    account.storageReserved,
    account.createdAt,
  ])

const set: Action = {
  about:
    'Changes an account. A suspended one is signed out and its tokens are refused until it is active again.',
  words: ['NAME'],
  options: {
    ...PACKAGE_OPTION,
    status: { value: 'active|suspended', about: 'whether the account may be used' },
    ...PASSWORD_OPTION,
    ...CONFIG_OPTION,
  },
  async run(given) {
    const [name = ''] = given.words
    const change = await readChange(given)
    await withCore(given, ({ accounts }) => accounts.change(name, change))
    return 0
  },
}

async function readChange(given: Given): Promise<AccountChange> {
  const change: AccountChange = {}
  const packageName = given.text('package')
  if (packageName !== undefined) change.packageName = packageName
  const status = given.text('status')
  if (status !== undefined) change.status = readStatus(status)
  if (given.has('password-stdin')) change.password = await readPassword()
  if (Object.keys(change).length === 0) {
    throw new UsageError('kist user set needs --package, --status or --password-stdin')
  }
  return change
}

function readStatus(value: string): AccountStatus {
  if (value === 'active' || value === 'suspended') return value
  throw new UsageError(`--status is "${value}"; it must be active or suspended`)
}

const remove: Action = {
  about: 'Deletes an account with its files, folders and tokens.',
  words: ['NAME'],
  options: CONFIG_OPTION,
  async run(given) {
    const [name = ''] = given.words
    await withCore(given, ({ accounts }) => accounts.delete(name))
    return 0
  },
}

export const command: Command = { actions: { add, list, set, delete: remove } }
