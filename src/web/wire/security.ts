/** What an account sees of itself: profile, devices, credentials, what happened. Times are ISO 8601 in UTC. */
import type { QrShape } from './qr.ts'

export type TokenKind = 'nating' | 'flamenet' | 'yetishare'

export interface Profile {
  name: string
  email: string | null
  title: string | null
  firstName: string | null
  lastName: string | null
  defaultVisibility: 0 | 1 | 2
  created: string
  paidUntil: string | null
}

/** Sizes are bytes; 0 of a limit: none. */
export interface Usage {
  package: string
  stored: number
  reserved: number
  maxStorage: number
  maxUploadSize: number
  concurrentUploads: number
  concurrentDownloads: number
  downloadsPerDay: number
  downloadSizePerDay: number
  /** Bytes per second. */
  downloadSpeed: number
  keepsInactiveDays: number
  maxImports: number
}

export interface SecondFactorView {
  isOn: boolean
  recoveryCodesLeft: number
}

export interface AccountPage {
  profile: Profile
  usage: Usage
  secondFactor: SecondFactorView
  /** Which APIs the package has. */
  apis: TokenKind[]
}

/** Of an authenticator that is being set up. */
export interface NewFactor {
  secret: string
  uri: string
  qr: QrShape
}

export interface DeviceView {
  id: number
  /** What the browser says of itself. */
  userAgent: string | null
  ip: string | null
  lastSeen: string | null
  created: string
  /** The one that asks. */
  isThis: boolean
}

export interface TokenView {
  id: string
  kind: TokenKind
  name: string
  prefix: string
  last4: string
  scopes: string[]
  /** `expired` and `revoked` ones open nothing any more. */
  status: 'active' | 'revoked' | 'expired'
  created: string
  expires: string | null
  lastUsed: string | null
  lastUsedIp: string | null
}

export interface LoginTokenView {
  id: string
  /** Of a program: lives half a year. */
  isBot: boolean
  created: string
  expires: string
}

/** Shown now and never again: one secret, or key1 and key2 for yetishare, or a JWT. */
export interface IssuedSecret {
  secrets: string[]
}

export interface AuditView {
  id: number
  at: string
  /** Empty: the system, or nobody known. */
  actor: string
  action: string
  subject: string
  detail: string
  ip: string | null
}

export interface AuditSlice {
  entries: AuditView[]
  /** `before` of the next page; null at the end. */
  before: number | null
}

/** Scopes a nating token can have. */
export const SCOPES = ['files.upload', 'files.read', 'files.write', '*'] as const
