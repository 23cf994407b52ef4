/** Every route of the API against every kind of caller. A route without a row here fails. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/app.ts'
import { openUpload, sampleBytes, uploadFile } from '../../support/upload.ts'
import { MANAGED, refusal, SESSIONS, scenario } from './scenario.ts'

const given = scenario({ config: { uploads: { guests: false } } })

const REQUIRED: [number, string] = [401, 'Authentication required.']
const FAILED: [number, string] = [401, 'Authentication failed.']
const NO_SCOPE: [number, string] = [403, 'This token does not have permission for that action.']
const NO_SESSION: [number, string] = [404, 'Upload session not found.']
const NO_FILE: [number, string] = [404, 'File not found.']
const NO_FOLDER: [number, string] = [404, 'Folder not found.']

interface Things {
  session: string
  file: number
  folder: number
}

interface Row {
  /** The only scope that opens it, beside `*`. */
  scope: 'files.upload' | 'files.read' | 'files.write'
  path(things: Things): string
  body?(things: Things): object
  /** What its owner gets. */
  own: number
  /** What anyone else gets who asks for the owner's things. */
  foreign: [number, string]
}

const HELLO = { filename: 'a', size: 5 }
const inFolder = ({ folder }: Things) => ({ ...HELLO, folder_id: folder })
const ofSession = (step = '') => ({
  scope: 'files.upload' as const,
  path: ({ session }: Things) => `${SESSIONS}/${session}${step}`,
  foreign: NO_SESSION,
})

const MATRIX: Record<string, Row> = {
  'POST /api/v1/uploads/sessions': {
    scope: 'files.upload',
    path: () => SESSIONS,
    body: inFolder,
    own: 201,
    foreign: [422, 'Folder not found.'],
  },
  'POST /api/v1/uploads/managed': {
    scope: 'files.upload',
    path: () => MANAGED,
    body: inFolder,
    own: 201,
    foreign: [422, 'Folder not found.'],
  },
  'GET /api/v1/uploads/sessions/:id': { ...ofSession(), own: 200 },
  'POST /api/v1/uploads/sessions/:id/parts/sign': {
    ...ofSession('/parts/sign'),
    body: () => ({ part_numbers: [1] }),
    own: 200,
  },
  'POST /api/v1/uploads/sessions/:id/parts/upload/:part': {
    ...ofSession('/parts/upload/1'),
    body: () => sampleBytes(5),
    own: 200,
  },
  'POST /api/v1/uploads/sessions/:id/parts/report': {
    ...ofSession('/parts/report'),
    body: () => ({ part_number: 1, etag: 'x', part_size: 5 }),
    own: 422,
  },
  'POST /api/v1/uploads/sessions/:id/complete': { ...ofSession('/complete'), body: () => ({}), own: 422 },
  'POST /api/v1/uploads/sessions/:id/abort': { ...ofSession('/abort'), body: () => ({}), own: 200 },
  'GET /api/v1/files/:id': {
    scope: 'files.read',
    path: ({ file }) => `/api/v1/files/${file}`,
    own: 200,
    foreign: NO_FILE,
  },
  'GET /api/v1/downloads/:id/link': {
    scope: 'files.read',
    path: ({ file }) => `/api/v1/downloads/${file}/link`,
    own: 200,
    foreign: NO_FILE,
  },
  'GET /api/v1/folders': {
    scope: 'files.read',
    path: ({ folder }) => `/api/v1/folders?parent_id=${folder}`,
    own: 200,
    foreign: NO_FOLDER,
  },
  'POST /api/v1/folders': {
    scope: 'files.write',
    path: () => '/api/v1/folders',
    body: ({ folder }) => ({ name: 'inner', parent_id: folder }),
    own: 201,
    foreign: NO_FOLDER,
  },
}
const ROWS = Object.entries(MATRIX)

const annsThings = async (): Promise<Things> => {
  const { app, ann } = given
  const upload = await openUpload(app, ann.token, sampleBytes(5))
  const folder = await given.call('POST', '/api/v1/folders', { name: 'mine' })
  return {
    session: upload.id,
    file: await uploadFile(app, ann.token, sampleBytes(5)),
    folder: folder.json.folder.id,
  }
}
const ask = (name: string, row: Row, things: Things, token: string | undefined): Promise<Answer> => {
  const [method = ''] = name.split(' ')
  const options = { body: row.body?.(things) ?? null, ...(token !== undefined && { token }) }
  return given.app.request(method, row.path(things), options)
}
const tokenOf = async (scopes: string[], expiresInDays = 0): Promise<{ token: string; id: string }> => {
  const issued = await given.app.core.tokens.issue(given.ann.account, {
    kind: 'nating',
    scopes,
    expiresInDays,
  })
  return { token: issued.secrets[0] ?? '', id: issued.token.id }
}

test('every route of the API has its row, and every row its route', () => {
  const routes = given.app.http.routes
    .filter(({ path }) => path.startsWith('/api/v1'))
    .map(({ method, path }) => `${method} ${path}`)
  expect(routes.sort()).toEqual(Object.keys(MATRIX).sort())
})

describe.each(ROWS)('%s', (name, row) => {
  test.each([[[row.scope]], [['*']]])('is open to its owner with the scopes %p', async (scopes) => {
    const { token } = await tokenOf(scopes)
    expect((await ask(name, row, await annsThings(), token)).status).toBe(row.own)
  })

  test('is closed to everyone else', async () => {
    const things = await annsThings()
    expect(refusal(await ask(name, row, things, given.bob.token))).toEqual(row.foreign)
    expect(refusal(await ask(name, row, things, undefined))).toEqual(REQUIRED)
    expect(refusal(await ask(name, row, things, `fyu_${'0'.repeat(48)}`))).toEqual(FAILED)
  })

  test('is closed to the other scopes', async () => {
    const things = await annsThings()
    const others = ['files.upload', 'files.read', 'files.write'].filter((scope) => scope !== row.scope)
    const { token } = await tokenOf(others)
    expect(refusal(await ask(name, row, things, token))).toEqual(NO_SCOPE)
  })

  test('is closed to tokens that have expired or were revoked', async () => {
    const things = await annsThings()
    const [expiring, revoked] = [await tokenOf(['*'], 30), await tokenOf(['*'])]
    await given.app.core.tokens.revoke(revoked.id)
    given.app.clock.advance(30 * 86_400)
    for (const { token } of [expiring, revoked]) {
      expect(refusal(await ask(name, row, things, token))).toEqual(FAILED)
    }
  })
})
