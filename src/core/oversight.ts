/** What administrators see and do: the site as a whole, everybody's accounts and files. */
import type { AccountChange, AccountService, NewAccountInput } from './accounts.ts'
import type { AuditAction, AuditService } from './audit.ts'
import { type Clock, plusSeconds } from './clock.ts'
import { Fault } from './fault.ts'
import type { LiveSettings } from './live-settings.ts'
import type { ListedAccount, ListedFile, MetadataStore, SiteDay, SiteTotals, Slice } from './metadata.ts'
import type { Account, FileRecord, Package, ReportResolution } from './model.ts'
import { PACKAGE_COLUMNS, type PackageService } from './packages.ts'
import type { ReportService } from './reports.ts'
import type { SecondFactorService } from './second-factors.ts'
import type { StorageDriver } from './storage.ts'

const DAYS_SHOWN = 30
const FILES_SHOWN = 100

/** The administrator who acts, and from where. */
export interface Administrator {
  account: Account
  ip: string
}

export interface Dashboard extends SiteTotals {
  /** Bytes that can still be written, null when that is unknown or endless. */
  freeBytes: number | null
  /** Reports of files that wait. */
  openReports: number
  /** The last 30 days with downloads, the oldest first. */
  days: SiteDay[]
}

export interface OversightService {
  dashboard(): Promise<Dashboard>
  /** By a part of the name or the e-mail address. */
  accounts(text: string, slice: Slice): Promise<{ items: ListedAccount[]; total: number }>
  /** Faults: those of AccountService.create. */
  addAccount(by: Administrator, input: NewAccountInput): Promise<Account>
  /** Faults: those of AccountService.change; forbidden for oneself's status. */
  changeAccount(by: Administrator, id: number, change: AccountChange): Promise<Account>
  /** With everything it owns. Faults: account_not_found, forbidden (oneself). */
  deleteAccount(by: Administrator, id: number): Promise<void>
  /** For who has lost authenticator and recovery codes. Fault: account_not_found. */
  resetSecondFactor(by: Administrator, id: number): Promise<void>
  /** By a part of the name, the slug, or the owner's name; `beforeId` of the next page. */
  files(text: string, beforeId: number | null): Promise<{ items: ListedFile[]; beforeId: number | null }>
  /** To the trash of its owner. Fault: file_not_found. */
  trashFile(by: Administrator, id: number): Promise<FileRecord>
  /** Faults: package_not_found, invalid. */
  changePackage(by: Administrator, name: string, columns: Record<string, string>): Promise<Package>
  /** Faults: name_taken, invalid. */
  addPackage(by: Administrator, name: string, columns: Record<string, string>): Promise<Package>
  /** Fault: invalid. */
  changeSettings(by: Administrator, changes: Parameters<LiveSettings['change']>[0]): Promise<void>
  /** Fault: report_not_found. */
  resolveReport(by: Administrator, id: number, resolution: ReportResolution): Promise<void>
}

interface Deps {
  metadata: Pick<MetadataStore, 'oversight' | 'files' | 'reports'>
  storage: Pick<StorageDriver, 'freeBytes'>
  accounts: AccountService
  packages: PackageService
  secondFactors: SecondFactorService
  audit: AuditService
  live: Pick<LiveSettings, 'change'>
  reports: Pick<ReportService, 'resolve'>
  clock: Clock
}

export function createOversight(deps: Deps): OversightService {
  const { metadata, storage, accounts, packages, secondFactors, audit, live, reports, clock } = deps

  const note = ({ account, ip }: Administrator, action: AuditAction, subject: string, detail = '') =>
    audit.note({ actor: account, ip, action, subject, detail })

  return {
    async dashboard() {
      const from = plusSeconds(clock.now(), -(DAYS_SHOWN - 1) * 86_400)
        .toISOString()
        .slice(0, 10)
      return {
        ...(await metadata.oversight.totals()),
        freeBytes: await storage.freeBytes(),
        openReports: await metadata.reports.countOpen(),
        days: await metadata.oversight.days(from),
      }
    },
    accounts: (text, slice) => metadata.oversight.accounts(text.trim(), slice),
    async addAccount(by, input) {
      const added = await accounts.create(input)
      await note(by, 'account.added', added.name)
      return added
    },
    async changeAccount(by, id, change) {
      if (id === by.account.id && change.status !== undefined && change.status !== 'active')
        throw new Fault('forbidden', 'You cannot lock yourself out.')
      const changed = await accounts.change(id, change)
      await note(by, 'account.changed', changed.name, describe(change))
      return changed
    },
    async deleteAccount(by, id) {
      if (id === by.account.id) throw new Fault('forbidden', 'You cannot delete yourself.')
      const { name } = await accounts.get(id)
      await accounts.delete(id)
      await note(by, 'account.deleted', name)
    },
    async resetSecondFactor(by, id) {
      const { name } = await accounts.get(id)
      await secondFactors.reset(id)
      await note(by, 'account.second_factor_reset', name)
    },
    async files(text, beforeId) {
      const items = await metadata.oversight.files(text.trim(), { limit: FILES_SHOWN, beforeId })
      return { items, beforeId: items.length === FILES_SHOWN ? (items.at(-1)?.file.id ?? null) : null }
    },
    async trashFile(by, id) {
      const file = await metadata.files.find(id)
      if (file?.status !== 'active') throw new Fault('file_not_found')
      const trashed = await metadata.files.trash(file.accountId, id, clock.now())
      await note(by, 'file.trashed', file.name, file.slug)
      return trashed
    },
    async changePackage(by, name, columns) {
      const changed = await packages.set(name, columns)
      await note(by, 'package.changed', changed.name, JSON.stringify(columns))
      return changed
    },
    async addPackage(by, name, columns) {
      const added = await packages.add(name, columns)
      await note(by, 'package.added', added.name, JSON.stringify(columns))
      return added
    },
    async changeSettings(by, changes) {
      await live.change(changes)
      for (const [name, value] of Object.entries(changes))
        await note(by, 'setting.changed', name, value === null ? 'as configured' : String(value))
    },
    async resolveReport(by, id, resolution) {
      const report = await reports.resolve(by.account, id, resolution)
      await note(by, `report.${resolution}`, report.fileName, report.slug)
    },
  }
}

/** What of an account was changed, and to what; of a password only that it was. */
const describe = ({ password, packageName, ...change }: AccountChange): string =>
  Object.entries({ ...change, package: packageName, ...(password !== undefined && { password: 'new' }) })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value instanceof Date ? value.toISOString() : value}`)
    .join(', ')

/** A package as administrators see it: by the names of its columns. */
export const columnsOf = (pkg: Package): Record<string, string | number | boolean> =>
  Object.fromEntries(Object.entries(PACKAGE_COLUMNS).map(([column, key]) => [column, pkg[key]]))
