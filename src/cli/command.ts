/** What a command is, and how its words are read. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something the operator has to put right: one line, exit code 1. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
}

export interface Option {
  /** Name of its value in the help; none for a switch. */
  value?: string
  about: string
  required?: boolean
  /** Can be given several times. */
  repeats?: boolean
}

/** One thing to do: `kist version`, `kist user add`. */
export interface Action {
  about: string
  /** Words after the command: `NAME`, `[OPTIONAL]`, `LAST...` for one that may repeat. */
  words?: readonly string[]
  options?: Readonly<Record<string, Option>>
  /** Exit code. May throw UsageError, OperatorError, ConfigError and Faults. */
  run(given: Given): Promise<number>
}

/** A command is one action, or several with a name each. */
export type Command = { action: Action } | { actions: Readonly<Record<string, Action>> }

/** The words and options of a call, checked against what the action takes. */
export interface Given {
  words: readonly string[]
  /** Value of an option, undefined when absent. */
  text(option: string): string | undefined
  /** All values of an option that repeats. */
  texts(option: string): readonly string[]
  has(option: string): boolean
}

/** Options every action takes that reads the configuration. */
export const CONFIG_OPTION = {
  config: { value: 'FILE', about: 'configuration file instead of ./kist.toml' },
} as const satisfies Record<string, Option>

/** Reads `args` for the action, or says that its help is wanted. Throws UsageError. */
export function readArguments(name: string, action: Action, args: string[]): Given | 'help' {
  const parsed = parse(action, args)
  if (parsed.values.help) return 'help'
  checkWords(name, action.words ?? [], parsed.positionals)
  for (const [option, { required }] of Object.entries(action.options ?? {})) {
    if (required && parsed.values[option] === undefined) throw new UsageError(`--${option} is missing`)
  }
  return {
    words: parsed.positionals,
    text(option) {
      const value = parsed.values[option]
      return typeof value === 'string' ? value : undefined
    },
    texts(option) {
      const values = parsed.values[option]
      return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : []
    },
    has: (option) => parsed.values[option] !== undefined,
  }
}

function parse(action: Action, args: string[]) {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } }
  for (const [name, option] of Object.entries(action.options ?? {})) {
    options[name] = { type: option.value ? 'string' : 'boolean', multiple: option.repeats ?? false }
  }
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(firstSentence(error))
  }
}

/** The rest of what parseArgs says is advice that does not fit. */
const firstSentence = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split(/\. |\n/)[0]?.replace(/\.$/, '') ?? ''

function checkWords(name: string, wanted: readonly string[], words: readonly string[]): void {
  const missing = wanted[words.length]
  if (missing !== undefined && !missing.startsWith('['))
    throw new UsageError(`${missing.replace('...', '')} is missing`)
  const repeats = wanted.at(-1)?.endsWith('...') ?? false
  const extra = words[wanted.length]
  if (extra !== undefined && !repeats) throw new UsageError(`kist ${name} does not take "${extra}"`)
}

/** The help of an action. */
export function actionHelp(name: string, action: Action): string {
  const options = { ...action.options, help: { about: 'this text' } }
  const rows = Object.entries(options).map(([option, { value, about }]: [string, Option]) => [
    `--${option}${value ? ` ${value}` : ''}`,
    about,
  ])
  return `Usage: ${usage(name, action)}\n\n${action.about}\n\nOptions:\n${table(rows)}`
}

/** The help of a command with several actions. */
export const actionsHelp = (name: string, actions: Readonly<Record<string, Action>>): string =>
  `Usage:\n${Object.entries(actions)
    .map(([verb, action]) => `  ${usage(`${name} ${verb}`, action)}\n`)
    .join('')}\n${table(Object.entries(actions).map(([verb, { about }]) => [verb, summary(about)]))}`

/** What comes before the details. */
/** Up to the first stop; the one in `storage.s3` is none. */
const summary = (about: string): string => /^(?:[^.,;:(]|\.(?=\S))+/.exec(about)?.[0].trim() ?? about

function usage(name: string, action: Action): string {
  const options = Object.entries(action.options ?? {}).map(([option, { value, required, repeats }]) => {
    const form = `--${option}${value ? ` ${value}` : ''}`
    return required ? form : `[${form}]${repeats ? '...' : ''}`
  })
  return ['kist', name, ...(action.words ?? []), ...options].join(' ')
}

/** Rows of two columns, indented. */
export function table(rows: string[][]): string {
  const width = Math.max(...rows.map(([left = '']) => left.length))
  return rows.map(([left = '', right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}
