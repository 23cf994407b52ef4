/** The directory that holds everything Kist keeps. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { OperatorError } from './command.ts'

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EEXIST: 'it is not a directory',
  ENOTDIR: 'it is not a directory',
}

/**
 * Makes the directory unless it is there; nobody else can read it, nor what is made in it later on, wherever it
 * came from. Throws OperatorError.
 */
export function prepareDataDirectory(dir: string): void {
  process.umask(0o077)
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    if (!statSync(dir).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' })
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new OperatorError(
      `cannot use the data directory ${resolve(dir)} (data.dir): ${REASONS[code] ?? message}`,
    )
  }
}

/** The file in it with all records. */
export const DATABASE = 'kist.db'

/** Throws OperatorError unless it is an empty directory, or not there. */
export function requireEmptyDirectory(dir: string, what: string): void {
  if (!existsSync(dir)) return
  if (!statSync(dir).isDirectory()) throw new OperatorError(`${what} ${resolve(dir)} is not a directory`)
  if (readdirSync(dir).length > 0) throw new OperatorError(`${what} ${resolve(dir)} is not empty`)
}

/** Throws OperatorError when there is no such directory: what is to be looked at is somewhere else. */
export function requireDataDirectory(dir: string): void {
  if (!existsSync(dir)) throw new OperatorError(`there is no data directory ${resolve(dir)} (data.dir)`)
}
