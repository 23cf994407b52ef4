/** The whole product on a real database and a real disk, in a directory of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, openApp } from '../../src/app.ts'
import { defaultConfig } from '../../src/config.ts'
import { countedRecords } from '../../src/core/counted-records.ts'
import { type Log, silentLog } from '../../src/core/log.ts'
import type { Account } from '../../src/core/model.ts'
import { countingIds } from './counting-ids.ts'
import { type FixedClock, fixedClock } from './fixed-clock.ts'

export type ConfigChanges = NonNullable<Parameters<typeof defaultConfig>[0]>

export interface TestApp extends Omit<App, 'clock'> {
  clock: FixedClock
  dir: string
  /** A request through the whole HTTP side, in process. `path` may be an absolute URL. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>
  /** An account, and a token for it. */
  account(name: string, options?: AccountOptions): Promise<TestAccount>
  /** What `kist check` would find; empty when all is well. */
  problems(): Promise<string[]>
}

export interface RequestOptions {
  token?: string
  headers?: Record<string, string>
  /** Objects go as JSON; bytes, text and streams as they are. */
  body?: object | Uint8Array | string | ReadableStream<Uint8Array> | null
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  bytes: Uint8Array
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any
}

export interface AccountOptions {
  packageName?: string
  scopes?: string[]
  expiresInDays?: number
  isAdmin?: boolean
}

export interface TestAccount {
  account: Account
  token: string
  tokenId: string
}

type RawBody = NonNullable<ConstructorParameters<typeof Response>[0]>

export const PASSWORD = 'correct horse battery'

export interface TestAppOptions {
  config?: ConfigChanges
  log?: Log
  /** A directory that another app has left: a restart. */
  dir?: string
  clock?: FixedClock
  /** Bytes up to which uploads into a bucket are verified at once. */
  verifyInline?: number
  /** Where counted ids begin; differs from the app that left the directory. */
  firstId?: number
}

/** Where an app keeps its files when that is not its directory. */
export interface LeasedStorage {
  storage: NonNullable<ConfigChanges['storage']>
  /** Nothing is in it any more. */
  release(): Promise<void>
}

let lease: (() => Promise<LeasedStorage>) | null = null

/** From now on apps keep their files in what `next` gives, each in one of its own; null: in their directories. */
export function keepFilesIn(next: (() => Promise<LeasedStorage>) | null): void {
  lease = next
}

/** 64 KiB parts and no rate limits unless the configuration says otherwise. `close` removes its directory. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { config: changes = {}, log = silentLog, clock = fixedClock(), firstId = 0 } = options
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'kist-test-'))
  const leased = (await lease?.()) ?? null
  const config = defaultConfig({
    ...(leased && { storage: leased.storage }),
    ...changes,
    data: { dir, minFree: 0, ...changes.data },
    uploads: { partSize: 65_536, ...changes.uploads },
    limits: { rateLimits: false, ...changes.limits },
  })
  const app = await openApp(config, log, {
    clock,
    ids: countingIds(firstId),
    ...(options.verifyInline !== undefined && { verifyInline: options.verifyInline }),
  })
  const test: TestApp = {
    ...app,
    // As the product reads it: with all downloads in it.
    metadata: countedRecords(app.metadata, app.core.traffic.flush),
    clock,
    dir,
    request: (method, path, options) => request(app, method, path, options),
    account: (name, options) => makeAccount(app, name, options),
    problems: () => problems(app),
    async close() {
      await app.close()
      await leased?.release()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return test
}

async function request(
  app: App,
  method: string,
  path: string,
  { token, headers, body }: RequestOptions = {},
) {
  // TLS ends at a proxy, so the server itself never sees https.
  const url = /^https?:/.test(path) ? path.replace(/^https:/, 'http:') : `http://localhost${path}`
  const sent = new Headers(headers)
  if (token !== undefined) sent.set('authorization', `Bearer ${token}`)
  const raw = body === null || body === undefined ? undefined : encode(body, sent)
  const response = await app.http.handle(new Request(url, { method, headers: sent, body: raw }))
  return toAnswer(response)
}

function encode(body: NonNullable<RequestOptions['body']>, headers: Headers): RawBody {
  if (typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream)
    return body as RawBody
  if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  return JSON.stringify(body)
}

/** Reads an answer whole. */
export async function toAnswer(response: Response): Promise<Answer> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
  return {
    status: response.status,
    headers: response.headers,
    text,
    bytes,
    json: isJson ? JSON.parse(text) : null,
  }
}

async function makeAccount(app: App, name: string, options: AccountOptions = {}): Promise<TestAccount> {
  const { packageName = 'Gold', isAdmin = false, scopes = ['*'], expiresInDays = 0 } = options
  const account = await app.core.accounts.create({ name, password: PASSWORD, packageName, isAdmin })
  const { token, secrets } = await app.core.tokens.issue(account, { kind: 'nating', scopes, expiresInDays })
  return { account, token: secrets[0] ?? '', tokenId: token.id }
}

async function problems(app: App): Promise<string[]> {
  const found: string[] = []
  for await (const { kind, subject, detail } of app.core.check.run({ repair: false })) {
    found.push(`${kind} ${subject} ${detail}`)
  }
  return found
}
