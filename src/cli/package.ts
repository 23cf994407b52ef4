/** kist package: sets of limits. */
import type { Package } from '../core/model.ts'
import { PACKAGE_COLUMNS } from '../core/packages.ts'
import { type Action, CONFIG_OPTION, type Command, UsageError } from './command.ts'
import { tabbed, writeLine } from './streams.ts'
import { withCore } from './workplace.ts'

const COLUMNS = Object.entries(PACKAGE_COLUMNS)

const list: Action = {
  about:
    'Lists packages, one a line, separated by tabs: number, name and every limit as KEY=VALUE. 0 means unlimited.',
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

const KEYS = `Keys, 0 meaning unlimited:\n  ${COLUMNS.map(([column]) => column).join('\n  ')}`

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
