/** What goes wrong below HTTP, in words fit for the account; told apart by code, never by text. */
import { RemoteError } from '../core/remote.ts'

const codeOf = (error: unknown): string => {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : ''
}

const CERTIFICATE = /^(ERR_TLS_CERT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/
const ENCRYPTION = /^(ERR_TLS|ERR_SSL|EPROTO)/
const UNREACHABLE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ETIMEDOUT'])

/** A RemoteError stays as it is. */
export function transportError(error: unknown): RemoteError {
  if (error instanceof RemoteError) return error
  const { message, retryable } = verdict(codeOf(error))
  return new RemoteError(message, { retryable, cause: error })
}

function verdict(code: string): { message: string; retryable: boolean } {
  const permanent = (message: string) => ({ message, retryable: false })
  const passing = (message: string) => ({ message, retryable: true })
  if (CERTIFICATE.test(code)) return permanent('The certificate of the source is not valid.')
  if (ENCRYPTION.test(code)) return permanent('No encrypted connection to the source could be made.')
  if (code === 'HPE_HEADER_OVERFLOW') return permanent('The headers of the source are too large.')
  if (code.startsWith('HPE_')) return permanent('The source did not answer in proper HTTP.')
  if (code === 'ECONNREFUSED') return passing('The source refused the connection.')
  if (UNREACHABLE.has(code)) return passing('The source could not be reached.')
  return passing('The connection to the source broke.')
}
