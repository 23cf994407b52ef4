/**
 * The only reader of settings: defaults < kist.toml < environment. Everything else of the product is given
 * values. Sizes come out in bytes, times in seconds; the result is frozen.
 */
import { readFileSync } from 'node:fs'
import { type Origin, PLACES, type Place } from './config/describe.ts'
import type { SETTINGS, Setting } from './config/settings.ts'

export { exampleFile, type Origin, report } from './config/describe.ts'

type Values<Tree> = {
  readonly [Name in keyof Tree]: Tree[Name] extends Setting<infer Value> ? Value : Values<Tree[Name]>
}

/** All settings, in sections: `config.uploads.partSize`. */
export type Config = Values<typeof SETTINGS>

type Changes<Tree> = {
  readonly [Name in keyof Tree]?: Tree[Name] extends Setting<infer Value> ? Value : Changes<Tree[Name]>
}

/** A setting is unknown or has a bad value; the message is for the operator, in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export interface ConfigSource {
  /** The file given with --config; without it `kist.toml`, if there is one. */
  file?: string
  /** The environment; that of the process when left out. */
  environment?: Environment
}

export interface LoadedConfig {
  config: Config
  /** Every setting with its source, in the order of the table. */
  origins: readonly Origin[]
}

export type Environment = Readonly<Record<string, string | undefined>>

/** That of the process, for another one that is to have it as well. */
export const processEnvironment = (): Environment => process.env

/** Reads the settings. Throws a ConfigError that names the key, its value and what is allowed. */
export function loadConfig(source: ConfigSource = {}): LoadedConfig {
  const environment = source.environment ?? process.env
  const file = readFile(source.file)
  const origins = PLACES.map(
    (place) => fromEnvironment(place, environment) ?? fromFile(place, file) ?? fromDefault(place),
  )
  refuseUnknownKeys(file)
  refuseUnknownVariables(environment)
  refuseHalfABucket(origins)
  return { config: assemble(origins), origins }
}

/** The defaults with some values replaced, for tests and programs that embed the product. */
export function defaultConfig(changes: Changes<typeof SETTINGS> = {}): Config {
  return assemble(
    PLACES.map((place) => ({
      ...fromDefault(place),
      value: at(changes, place.path) ?? place.setting.fallback,
    })),
  )
}

function assemble(origins: readonly Origin[]): Config {
  const root: Record<string, unknown> = {}
  for (const { place, value } of origins) {
    let section = root
    for (const name of place.path.slice(0, -1)) {
      const next = isTable(section[name]) ? section[name] : {}
      section[name] = next
      section = next
    }
    section[place.path.at(-1) as string] = value
  }
  return deepFreeze(root) as Config
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze)
  return value
}

function at(tree: unknown, path: readonly string[]): unknown {
  let node = tree
  for (const name of path) node = isTable(node) && Object.hasOwn(node, name) ? node[name] : undefined
  return node
}

const isTable = (node: unknown): node is Record<string, unknown> =>
  typeof node === 'object' && node !== null && Object.getPrototypeOf(node) === Object.prototype

// ---- defaults

const fromDefault = (place: Place): Origin => ({
  place,
  value: place.setting.fallback,
  source: 'default',
  masked: place.setting.secret,
})

// ---- file

interface SettingsFile {
  name: string
  root: unknown
}

function readFile(given: string | undefined): SettingsFile {
  const name = given ?? 'kist.toml'
  let content: string
  try {
    content = readFileSync(name, 'utf8')
  } catch (error) {
    if (given === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return { name, root: {} }
    throw new ConfigError(`cannot read the configuration file ${name}: ${reason(error)}`)
  }
  try {
    return { name, root: Bun.TOML.parse(content) }
  } catch (error) {
    throw new ConfigError(`${name} is not valid TOML: ${reason(error)}`)
  }
}

function fromFile(place: Place, file: SettingsFile): Origin | undefined {
  const input = at(file.root, place.key.split('.'))
  if (input === undefined) return undefined
  return {
    place,
    value: read(place, input, `${file.name}: ${place.key}`),
    source: file.name,
    masked: place.setting.secret,
  }
}

const KNOWN_KEYS = new Set(PLACES.map((place) => place.key))
const SECTIONS = new Set(PLACES.flatMap((place) => prefixes(place.key)))

function prefixes(key: string): string[] {
  const names = key.split('.')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('.'))
}

