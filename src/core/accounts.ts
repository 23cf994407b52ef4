/** Who owns files: sign-up, sign-in, suspension. */
import type { Clock } from './clock.ts'
import { Fault, invalid } from './fault.ts'
import type { AccountProfile, MetadataStore } from './metadata.ts'
import type { Account, AccountStatus, Visibility } from './model.ts'
import { ADMIN_PACKAGE, type PackageService } from './packages.ts'
import type { PasswordHasher } from './passwords.ts'
import { NEEDS_CODE } from './sign-in-tries.ts'

export interface NewAccountInput {
  name: string
  password: string
  email?: string | null
  isAdmin?: boolean
  /** Name of a package; the configured one for new accounts when absent, Admin for an admin. */
  packageName?: string
  profile?: AccountProfile
  status?: AccountStatus
  /** For an API whose contract knows no least length of passwords. */
  anyPassword?: boolean
}

export interface AccountChange extends AccountProfile {
  name?: string
  email?: string | null
  packageName?: string
  status?: AccountStatus
  isAdmin?: boolean
  /** Of new files. */
  defaultVisibility?: Visibility
  password?: string
}

export interface PasswordChange {
  next: string
  /** All other sessions, and whatever else came of the old password, end. */
  keptSessionId: number
}

export interface AccountService {
  /** Faults: invalid (name, password, email), name_taken, email_taken, package_not_found. */
  create(input: NewAccountInput): Promise<Account>
  /**
   * For programs, by password alone. Unknown name, wrong password, suspended account, and one that has a second
   * factor are one Fault: bad_credentials.
   */
  signIn(name: string, password: string): Promise<Account>
  /** As `signIn`, for a caller that asks for the second factor itself. Fault: bad_credentials. */
  verify(name: string, password: string): Promise<Account>
  /** That whoever is signed in knows the password, too. Fault: wrong_password. */
  requirePassword(account: Account, password: string): Promise<void>
  /**
   * The owner's own change, who has proved who it is; that browser session goes on. Faults: invalid; bad_credentials
   * when somebody else has changed the password or the status meanwhile.
   */
  changePassword(account: Account, change: PasswordChange): Promise<void>
  /** Faults: email_taken, name_taken, in this order, when an account but `self` has one of them. */
  requireFree(wanted: { name?: string; email?: string }, self?: number): Promise<void>
  /** Fault: account_not_found. */
  getByName(name: string): Promise<Account>
  /**
   * Tells an unknown name from a wrong password, as the uploader API does. Faults: account_not_found,
   * wrong_password (also for an account that is not active).
   */
  signInByName(name: string, password: string): Promise<Account>
  /** Fault: account_not_found. */
  get(id: number): Promise<Account>
  list(): Promise<Account[]>
  /**
   * By name or id. Faults: account_not_found, package_not_found, name_taken, email_taken, invalid; forbidden when no
   * active administrator would be left.
   */
  change(who: string | number, change: AccountChange): Promise<Account>
  /** By name or id, with everything it owns. Faults: account_not_found; forbidden for the only active administrator. */
  delete(who: string | number): Promise<void>
  hasAdmin(): Promise<boolean>
}

interface Deps {
  metadata: MetadataStore
  packages: PackageService
  passwords: PasswordHasher
  clock: Clock
  /** Package of accounts that are made without naming one. */
  defaultPackage: string
}

/** UTF-16 units; hashing more would only cost time. */
const LONGEST_PASSWORD = 1024
const LEAST_PASSWORD = 8

/** A hash of a password nobody has: an unknown name costs as much time as a known one. */
const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$3zGkNkYqJ0gBdv0dVjDPoqXyIPdU5nPZ2eB9C5p3CKc'

