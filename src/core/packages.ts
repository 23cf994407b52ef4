/** What an account may do: the seeded packages, and the columns an operator can set. */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault } from './fault.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, Package, PackageLimits } from './model.ts'

type LimitType = 'number' | 'boolean' | 'text'

/** Column names as YetiShare's account/package spells them, beside ours. */
export const PACKAGE_COLUMNS = {
  max_upload_size: 'maxUploadSize',
  can_upload: 'canUpload',
  wait_between_downloads: 'waitBetweenDownloads',
  download_speed: 'downloadSpeed',
  max_storage_bytes: 'maxStorageBytes',
  show_site_adverts: 'showSiteAdverts',
  show_upgrade_screen: 'showUpgradeScreen',
  days_to_keep_inactive_files: 'daysToKeepInactiveFiles',
  concurrent_uploads: 'concurrentUploads',
  concurrent_downloads: 'concurrentDownloads',
  downloads_per_24_hours: 'downloadsPer24Hours',
  download_size_per_24_hours: 'downloadSizePer24Hours',
  max_download_filesize_allowed: 'maxDownloadFilesizeAllowed',
  max_remote_download_urls: 'maxRemoteDownloadUrls',
  level_type: 'levelType',
  on_upgrade_page: 'onUpgradePage',
  api_access: 'apiAccess',
  flamenet_api: 'flamenetApi',
  wait_before_download: 'waitBeforeDownload',
} as const satisfies Record<string, keyof PackageLimits>

export type PackageColumn = keyof typeof PACKAGE_COLUMNS

/** Limits of a package that was added without further keys. */
export const NEW_PACKAGE: PackageLimits = {
  maxUploadSize: 0,
  canUpload: true,
  waitBetweenDownloads: 0,
  downloadSpeed: 0,
  maxStorageBytes: 0,
  showSiteAdverts: false,
  showUpgradeScreen: false,
  daysToKeepInactiveFiles: 0,
  concurrentUploads: 0,
  concurrentDownloads: 0,
  downloadsPer24Hours: 0,
  downloadSizePer24Hours: 0,
  maxDownloadFilesizeAllowed: 0,
  maxRemoteDownloadUrls: 0,
  levelType: 'paid user',
  onUpgradePage: false,
  apiAccess: true,
  flamenetApi: false,
  waitBeforeDownload: 0,
}

const MiB = 1024 ** 2
const GiB = 1024 ** 3
const TiB = 1024 ** 4

const GUEST_PACKAGE = 'Guest'
export const ADMIN_PACKAGE = 'Admin'

/** The packages of a first start. */
export const SEEDED_PACKAGES: Array<{ name: string; limits: PackageLimits }> = [
  {
    name: GUEST_PACKAGE,
    limits: {
      ...NEW_PACKAGE,
      levelType: 'nonuser',
      apiAccess: false,
      maxUploadSize: 100 * MiB,
      daysToKeepInactiveFiles: 90,
    },
  },
  { name: 'Free', limits: { ...NEW_PACKAGE, levelType: 'free user', maxStorageBytes: 100 * MiB } },
  { name: 'Bronze', limits: { ...NEW_PACKAGE, maxStorageBytes: GiB, onUpgradePage: true } },
  {
    name: 'Silver',
    limits: { ...NEW_PACKAGE, maxStorageBytes: 5 * GiB, onUpgradePage: true, flamenetApi: true },
  },
  {
    name: 'Gold',
    limits: { ...NEW_PACKAGE, maxStorageBytes: 6 * TiB, onUpgradePage: true, flamenetApi: true },
  },
  { name: ADMIN_PACKAGE, limits: { ...NEW_PACKAGE, levelType: 'admin', flamenetApi: true } },
]

const isColumn = (key: string): key is PackageColumn => Object.hasOwn(PACKAGE_COLUMNS, key)
const typeOf = (column: PackageColumn): LimitType => {
  const sample = NEW_PACKAGE[PACKAGE_COLUMNS[column]]
  return typeof sample === 'number' ? 'number' : typeof sample === 'boolean' ? 'boolean' : 'text'
}

