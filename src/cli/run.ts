/** argv → command → exit code: 0 done, 1 failed, 2 wrong usage. Commands are loaded when they are called. */
import {
  type Action,
  actionHelp,
  actionsHelp,
  type Command,
  readArguments,
  table,
  UsageError,
} from './command.ts'

interface Entry {
  about: string
  load(): Promise<{ command: Command }>
}

const COMMANDS: Record<string, Entry> = {
  serve: { about: 'run the server', load: () => import('./serve.ts') },
  user: { about: 'accounts: add, list, set, delete', load: () => import('./user.ts') },
  token: { about: 'API tokens and keys: add, list, revoke', load: () => import('./token.ts') },
  package: { about: 'limits of accounts: list, set, add', load: () => import('./package.ts') },
  config: {
    about: 'show the settings in effect and where they come from',
    load: () => import('./config.ts'),
  },
  check: { about: 'compare records and stored files', load: () => import('./check.ts') },
  backup: { about: 'copy an installation while it runs', load: () => import('./backup.ts') },
  restore: { about: 'make an installation of a backup', load: () => import('./restore.ts') },
  s3: { about: 'prepare the bucket that the settings name', load: () => import('./s3.ts') },
  storage: { about: 'move files between the disk and a bucket', load: () => import('./storage.ts') },
  version: { about: 'show what this program is made of', load: () => import('./version.ts') },
}

/** What the server starts for itself. */
const HIDDEN: Record<string, () => Promise<{ command: Command }>> = {
  'previews-process': () => import('./previews-process.ts'),
}

const HELP = `Kist, a file host in one executable.

Usage: kist COMMAND [OPTIONS]

${table(Object.entries(COMMANDS).map(([name, { about }]) => [name, about]))}
kist COMMAND --help says more about each. All settings: kist config.
`

/** Runs a command line; errors become one line on stderr and the exit code. Never rejects. */
export async function run(argv: string[]): Promise<number> {
  try {
    return await dispatch(argv)
  } catch (error) {
    process.stderr.write(`kist: ${oneLine(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

async function dispatch([name, ...args]: string[]): Promise<number> {
  if (name === undefined) {
    process.stderr.write(HELP)
    return 2
  }
  if (name === 'help' || name === '--help' || name === '-h') return print(HELP)
  const known = name === '--version' || name === '-v' ? 'version' : name
  const hidden = Object.hasOwn(HIDDEN, name) ? HIDDEN[name] : undefined
  if (!hidden && !Object.hasOwn(COMMANDS, known)) throw unknown(name, Object.keys(COMMANDS))
  const { command } = await (hidden ?? (COMMANDS[known] as Entry).load)()
  if ('action' in command) return act(known, command.action, args)
  return choose(known, command.actions, args)
}

function choose(
  name: string,
  actions: Readonly<Record<string, Action>>,
  [verb, ...args]: string[],
): Promise<number> {
  if (verb === undefined)
    throw new UsageError(`kist ${name} needs one of: ${Object.keys(actions).join(', ')}`)
  if (verb === '--help' || verb === '-h' || verb === 'help')
    return Promise.resolve(print(actionsHelp(name, actions)))
  const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined
  if (!action) throw unknown(`${name} ${verb}`, Object.keys(actions))
  return act(`${name} ${verb}`, action, args)
}

async function act(name: string, action: Action, args: string[]): Promise<number> {
  try {
    const given = readArguments(name, action, args)
    return given === 'help' ? print(actionHelp(name, action)) : await action.run(given)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${error.message} (kist ${name} --help says more)`)
  }
}

const unknown = (name: string, known: string[]): UsageError =>
  new UsageError(`there is no command "kist ${name}"; known: ${known.join(', ')}`)

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error)
  return message.replace(/\s*\n\s*/g, ' ')
}
