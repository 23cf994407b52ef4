/** Accounts and their packages as records. */
import type { Account, AccountStatus, Package, PackageLimits, Visibility } from '../model.ts'
import type { AccountProof } from './credentials.ts'

export interface NewAccount {
  name: string
  email: string | null
  passwordHash: string
  isAdmin: boolean
  packageId: number
  defaultVisibility: Visibility
  /** Active when absent. */
  status?: AccountStatus
  profile?: AccountProfile
  createdAt: Date
}

export type AccountProfile = Partial<Pick<Account, 'title' | 'firstName' | 'lastName' | 'paidUntil'>>

export interface AccountUpdate extends AccountProfile {
  name?: string
  email?: string | null
  packageId?: number
  status?: AccountStatus
  isAdmin?: boolean
  defaultVisibility?: Visibility
  passwordHash?: string
  /** The browser session that goes on when a new password ends all others. */
  keptSessionId?: number
  /** What the account has to be still, for the change to be made. */
  proof?: AccountProof
}

/** What the records of an account add up to, beside what its counters say. For check. */
export interface Ledger {
  accountId: number
  name: string
  storageUsed: number
  storageReserved: number
  filesTotal: number
  reservationsTotal: number
}

export interface AccountStore {
  /** Names and addresses are compared without letter case. Faults: name_taken, email_taken, package_not_found. */
  create(account: NewAccount): Promise<Account>
  find(id: number): Promise<Account | null>
  findByName(name: string): Promise<Account | null>
  findByEmail(email: string): Promise<Account | null>
  list(): Promise<Account[]>
  /**
   * Any status but active also ends the account's browser sessions and access tokens; a new password ends these
   * and its login tokens.
   * Faults: account_not_found, bad_credentials (see AccountProof), package_not_found, name_taken, email_taken; forbidden when no other active
   * administrator would be left.
   */
  update(id: number, update: AccountUpdate): Promise<Account>
  /**
   * Removes the account with its tokens, browser sessions, folders and files; aborts its open uploads, also
   * those completing. Faults: account_not_found; forbidden for the only active administrator.
   */
  delete(id: number, now: Date): Promise<void>
  hasAdmin(): Promise<boolean>
  noteSignIn(id: number, at: Date, ip: string): Promise<void>
  ledgers(): Promise<Ledger[]>
  /** Sets the counters to what the records add up to. */
  repairLedger(id: number): Promise<void>
}

export interface PackageStore {
  list(): Promise<Package[]>
  find(id: number): Promise<Package | null>
  /** Without letter case. */
  findByName(name: string): Promise<Package | null>
  /** Fault: name_taken. */
  create(name: string, limits: PackageLimits): Promise<Package>
  /** Fault: package_not_found. */
  update(id: number, limits: Partial<PackageLimits>): Promise<Package>
  /** Creates those of the given packages that do not exist; changes none. */
  seed(packages: Array<{ name: string; limits: PackageLimits }>): Promise<void>
}