/** Reads `{ max_upload_size: '0', … }`. Fault: invalid, naming the column. */
export function parseLimits(values: Record<string, string>): Partial<PackageLimits> {
  const limits: Record<string, number | boolean | string> = {}
  for (const [key, value] of Object.entries(values)) {
    if (!isColumn(key)) {
      const known = Object.keys(PACKAGE_COLUMNS).join(', ')
      throw new Fault('invalid', `${key} is not a package key. Known: ${known}.`, { field: key })
    }
    limits[PACKAGE_COLUMNS[key]] = parseLimit(key, value)
  }
  return limits as Partial<PackageLimits>
}

function parseLimit(column: PackageColumn, value: string): number | boolean | string {
  const refuse = (allowed: string) => new Fault('invalid', `${column} must be ${allowed}.`, { field: column })
  switch (typeOf(column)) {
    case 'number':
      if (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(Number(value)))
        throw refuse('a whole number, 0 or more')
      return Number(value)
    case 'boolean':
      if (value !== '0' && value !== '1') throw refuse('0 or 1')
      return value === '1'
    case 'text':
      if (value.trim() === '' || value.length > 50) throw refuse('a text of 1 to 50 characters')
      return value.trim()
  }
}

export interface PackageService {
  list(): Promise<Package[]>
  /** Of an account, or of guests. Fault: package_not_found. */
  of(account: Account | null): Promise<Package>
  /**
   * Likewise, null for guests; known for a second, so that it costs the path of every download no query. What
   * another process changes holds from then on, what this one changes at once. Fault: package_not_found.
   */
  limitsOf(id: number | null): Promise<Package>
  /** Fault: package_not_found. */
  get(id: number): Promise<Package>
  /** Fault: package_not_found. */
  getByName(name: string): Promise<Package>
  /** Faults: name_taken, invalid. */
  add(name: string, values: Record<string, string>): Promise<Package>
  /** Faults: package_not_found, invalid. */
  set(name: string, values: Record<string, string>): Promise<Package>
}

const KNOWN_SECONDS = 1

export function createPackages({
  metadata,
  clock,
}: {
  metadata: MetadataStore
  clock: Clock
}): PackageService {
  const known = new Map<number | null, { pkg: Promise<Package>; until: Date }>()
  const getByName = async (name: string): Promise<Package> => {
    const pkg = await metadata.packages.findByName(name)
    if (!pkg) throw new Fault('package_not_found', `There is no package named ${name}.`)
    return pkg
  }
  const get = async (id: number): Promise<Package> => {
    const pkg = await metadata.packages.find(id)
    if (!pkg) throw new Fault('package_not_found')
    return pkg
  }
  return {
    list: () => metadata.packages.list(),
    limitsOf(id) {
      const now = clock.now()
      const recent = known.get(id)
      if (recent && now < recent.until) return recent.pkg
      const pkg = id === null ? getByName(GUEST_PACKAGE) : get(id)
      known.set(id, { pkg, until: plusSeconds(now, KNOWN_SECONDS) })
      pkg.catch(() => known.delete(id))
      return pkg
    },
    of: (account) => (account ? get(account.packageId) : getByName(GUEST_PACKAGE)),
    get,
    getByName,
    async add(name, values) {
      const trimmed = name.trim()
      if (!/^[\p{L}\p{N} ._-]{1,50}$/u.test(trimmed)) {
        throw new Fault('invalid', 'A package name has 1 to 50 letters, digits, spaces, dots, dashes.', {
          field: 'name',
        })
      }
      return metadata.packages.create(trimmed, { ...NEW_PACKAGE, ...parseLimits(values) })
    },
    async set(name, values) {
      const limits = parseLimits(values)
      const changed = await metadata.packages.update((await getByName(name)).id, limits)
      known.clear()
      return changed
    },
  }
}
