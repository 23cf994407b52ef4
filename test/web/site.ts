/** A site with two people and their files, as visitors of its pages find it. */
import { afterEach, beforeEach, expect } from 'bun:test'
import type { Account, FileRecord, Folder, Visibility } from '../../src/core/model.ts'
import {
  type Answer,
  createTestApp,
  PASSWORD,
  type RequestOptions,
  type TestApp,
  type TestAppOptions,
} from '../support/app.ts'
import { sampleBytes } from '../support/upload.ts'

export interface NewTestFile {
  owner?: Account | null
  name?: string
  bytes?: Uint8Array
  visibility?: Visibility
  folderId?: number | null
  mimeType?: string
}

export interface SignedIn {
  cookie: string
  csrf: string
}

export interface Site {
  readonly app: TestApp
  readonly ann: Account
  readonly bob: Account
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  /** A form as a browser sends it. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Answer>
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>
  /** Ann's, unlisted, unless told otherwise. */
  file(file?: NewTestFile): Promise<FileRecord>
  /** Ann's, unlisted, unless told otherwise. */
  folder(folder?: Partial<Pick<Folder, 'name' | 'parentId' | 'visibility' | 'passwordMd5'>>): Promise<Folder>
  /** The file as it is now. */
  now(file: FileRecord): Promise<FileRecord | null>
  signIn(name: string): Promise<SignedIn>
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}

/** Files and people of one app. */
export function siteOf(app: TestApp, ann: Account, bob: Account): Site {
  const send: Site['send'] = (method, path, options) => app.request(method, path, options)
  return {
    app,
    ann,
    bob,
    send,
    get: (path, headers) => send('GET', path, { headers }),
    post: (path, fields, headers) =>
      send('POST', path, {
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
    async file({ owner = ann, name = 'report.pdf', bytes = sampleBytes(3000), ...more } = {}) {
      const { visibility = 1, folderId = null, mimeType = 'application/pdf' } = more
      const content = { name, leastSize: bytes.length, mimeType, folderId, visibility, uploadedIp: null }
      return (await app.core.ingest.receive(owner, { ...content, source: 'api' }, once(bytes))).file
    },
    folder: ({ name = 'Holiday', parentId = null, visibility = 1, passwordMd5 = null } = {}) =>
      app.core.folders.create(ann, { name, parentId, visibility, passwordMd5 }),
    async now({ id }) {
      await app.core.traffic.flush()
      return app.metadata.files.find(id)
    },
    async signIn(username) {
      const answer = await send('POST', '/web/session', { body: { username, password: PASSWORD } })
      const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
      return { cookie, csrf: answer.json.csrf_token }
    },
  }
}

/** A fresh site before each test; after it `kist check` must find nothing. */
export function site(options: TestAppOptions = {}): Site {
  let current: Site | null = null
  const now = (): Site => {
    if (!current) throw new Error('there is a site only while a test runs')
    return current
  }
  beforeEach(async () => {
    const app = await createTestApp(options)
    current = siteOf(app, (await app.account('ann')).account, (await app.account('bob')).account)
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
  return new Proxy({} as Site, { get: (_target, key) => now()[key as keyof Site] })
}

export const keyOf = ({ deleteKey }: FileRecord): string => deleteKey.replaceAll('-', '')

/** Where the Download button of a page leads. */
export const downloadLink = ({ text }: Answer): string =>
  /href="(\/\w{10}\?download_token=\w+)"/.exec(text)?.[1] ?? ''

/** Text of a page without its markup, entities decoded. */
export const wordsOf = ({ text }: Answer): string =>
  text
    .replace(/<head>[\s\S]*<\/head>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim()
