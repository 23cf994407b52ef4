/** What the request scenarios share: the whole product with two accounts, which every test leaves clean. */
import { afterEach, beforeEach, expect } from 'bun:test'
import {
  type Answer,
  createTestApp,
  type RequestOptions,
  type TestAccount,
  type TestApp,
  type TestAppOptions,
} from '../../support/app.ts'

export const SESSIONS = '/api/v1/uploads/sessions'
export const MANAGED = '/api/v1/uploads/managed'

export interface Scenario {
  readonly app: TestApp
  readonly ann: TestAccount
  readonly bob: TestAccount
  /** A request of ann's, unless `token` says otherwise. */
  call(method: string, path: string, body?: RequestOptions['body'], options?: RequestOptions): Promise<Answer>
}

/** A fresh app before each test; after it `kist check` must find nothing. */
export function scenario(options: TestAppOptions = {}): Scenario {
  let current: { app: TestApp; ann: TestAccount; bob: TestAccount } | null = null
  const now = () => {
    if (!current) throw new Error('there is an app only while a test runs')
    return current
  }
  beforeEach(async () => {
    const app = await createTestApp(options)
    current = { app, ann: await app.account('ann'), bob: await app.account('bob') }
  })
  afterEach(async () => {
    const { app } = now()
    current = null
    try {
      expect(await app.problems()).toEqual([])
    } finally {
      await app.close()
    }
  })
  return {
    get app() {
      return now().app
    },
    get ann() {
      return now().ann
    },
    get bob() {
      return now().bob
    },
    call: (method, path, body, more) =>
      now().app.request(method, path, { token: now().ann.token, body, ...more }),
  }
}

/** The status and the message of a refusal, which is all its body may have. */
export function refusal({ status, json }: Answer): [number, string] {
  expect(Object.keys(json ?? {})).toEqual(['error'])
  return [status, json.error]
}

const TYPES = {
  int: (value: unknown) => Number.isInteger(value),
  string: (value: unknown) => typeof value === 'string',
  boolean: (value: unknown) => typeof value === 'boolean',
  date: (value: unknown) => typeof value === 'string' && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value),
  hex64: (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  md5: (value: unknown) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value),
  object: (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
} satisfies Record<string, (value: unknown) => boolean>

type TypeName = keyof typeof TYPES
export type Shape = Record<string, TypeName | `${TypeName}?` | RegExp>

/** Exactly these fields, each of its type; `?` allows null. */
export function expectShape(value: Record<string, unknown>, shape: Shape): void {
  expect(Object.keys(value).sort()).toEqual(Object.keys(shape).sort())
  const wrong = Object.entries(shape).filter(([name, type]) => !fits(value[name], type))
  expect(wrong.map(([name]) => `${name}: ${JSON.stringify(value[name])}`)).toEqual([])
}

function fits(value: unknown, type: Shape[string]): boolean {
  if (type instanceof RegExp) return typeof value === 'string' && type.test(value)
  if (type.endsWith('?') && value === null) return true
  return TYPES[type.replace('?', '') as TypeName](value)
}

export const SESSION: Shape = {
  public_id: /^ups_[0-9a-f]{20}$/,
  user_id: 'int?',
  folder_id: 'int?',
  storage_provider: 'string',
  original_filename: 'string',
  expected_size: 'int',
  mime_hint: 'string?',
  checksum_sha256: 'hex64?',
  status: /^(pending|uploading|completing|processing|completed|failed|aborted|expired)$/,
  reserved_bytes: 'int',
  uploaded_bytes: 'int',
  completed_parts: 'int',
  part_size_bytes: 'int',
  error_message: 'string?',
  expires_at: 'date?',
  completed_at: 'date?',
  created_at: 'date?',
  updated_at: 'date?',
  metadata: 'object',
}
export const SESSION_WITH_PARTS: Shape = { ...SESSION, parts: 'array' }
export const PART: Shape = {
  part_number: 'int',
  etag: 'md5?',
  part_size: 'int',
  checksum_sha256: 'hex64?',
  status: /^(signed|uploaded|verified|failed)$/,
  created_at: 'date',
  updated_at: 'date',
}
export const SIGNED_PART: Shape = {
  part_number: 'int',
  method: /^PUT$/,
  url: /^https?:\/\//,
  expires_in: 'int',
  expected_size: 'int',
}
export const CREATED: Shape = {
  status: /^ok$/,
  session: 'object',
  part_size_bytes: 'int',
  expires_at: 'date',
  capabilities: 'object',
  upload_skipped: 'boolean',
  file_id: 'int?',
  deduplicated: 'boolean',
}
