/** The settings table written out: the example file and the report of `kist config`. */
import { SETTINGS, type Setting } from './settings.ts'

/** One setting with its place: `storage.s3.part_checksums`. */
export interface Place {
  /** Path in the camelCase tree: `['storage', 's3', 'partChecksums']`. */
  readonly path: readonly string[]
  /** Name in files and errors. */
  readonly key: string
  /** Name in the environment. */
  readonly variable: string
  readonly setting: Setting<unknown>
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** All settings in the order of the table. */
export const PLACES: readonly Place[] = flatten(SETTINGS, [])

function flatten(tree: object, path: readonly string[]): Place[] {
  return Object.entries(tree).flatMap(([name, node]: [string, unknown]) =>
    isSetting(node) ? [place([...path, name], node)] : flatten(node as object, [...path, name]),
  )
}

function isSetting(node: unknown): node is Setting<unknown> {
  return typeof node === 'object' && node !== null && 'kind' in node && 'fallback' in node
}

function place(path: readonly string[], setting: Setting<unknown>): Place {
  const names = path.map(snakeCase)
  return { path, key: names.join('.'), variable: `KIST_${names.join('_').toUpperCase()}`, setting }
}

const EXAMPLE_HEAD = `# Settings of Kist. Every key is shown with its default; what you leave out keeps it.
# Kist reads kist.toml in the directory it is started in, or the file given with --config.
# The environment goes before the file: server.port is KIST_SERVER_PORT, storage.s3.bucket is
# KIST_STORAGE_S3_BUCKET; with _FILE at the end the value is read from the file named; lists are
# comma-separated there. Sizes take KiB MiB GiB TiB (and KB MB GB TB), times take s m h d.
`

/** The text of config.example.toml. */
export const exampleFile = (): string =>
  EXAMPLE_HEAD +
  bySection(PLACES, (item) => {
    const about = item.setting.about.split('\n').map((line) => `# ${line}\n`)
    return `${about.join('')}${lastName(item)} = ${item.setting.kind.write(item.setting.fallback)}\n`
  })

/** What a setting is and where that came from. */
export interface Origin {
  readonly place: Place
  readonly value: unknown
  /** `default`, the file's name or the environment variable. */
  readonly source: string
  /** Not to be shown. */
  readonly masked: boolean
}

/** TOML with the source of every value beside it; secrets that are set appear as asterisks. */
export const report = (origins: readonly Origin[]): string =>
  bySection(origins, (item) => `${lastName(item.place)} = ${shown(item)}  # ${item.source}\n`).trimStart()

const shown = ({ place, value, masked }: Origin): string =>
  masked && value !== '' ? '"********"' : place.setting.kind.write(value)

const lastName = (item: Place): string => item.key.slice(item.key.lastIndexOf('.') + 1)

function bySection<Item extends Place | Origin>(
  items: readonly Item[],
  line: (item: Item) => string,
): string {
  let section = ''
  return items
    .map((item) => {
      const key = 'place' in item ? item.place.key : item.key
      const own = key.slice(0, key.lastIndexOf('.'))
      const head = own === section ? '' : `\n[${own}]\n`
      section = own
      return head + line(item)
    })
    .join('')
}
