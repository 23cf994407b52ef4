/**
 * Writes the log: one JSON object a line, or text for people. Everything goes to stderr, so that stdout carries
 * only what a script would read. What looks like a secret is blanked here too, as the last line of defence.
 */
import type { Clock } from './core/clock.ts'
import type { Log } from './core/log.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFormat = 'json' | 'pretty'

export interface LogOptions {
  level: LogLevel
  format: LogFormat
  clock: Clock
  /** Takes finished lines; stderr when left out. */
  write?: (line: string) => void
}

export interface OperatorLog extends Log {
  debug(event: string, fields?: Record<string, unknown>): void
}

type Fields = Record<string, unknown>

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** A log that never throws, whatever it is given and wherever its output goes. */
export function createLog({ level, format, clock, write = writeToStderr }: LogOptions): OperatorLog {
  const print = format === 'json' ? jsonLine : prettyLine
  const at =
    (own: LogLevel) =>
    (event: string, fields: Fields = {}): void => {
      if (LEVELS.indexOf(own) < LEVELS.indexOf(level)) return
      write(`${print(clock.now(), own, redact(event), plainFields(fields))}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A field that is named like one of the head's is kept beside it with an underscore. */
function jsonLine(now: Date, level: LogLevel, event: string, fields: Fields): string {
  const head: Fields = { time: now.toISOString(), level, event }
  const rest = Object.entries(fields).map(([name, value]) => [name in head ? `${name}_` : name, value])
  return JSON.stringify({ ...head, ...Object.fromEntries(rest) })
}

function prettyLine(now: Date, level: LogLevel, event: string, fields: Fields): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${pretty(value)}`)
  return [now.toISOString().slice(11, 23), level.toUpperCase().padEnd(5), event, ...pairs].join(' ')
}

const pretty = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=\\]+$/.test(value) ? value : JSON.stringify(value)

// ---- output

/** A reader that stops reading must not stop the server, nor fill its memory: then lines are lost instead. */
const MAX_PENDING = 4 * 2 ** 20
let pending = 0
let lost = 0
let listening = false

function writeToStderr(line: string): void {
  if (!listening) process.stderr.on('error', () => {}) // a closed pipe is reported to each write as well
  listening = true
  if (pending > MAX_PENDING) {
    lost += 1
    return
  }
  const text =
    lost === 0 ? line : `${JSON.stringify({ level: 'warn', event: 'log_lines_lost', lines: lost })}\n${line}`
  lost = 0
  pending += text.length
  process.stderr.write(text, () => {
    pending -= text.length
  })
}

/** Resolves when everything is written, or after `seconds`. */
export async function flushLog(seconds = 1): Promise<void> {
  for (let waited = 0; pending > 0 && waited < seconds; waited += 0.01) await Bun.sleep(10)
}

// ---- values

const MAX_DEPTH = 6
const MAX_TEXT = 4096
const SECRET_NAME =
  /^(password|secret|token|authorization|cookie|set-cookie|csrf|signature|(api|access|secret).?key)$/i

const plainFields = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainField(name, value, [])]))

const plainField = (name: string, value: unknown, above: readonly object[]): unknown =>
  SECRET_NAME.test(name) && value !== null && value !== undefined ? '***' : plain(value, above)

/** The value as JSON can carry it: errors with their causes, no cycles, no secrets, no endless text. */
function plain(value: unknown, above: readonly object[] = []): unknown {
  switch (typeof value) {
    case 'string':
      return redact(value)
    case 'bigint':
    case 'symbol':
    case 'function':
      return String(value).slice(0, 100)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'object':
      return value === null ? null : plainObject(value, above)
    default:
      return value
  }
}

function plainObject(value: object, above: readonly object[]): unknown {
  if (above.includes(value) || above.length >= MAX_DEPTH) return '…'
  const path = [...above, value]
  try {
    if (value instanceof Error) return plainError(value, path)
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
    if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
    if (Array.isArray(value)) return value.slice(0, 100).map((item) => plain(item, path))
    const entries = value instanceof Map ? [...value.entries()] : Object.entries(value)
    return Object.fromEntries(
      entries.slice(0, 100).map(([k, v]) => [String(k), plainField(String(k), v, path)]),
    )
  } catch {
    return 'unreadable'
  }
}

function plainError(error: Error & { code?: unknown }, path: readonly object[]): Fields {
  return {
    name: error.name,
    message: redact(error.message),
    ...(error.code !== undefined && { code: plain(error.code, path) }),
    ...(error.stack !== undefined && { stack: redact(error.stack) }),
    ...(error.cause !== undefined && { cause: plain(error.cause, path) }),
  }
}

/** Credentials by their form, wherever they stand in a text. */
const SECRETS: Array<[pattern: RegExp, replacement: string]> = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 ***'],
  [/\b(fyu|fn)_[0-9A-Za-z]+/g, '$1_***'],
  [/([?&;\s"']|^)([\w.-]*(?:signature|token|password|secret|api_?key|key[12]))=[^&\s"'#;]+/gi, '$1$2=***'],
  [/("[\w.-]*(?:signature|token|password|secret|api_?key|key[12])"\s*:\s*")[^"]+/gi, '$1***'],
]

function redact(value: string): string {
  const short = value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value
  return SECRETS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), short)
}
