/** kist package: sets of limits. */
import type { Package } from '../core/model.ts'
import { PACKAGE_COLUMNS, type PackageColumn } from '../core/packages.ts'
import { type Action, CONFIG_OPTION, type Command, UsageError } from './command.ts'
import { tabbed, writeLine } from './streams.ts'
import { withCore } from './workplace.ts'

const COLUMNS = Object.entries(PACKAGE_COLUMNS)

const MEANINGS: Record<PackageColumn, string> = {
  max_upload_size: 'bytes of one file',
  can_upload: '1 or 0: whether its accounts may upload',
  wait_between_downloads: 'seconds from one download to the next',
  download_speed: 'bytes a second, of all connections together',
  max_storage_bytes: 'bytes of all files',
  show_site_adverts: '1 or 0, told to clients of the YetiShare API',
  show_upgrade_screen: '1 or 0, told to clients of the YetiShare API',
  days_to_keep_inactive_files: 'days without a download until a file goes',
  concurrent_uploads: 'upload sessions at the same time',
  concurrent_downloads: 'connections at the same time',
  downloads_per_24_hours: 'downloads within 24 hours',
  download_size_per_24_hours: 'bytes within 24 hours',
  max_download_filesize_allowed: 'bytes of a file that may be downloaded',
  max_remote_download_urls: 'unfinished imports from URLs at the same time',
  level_type:
    '"nonuser", "free user", "paid user", "moderator" or "admin", told to clients of the YetiShare API',
  on_upgrade_page: '1 or 0, told to clients of the YetiShare API',
  api_access: '1 or 0: whether the nating and YetiShare APIs may be used',
  flamenet_api: '1 or 0: whether the Flamenet API may be used',
  wait_before_download: 'seconds that the page of a file counts down',
}

const list: Action = {
  about:
    'Lists packages, one a line, separated by tabs: number, name and every limit as KEY=VALUE. 0 is no limit.',
  options: CONFIG_OPTION,
  run: (given) =>
    withCore(given, async ({ packages }) => {
      for (const pkg of await packages.list()) writeLine(row(pkg))
      return 0
    }),
}

function row(pkg: Package): string {
  const limits = COLUMNS.map(([column, field]) => {
    const value = pkg[field]
    return `${column}=${typeof value === 'boolean' ? Number(value) : value}`
  })
  return tabbed([pkg.id, pkg.name, ...limits])
}

const WIDTH = Math.max(...Object.keys(MEANINGS).map((key) => key.length))
const meanings = Object.entries(MEANINGS).map(([key, meaning]) => `${key.padEnd(WIDTH)}  ${meaning}`)
const KEYS = `Keys; of what is a number, 0 is no limit:\n  ${meanings.join('\n  ')}`

const set: Action = {
  about: `Changes limits of a package, at once for all its accounts.\n\n${KEYS}`,
  words: ['NAME', 'KEY=VALUE...'],
  options: CONFIG_OPTION,
  async run(given) {
    const [name = '', ...pairs] = given.words
    const values = readPairs(pairs)
    await withCore(given, ({ packages }) => packages.set(name, values))
    return 0
  },
}

const add: Action = {
  about: `Adds a package and prints its number. Without keys: can_upload=1 api_access=1 level_type="paid user", the rest 0.\n\n${KEYS}`,
  words: ['NAME', '[KEY=VALUE]...'],
  options: CONFIG_OPTION,
  async run(given) {
    const [name = '', ...pairs] = given.words
    const values = readPairs(pairs)
    const pkg = await withCore(given, ({ packages }) => packages.add(name, values))
    writeLine(String(pkg.id))
    return 0
  },
}

function readPairs(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UsageError(`"${pair}" is not of the form KEY=VALUE`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

export const command: Command = { actions: { list, set, add } }
