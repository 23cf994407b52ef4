/**
 * The kinds of values a setting can have. Each reads what a TOML file (typed) or the environment (text) gives,
 * and writes a value back as TOML, so that file, environment, example and report agree.
 */
import { isIP } from 'node:net'

export interface Kind<Value> {
  /** Completes "must be …" in errors. */
  readonly allowed: string
  /** The value, or undefined when the input is none of this kind. */
  read(input: unknown): Value | undefined
  /** The value as it would be written in a TOML file. */
  write(value: Value): string
}

const quoted = (value: string): string => JSON.stringify(value)

/** Any text; `minLength` refuses short ones. */
export const text = (minLength = 0): Kind<string> => ({
  allowed: minLength === 0 ? 'a text' : 'a text that is not empty',
  read: (input) => (typeof input === 'string' && input.trim().length >= minLength ? input : undefined),
  write: quoted,
})

/** One of a few words. */
export const choice = <const Word extends string>(...words: Word[]): Kind<Word> => ({
  allowed: words.map(quoted).join(' or '),
  read: (input) => words.find((word) => word === input),
  write: quoted,
})

const FLAGS: Record<string, boolean> = { true: true, false: false, 1: true, 0: false }

/** `true` or `false`; the environment may also say `1` or `0`. */
export const flag: Kind<boolean> = {
  allowed: 'true or false',
  read: (input) =>
    typeof input === 'boolean' ? input : typeof input === 'string' ? FLAGS[input] : undefined,
  write: String,
}

/** A whole number between two others, both included. */
export const integer = (min: number, max: number): Kind<number> => ({
  allowed: `a whole number from ${min} to ${max}`,
  read: (input) => within(wholeNumber(input), min, max),
  write: String,
})

const SIZE_UNITS: Array<[unit: string, bytes: number]> = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['KB', 1e3],
  ['B', 1],
]

/** A size in bytes: `"64MiB"`, `"1.5 GB"` or a bare number of bytes. */
export const size = (min: number, max: number): Kind<number> => ({
  allowed: `a size such as "64MiB" (units KiB MiB GiB TiB, KB MB GB TB), from ${amount(min, SIZE_UNITS)} to ${amount(max, SIZE_UNITS)}`,
  read: (input) => within(measure(input, SIZE_UNITS), min, max),
  write: (value) => quoted(amount(value, SIZE_UNITS)),
})

const DURATION_UNITS: Array<[unit: string, seconds: number]> = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
]

/** A time in seconds: `"90s"`, `"2h"` or a bare number of seconds. */
export const duration = (min: number, max: number): Kind<number> => ({
  allowed: `a time such as "30s" or "2h" (units s m h d), from ${amount(min, DURATION_UNITS)} to ${amount(max, DURATION_UNITS)}`,
  read: (input) => within(measure(input, DURATION_UNITS), min, max),
  write: (value) => quoted(amount(value, DURATION_UNITS)),
})

/** Several values of a kind of text: an array in TOML, comma-separated in the environment. */
export const list = (item: Kind<string>): Kind<readonly string[]> => ({
  allowed: `a list, each ${item.allowed}`,
  read(input) {
    const parts = typeof input === 'string' ? commaSeparated(input) : input
    if (!Array.isArray(parts)) return undefined
    const values = parts.map((part) => item.read(part))
    return values.every((value) => value !== undefined) ? values : undefined
  },
  write: (values) => `[${values.map((value) => item.write(value)).join(', ')}]`,
})

/** Text that has a form of its own; `normal` returns its one way of writing or undefined. */
const form = (allowed: string, normal: (value: string) => string | undefined): Kind<string> => ({
  allowed,
  read: (input) => (typeof input === 'string' ? normal(input.trim()) : undefined),
  write: quoted,
})

/** An http or https origin without path, or empty. A trailing slash is dropped. */
export const origin = form(
  'empty or an address such as "https://files.example.com", without a path',
  (value) => {
    if (value === '') return value
    if (!/^https?:\/\/[^/?#\\@\s]+\/?$/i.test(value) || !URL.canParse(value)) return undefined
    return new URL(value).origin
  },
)

/** An http or https address that may have a path, or empty. A trailing slash is dropped. */
export const webAddress = form('empty or an address such as "https://s3.example.com"', (value) => {
  if (value === '') return value
  return /^https?:\/\/[^?#\\@\s]+$/i.test(value) && URL.canParse(value)
    ? value.replace(/\/+$/, '')
    : undefined
})

/** An IP address or a range of them in CIDR notation. */
export const network = form('an IP address or a range such as "10.0.0.0/8"', (value) => {
  const [address = '', bits, ...rest] = value.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return undefined
  if (bits === undefined) return address
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128) ? value : undefined
})

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/

/** A host name or address as in a Host header, without the port. Letter case does not matter. */
export const hostName = form('a host name without a port, such as "files.example.com"', (value) => {
  const name = value.toLowerCase()
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
  if (isIP(bare) === 6) return `[${bare}]`
  return HOST_NAME.test(name) ? name : undefined
})

/** An address to listen on. */
export const listenAddress = form('an IP address or a host name', (value) =>
  isIP(value) > 0 || HOST_NAME.test(value.toLowerCase()) ? value : undefined,
)

/** A file extension without the dot, in lower case. */
export const extension = form('an extension without the dot, such as "exe"', (value) =>
  /^[^\s./\\]+(\.[^\s./\\]+)*$/.test(value) ? value.toLowerCase() : undefined,
)

const commaSeparated = (value: string): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function wholeNumber(input: unknown): number | undefined {
  const value = typeof input === 'string' && /^-?\d{1,16}$/.test(input.trim()) ? Number(input) : input
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

const within = (value: number | undefined, min: number, max: number): number | undefined =>
  value !== undefined && value >= min && value <= max ? value : undefined

/** A bare whole number, or a number with a unit that comes out whole. */
function measure(input: unknown, units: Array<[string, number]>): number | undefined {
  const bare = wholeNumber(input)
  if (bare !== undefined || typeof input !== 'string') return bare
  const match = /^(\d{1,16}(?:\.\d{1,6})?)\s*([a-z]+)$/i.exec(input.trim())
  const factor = units.find(([unit]) => unit.toLowerCase() === match?.[2]?.toLowerCase())?.[1]
  if (!match || factor === undefined) return undefined
  const value = Number(match[1]) * factor
  return Number.isSafeInteger(value) ? value : undefined
}

/** In the largest unit that divides the value. */
function amount(value: number, units: Array<[string, number]>): string {
  const fitting = value === 0 ? undefined : units.find(([, factor]) => value % factor === 0)
  const [unit, factor] = fitting ?? units.at(-1) ?? ['', 1]
  return `${value / factor}${unit}`
}