export function createAccounts({
  metadata,
  packages,
  passwords,
  clock,
  defaultPackage,
}: Deps): AccountService {
  const getByName = async (name: string): Promise<Account> => {
    const account = await metadata.accounts.findByName(name)
    if (!account) throw new Fault('account_not_found', `There is no account named ${name}.`)
    return account
  }
  const get = async (id: number): Promise<Account> => {
    const account = await metadata.accounts.find(id)
    if (!account) throw new Fault('account_not_found')
    return account
  }
  const resolve = (who: string | number): Promise<Account> =>
    typeof who === 'string' ? getByName(who) : get(who)

  /** What is too long to be one costs as much time as any other. */
  const isPassword = async (given: string, hash: string): Promise<boolean> => {
    const isTooLong = given.length > LONGEST_PASSWORD
    return (await passwords.verify(isTooLong ? '' : given, hash)) && !isTooLong
  }

  const requirePassword: AccountService['requirePassword'] = async ({ passwordHash }, password) => {
    if (!(await isPassword(password, passwordHash))) throw new Fault('wrong_password')
  }

  const verify = async (name: string, password: string): Promise<Account> => {
    const account = await metadata.accounts.findByName(name.trim())
    const matches = await isPassword(password, account?.passwordHash ?? NOBODY)
    if (!account || !matches || account.status !== 'active') throw new Fault('bad_credentials')
    return account
  }
  const hasSecondFactor = async ({ id }: Account): Promise<boolean> =>
    (await metadata.secondFactors.find(id))?.confirmedAt != null

  const create = async (input: NewAccountInput): Promise<Account> => {
    const { isAdmin = false, profile = {}, status = 'active' } = input
    const name = readName(input.name)
    const email = readEmail(input.email ?? null)
    const password = readPassword(input.password, input.anyPassword ? 1 : LEAST_PASSWORD)
    const pkg = await packages.getByName(input.packageName ?? (isAdmin ? ADMIN_PACKAGE : defaultPackage))
    if (await metadata.accounts.findByName(name)) throw nameTaken(name)
    const passwordHash = await passwords.hash(password)
    const record = { name, email, passwordHash, isAdmin, packageId: pkg.id, defaultVisibility: 1 as const }
    return metadata.accounts.create({ ...record, status, profile, createdAt: clock.now() })
  }

  const toUpdate = async ({ packageName, password, name, email, ...rest }: AccountChange) => ({
    ...rest,
    ...(name !== undefined && { name: readName(name) }),
    ...(email !== undefined && { email: readEmail(email) }),
    ...(packageName !== undefined && { packageId: (await packages.getByName(packageName)).id }),
    ...(password !== undefined && { passwordHash: await passwords.hash(readPassword(password)) }),
  })

  return {
    create,
    verify,
    async signIn(name, password) {
      const account = await verify(name, password)
      if (await hasSecondFactor(account)) throw new Fault('bad_credentials', undefined, { cause: NEEDS_CODE })
      return account
    },
    async signInByName(name, password) {
      const account = await getByName(name.trim())
      const matches = await isPassword(password, account.passwordHash)
      if (!matches || account.status !== 'active') throw new Fault('wrong_password')
      if (await hasSecondFactor(account)) throw new Fault('wrong_password', undefined, { cause: NEEDS_CODE })
      return account
    },
    requirePassword,
    async changePassword(account, { next, keptSessionId }) {
      const wanted = readPassword(next)
      await metadata.accounts.update(account.id, {
        passwordHash: await passwords.hash(wanted),
        keptSessionId,
        proof: account,
      })
    },
    async requireFree({ name = '', email = '' }, self) {
      const sender = email.trim() === '' ? null : await metadata.accounts.findByEmail(email.trim())
      if (sender && sender.id !== self) throw new Fault('email_taken')
      const namesake = await metadata.accounts.findByName(name.trim())
      if (namesake && namesake.id !== self) throw nameTaken(name.trim())
    },
    getByName,
    get,
    list: () => metadata.accounts.list(),
    change: async (who, change) => metadata.accounts.update((await resolve(who)).id, await toUpdate(change)),
    delete: async (who) => metadata.accounts.delete((await resolve(who)).id, clock.now()),
    hasAdmin: () => metadata.accounts.hasAdmin(),
  }
}

const nameTaken = (name: string): Fault => new Fault('name_taken', `The name ${name} is already in use.`)

function readName(value: string): string {
  const name = value.trim()
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u.test(name)) {
    throw invalid('name', 'A user name has 1 to 64 letters, digits, blanks, dots, dashes, underscores or @.')
  }
  return name
}

function readPassword(value: string, least = LEAST_PASSWORD): string {
  if (value.length < least) throw invalid('password', `A password has at least ${least} characters.`)
  if (value.length > LONGEST_PASSWORD)
    throw invalid('password', `A password has at most ${LONGEST_PASSWORD} characters.`)
  return value
}

function readEmail(value: string | null): string | null {
  const email = value?.trim() ?? ''
  if (email === '') return null
  if (email.length > 254 || !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email))
    throw invalid('email', 'That is not an e-mail address.')
  return email
}
