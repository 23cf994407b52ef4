/** The site as a whole, for administrators: figures, packages, files, settings. */
import { Elysia } from 'elysia'
import { plusSeconds } from '../../core/clock.ts'
import { invalid } from '../../core/fault.ts'
import type { ListedFile, SiteDay } from '../../core/metadata.ts'
import type { Package } from '../../core/model.ts'
import { columnsOf } from '../../core/oversight.ts'
import type { Fields } from '../../http/fields.ts'
import { fileId, packageId } from '../../http/path-ids.ts'
import type { WebDeps } from '../session.ts'
import type { AdminFile, AdminPackage, DashboardView, SettingsView } from '../wire/admin.ts'
import { type AdminCall, adminCalls } from './admin-calls.ts'
import { changing, hidden } from './calls.ts'
import { beforeParam, textField } from './read.ts'

const DAYS = 30

/** Each of the last 30 days up to `today` (UTC), also those of which nothing is recorded. */
function everyDay(recorded: SiteDay[], today: Date): SiteDay[] {
  const known = new Map(recorded.map((one) => [one.day, one]))
  return Array.from({ length: DAYS }, (_, n) => {
    const day = plusSeconds(today, (n + 1 - DAYS) * 86_400)
      .toISOString()
      .slice(0, 10)
    return known.get(day) ?? { day, downloads: 0, bytes: 0 }
  })
}

const toPackage = (pkg: Package): AdminPackage => ({ id: pkg.id, name: pkg.name, columns: columnsOf(pkg) })

const toFile = ({ file, ownerName }: ListedFile): AdminFile => ({
  id: file.id,
  slug: file.slug,
  name: file.name,
  size: file.size,
  mimeType: file.mimeType,
  visibility: file.visibility,
  downloads: file.downloads,
  status: file.status === 'active' ? 'active' : 'trashed',
  owner: ownerName,
  created: file.createdAt.toISOString(),
})

/** `{ max_upload_size: 5, can_upload: true }` as the core reads it. Fault: invalid. */
function columnsField({ columns }: Fields): Record<string, string> {
  if (typeof columns !== 'object' || columns === null || Array.isArray(columns))
    throw invalid('columns', 'The columns are an object.')
  return Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, columnText(name, value)]))
}

function columnText(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(Number(value))
  throw invalid(name, `The value of "${name}" is not valid.`)
}

const settingsOf = ({ core }: Pick<AdminCall, 'core'>): SettingsView => ({
  now: { ...core.live.now },
  configured: { ...core.live.configured },
  changed: core.live.changed(),
})

export function dashboardRoutes(deps: WebDeps) {
  const call = adminCalls(deps)
  return new Elysia()
    .get(
      '/web/admin/dashboard',
      call(async ({ core }): Promise<DashboardView> => {
        const found = await core.oversight.dashboard()
        const liveDownloads = core.traffic.live().length
        return { ...found, days: everyDay(found.days, deps.now()), liveDownloads }
      }),
      hidden,
    )
    .get(
      '/web/admin/settings',
      call(async (given) => settingsOf(given)),
      hidden,
    )
    .patch(
      '/web/admin/settings',
      call(async (given) => {
        await given.core.oversight.changeSettings(given.by, given.body)
        return settingsOf(given)
      }),
      changing,
    )
}

export function adminPackageRoutes(deps: WebDeps) {
  const call = adminCalls(deps)
  return new Elysia()
    .get(
      '/web/admin/packages',
      call(async ({ core }) => ({ packages: (await core.packages.list()).map(toPackage) })),
      hidden,
    )
    .post(
      '/web/admin/packages',
      call(async ({ core, by, body }) =>
        toPackage(await core.oversight.addPackage(by, textField(body, 'name'), columnsField(body))),
      ),
      changing,
    )
    .patch(
      '/web/admin/packages/:id',
      call(async ({ core, by, params, body }) => {
        const { name } = await core.packages.get(packageId(params.id))
        return toPackage(await core.oversight.changePackage(by, name, columnsField(body)))
      }),
      changing,
    )
}

export function adminFileRoutes(deps: WebDeps) {
  const call = adminCalls(deps)
  return new Elysia()
    .get(
      '/web/admin/files',
      call(async ({ core, query }) => {
        const { items, beforeId } = await core.oversight.files(query.get('q') ?? '', beforeParam(query))
        return { files: items.map(toFile), before: beforeId }
      }),
      hidden,
    )
    .delete(
      '/web/admin/files/:id',
      call(async ({ core, by, params }) => {
        await core.oversight.trashFile(by, fileId(params.id))
        return { status: 'ok' }
      }),
      changing,
    )
}