function refuseUnknownKeys(file: SettingsFile, node: unknown = file.root, section = ''): void {
  if (!isTable(node)) return
  for (const [name, value] of Object.entries(node)) {
    const key = section === '' ? name : `${section}.${name}`
    if (KNOWN_KEYS.has(key)) continue
    if (!SECTIONS.has(key)) throw new ConfigError(`${file.name}: unknown key ${key}${allowedIn(section)}`)
    if (!isTable(value))
      throw new ConfigError(`${file.name}: ${key} is ${show(value)}; it must be a section [${key}]`)
    refuseUnknownKeys(file, value, key)
  }
}

function allowedIn(section: string): string {
  const inside = [...KNOWN_KEYS, ...SECTIONS].filter(
    (key) => key.slice(0, Math.max(0, key.lastIndexOf('.'))) === section,
  )
  const names = inside.map((key) => key.slice(key.lastIndexOf('.') + 1))
  return section === '' ? `; sections are ${names.join(', ')}` : `; [${section}] takes ${names.join(', ')}`
}

// ---- environment

function fromEnvironment(place: Place, environment: Environment): Origin | undefined {
  const direct = environment[place.variable]
  const fileVariable = `${place.variable}_FILE`
  const file = environment[fileVariable]
  if (file === undefined) {
    if (direct === undefined) return undefined
    const value = read(place, direct, `${place.variable} (${place.key})`)
    return { place, value, source: place.variable, masked: place.setting.secret }
  }
  if (direct !== undefined)
    throw new ConfigError(`${place.variable} and ${fileVariable} are both set; keep one`)
  const value = read(place, secretFrom(file, fileVariable), `${fileVariable} (${place.key})`, true)
  return { place, value, source: fileVariable, masked: true }
}

function secretFrom(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new ConfigError(`${variable}: cannot read ${show(file)}: ${reason(error)}`)
  }
}

/** Kubernetes puts these into every container beside a service named "kist". */
const SERVICE_LINK = /^KIST_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_\w+)?)$/

function refuseUnknownVariables(environment: Environment): void {
  const known = new Set(PLACES.flatMap(({ variable }) => [variable, `${variable}_FILE`]))
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('KIST_') || known.has(name) || SERVICE_LINK.test(name)) continue
    throw new ConfigError(
      `unknown environment variable ${name}; names are KIST_SECTION_KEY, such as KIST_SERVER_PORT`,
    )
  }
}

// ---- values

function read(place: Place, input: unknown, where: string, hidden = place.setting.secret): unknown {
  const value = place.setting.kind.read(input)
  if (value !== undefined) return value
  throw new ConfigError(
    `${where} is ${hidden ? 'not valid' : show(input)}; it must be ${place.setting.kind.allowed}`,
  )
}

/** Without these there is no way to a bucket. */
const NEEDED_FOR_S3 = ['endpoint', 'bucket', 'access_key_id', 'secret_access_key'].map(
  (name) => `storage.s3.${name}`,
)

/** A bucket is asked for, to keep new files in or to find older ones, and something is missing that it takes. */
function refuseHalfABucket(origins: readonly Origin[]): void {
  const asking = origins.find(
    ({ place: { key }, value }) =>
      (key === 'storage.driver' && value === 's3') || (key === 'storage.s3.bucket' && value !== ''),
  )
  const missing = origins.find(({ place: { key }, value }) => NEEDED_FOR_S3.includes(key) && value === '')
  if (!asking || !missing) return
  const { key, variable } = missing.place
  throw new ConfigError(
    `${asking.source}: ${asking.place.key} is ${show(asking.value)}, so ${key} (${variable}) must be set as well`,
  )
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A value on one line, cut when long. */
function show(value: unknown): string {
  const line = JSON.stringify(value) ?? String(value)
  return line.length > 100 ? `${line.slice(0, 100)}…` : line
}
