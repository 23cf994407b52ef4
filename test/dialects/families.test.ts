/** Four languages, one set of files: what each puts in the others show, serve and delete. */
import { describe, expect, test } from 'bun:test'
import { entityTagOf } from '../../src/core/model.ts'
import { type Answer, PASSWORD, type TestAccount } from '../support/app.ts'
import { formOf } from '../support/form.ts'
import { sampleBytes, sha256, uploadFile } from '../support/upload.ts'
import { scenario } from './nating/scenario.ts'

const given = scenario()
const DATA = sampleBytes(70_000)
const FLAMENET = '/api/flamenet/v1/files'

/** The four credentials of one account. */
interface Credentials {
  nating: string
  yetishare: { access_token: string; account_id: string }
  uploader: string
  flamenet: string
}

const credentialsOf = async ({ account, token }: TestAccount): Promise<Credentials> => {
  const body = { username: account.name, password: PASSWORD }
  const yetishare = (await given.app.request('POST', '/api/v2/authorize', { body })).json.data
  const uploader = (await given.app.request('POST', '/api/login', { body })).json.accessToken
  const { secrets } = await given.app.core.tokens.issue(account, { kind: 'flamenet' })
  return { nating: token, yetishare, uploader, flamenet: secrets[0] ?? '' }
}
const yetishare = async ({ yetishare: keys }: Credentials, path: string, more = {}) =>
  (await given.app.request('POST', `/api/v2/${path}`, { body: { ...keys, ...more } })).json

const put: Record<'nating' | 'yetishare' | 'uploader' | 'flamenet', (by: Credentials) => Promise<number>> = {
  nating: ({ nating }) => uploadFile(given.app, nating, DATA, { filename: 'photo.png' }),
  async yetishare({ yetishare: keys }) {
    const form = formOf([
      { field: 'access_token', body: keys.access_token },
      { field: 'account_id', body: String(keys.account_id) },
      { field: 'upload_file', filename: 'photo.png', body: DATA },
    ])
    return Number((await given.app.request('POST', '/api/v2/file/upload', form)).json.data[0].file_id)
  },
  async uploader({ uploader: token }) {
    const form = formOf([{ filename: 'photo.png', body: DATA }])
    const { json } = await given.app.request('POST', '/api/upload', { token, ...form })
    return (await given.app.metadata.files.findBySlug(json.file_url))?.id ?? 0
  },
  async flamenet({ flamenet: token }) {
    const form = formOf([{ filename: 'photo.png', body: DATA }])
    return (await given.app.request('POST', FLAMENET, { token, ...form })).json.id
  },
}
const FAMILIES = Object.keys(put) as Array<keyof typeof put>
const listOf = async ({ uploader: token }: Credentials): Promise<Answer['json'][]> =>
  (await given.app.request('GET', '/api/get_files', { token })).json.data
const look = async (id: number) => {
  const file = await given.app.metadata.files.find(id)
  if (!file) throw new Error(`no file ${id}`)
  return file
}

/** The SHA-256, where the server has seen the bytes. */
const tagOf = async (id: number): Promise<string> => {
  const { object } = (await given.app.metadata.files.findWithObject(id)) ?? {}
  if (object?.sha256) expect(object.sha256).toBe(sha256(DATA))
  return object ? entityTagOf(object) : ''
}

describe('a file put in by', () => {
  test.each(FAMILIES)('%s is the same file everywhere', async (family) => {
    const by = await credentialsOf(given.ann)
    const id = await put[family](by)
    const { slug, deleteKey, visibility } = await look(id)
    expect(visibility).toBe(family === 'flamenet' ? 0 : 1)
    const { file } = (await given.app.request('GET', `/api/v1/files/${id}`, { token: by.nating })).json
    expect(file).toMatchObject({ id, short_id: slug, filename: 'photo.png', size: 70_000 })
    const info = (await yetishare(by, 'file/info', { file_id: id })).data
    expect(info).toMatchObject({ id: String(id), shortUrl: slug, filename: 'photo.png', fileSize: '70000' })
    expect(info.url_file_delete).toEndWith(`/${slug}~d?${deleteKey.replaceAll('-', '')}`)
    const [item] = await listOf(by)
    expect(item).toMatchObject({ file_url: slug, key: deleteKey, user_filename: 'photo.png', synced: true })
    const own = (await given.app.request('GET', `${FLAMENET}/${id}`, { token: by.flamenet })).json
    expect(own).toMatchObject({ id, file_name: 'photo.png', size_bytes: 70_000 })
  })

  test.each(FAMILIES)('%s is served by all with the same bytes', async (family) => {
    const by = await credentialsOf(given.ann)
    const id = await put[family](by)
    const { slug } = await look(id)
    const body = { username: 'ann', password: PASSWORD }
    const signedIn = await given.app.request('POST', '/web/session', { body })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const { token } = (await given.app.request('POST', `${FLAMENET}/${id}/share`, { token: by.flamenet }))
      .json
    const presigned = await given.app.request('GET', `${FLAMENET}/${id}/download`, { token: by.flamenet })
    const link = await given.app.request('GET', `/api/v1/downloads/${id}/link`, { token: by.nating })
    const urls = [
      link.json.url,
      (await yetishare(by, 'file/download', { file_id: id })).data.download_url,
      `/file/${slug}`,
      `/files/?fnf_share=${token}`,
      presigned.json.download_url,
    ]
    for (const url of urls) {
      const answer = await given.app.request('GET', url, { headers: { cookie } })
      expect([url, answer.status, sha256(answer.bytes)]).toEqual([url, 200, sha256(DATA)])
      expect(answer.headers.get('etag')).toBe(`"${await tagOf(id)}"`)
    }
    const stranger = await given.app.request('GET', `/file/${slug}`)
    expect(stranger.status).toBe(family === 'flamenet' ? 404 : 200)
  })

  test('all four is charged once each, to one quota', async () => {
    const by = await credentialsOf(given.ann)
    for (const family of FAMILIES) await put[family](by)
    expect((await given.app.core.accounts.get(given.ann.account.id)).storageUsed).toBe(4 * 70_000)
    expect(await listOf(by)).toHaveLength(4)
    expect((await given.app.request('GET', FLAMENET, { token: by.flamenet })).json.total).toBe(4)
  })
})

describe('a file deleted by', () => {
  const charged = async () => (await given.app.core.accounts.get(given.ann.account.id)).storageUsed

  /** Where a file can be reached without asking as its owner. */
  const reachable = async (slug: string, id: number, by: Credentials) => {
    const statuses = [
      (await given.app.request('GET', `/file/${slug}`)).status,
      (await given.app.request('GET', `/f/${slug}`)).status,
      (await given.app.request('GET', `/${slug}`)).status,
      (await given.app.request('GET', `${FLAMENET}/${id}`, { token: by.flamenet })).status,
    ]
    return statuses.filter((status) => status === 200).length
  }

  test.each<[string, (by: Credentials, id: number) => Promise<unknown>]>([
    ['yetishare', (by, id) => yetishare(by, 'file/delete', { file_id: id })],
    [
      "yetishare's page",
      async (_by, id) => {
        const { slug, deleteKey } = await look(id)
        const path = `/${slug}~d?${deleteKey.replaceAll('-', '')}`
        await given.app.request('DELETE', path, { headers: { accept: 'application/json' } })
      },
    ],
  ])('%s is in the trash: known to its owner, charged, out of reach', async (_who, remove) => {
    const by = await credentialsOf(given.ann)
    const id = await put.uploader(by)
    const { slug, deleteKey } = await look(id)
    const share = (await given.app.request('POST', `${FLAMENET}/${id}/share`, { token: by.flamenet })).json
    const links = [
      share.share_url,
      (await given.app.request('GET', `${FLAMENET}/${id}/download`, { token: by.flamenet })).json
        .download_url,
      (await given.app.request('GET', `/api/v1/downloads/${id}/link`, { token: by.nating })).json.url,
      (await yetishare(by, 'file/download', { file_id: id })).data.download_url,
    ]
    await remove(by, id)
    expect((await look(id)).status).toBe('trashed')
    expect(await charged()).toBe(70_000)
    const nating = await given.app.request('GET', `/api/v1/files/${id}`, { token: by.nating })
    expect([nating.status, nating.json.file.status]).toEqual([200, 'deleted'])
    expect((await yetishare(by, 'file/info', { file_id: id })).data.file_status).toBe('trash')
    expect(await listOf(by)).toEqual([])
    expect((await given.app.request('GET', FLAMENET, { token: by.flamenet })).json.total).toBe(0)
    expect(await reachable(slug, id, by)).toBe(0)
    for (const link of links)
      expect([link, (await given.app.request('GET', link)).status]).toEqual([link, 404])
    const again = await given.app.request('GET', `/api/delete/${slug}?key=${deleteKey}`)
    expect([again.status, again.json.message]).toEqual([404, 'File not found'])
  })

  test.each<[string, (by: Credentials, id: number) => Promise<unknown>]>([
    ['flamenet', ({ flamenet: token }, id) => given.app.request('DELETE', `${FLAMENET}/${id}`, { token })],
    [
      'the uploader',
      async (_by, id) => {
        const { slug, deleteKey } = await look(id)
        return given.app.request('GET', `/api/delete/${slug}?key=${deleteKey}`)
      },
    ],
  ])('%s is gone: unknown to all, not charged', async (_who, remove) => {
    const by = await credentialsOf(given.ann)
    for (const family of FAMILIES) {
      const id = await put[family](by)
      const { slug } = await look(id)
      await remove(by, id)
      expect(await given.app.metadata.files.find(id)).toBeNull()
      expect((await given.app.request('GET', `/api/v1/files/${id}`, { token: by.nating })).status).toBe(404)
      expect((await yetishare(by, 'file/info', { file_id: id }))._status).toBe('error')
      expect(await reachable(slug, id, by)).toBe(0)
    }
    expect([await charged(), await listOf(by)]).toEqual([0, []])
  })

  test('one of its copies leaves the others with their bytes', async () => {
    const by = await credentialsOf(given.ann)
    const id = await put.yetishare(by)
    const copy = await yetishare(by, 'file/copy', { file_id: id, copy_to_folder_id: '' })
    const { slug } = await look(Number(copy.new_file.data.id))
    await given.app.request('DELETE', `${FLAMENET}/${id}`, { token: by.flamenet })
    await given.app.core.sweeper.sweep()
    const answer = await given.app.request('GET', `/file/${slug}`)
    expect([answer.status, sha256(answer.bytes)]).toEqual([200, sha256(DATA)])
  })
})

describe('a credential of one API', () => {
  /** Whether each API takes this text where it looks for its own. */
  const takes: Record<keyof typeof put, (secret: string) => Promise<boolean>> = {
    nating: async (secret) =>
      (await given.app.request('GET', '/api/v1/folders', { token: secret })).status === 200 ||
      (await given.app.request('GET', '/api/v1/folders', { headers: { 'x-api-token': secret } })).status ===
        200,
    yetishare: async (secret) =>
      (
        await given.app.request('POST', '/api/v2/account/info', {
          body: { access_token: secret, account_id: String(given.ann.account.id) },
        })
      ).json._status === 'success',
    uploader: async (secret) =>
      (await given.app.request('GET', '/api/get_files', { token: secret })).status === 200,
    flamenet: async (secret) =>
      (await given.app.request('GET', FLAMENET, { token: secret })).status === 200 ||
      (await given.app.request('GET', `${FLAMENET}?api_key=${secret}`)).status === 200,
  }

  test.each(FAMILIES)('%s is taken there and by no other', async (family) => {
    const by = await credentialsOf(given.ann)
    const secret = family === 'yetishare' ? by.yetishare.access_token : by[family]
    const found: Record<string, boolean> = {}
    for (const other of FAMILIES) found[other] = await takes[other](secret)
    expect(found).toEqual(Object.fromEntries(FAMILIES.map((other) => [other, other === family])))
  })

  test('is none for a browser, nor the other way round', async () => {
    const by = await credentialsOf(given.ann)
    const body = { username: 'ann', password: PASSWORD }
    const signedIn = await given.app.request('POST', '/web/session', { body })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0]?.split('=')[1] ?? ''
    for (const family of FAMILIES.filter((one) => one !== 'nating'))
      expect([family, await takes[family](cookie)]).toEqual([family, false])
    for (const secret of [by.nating, by.yetishare.access_token, by.uploader, by.flamenet]) {
      const headers = { cookie: `kist_session=${secret}` }
      expect((await given.app.request('GET', '/web/session', { headers })).status).toBe(401)
    }
    const cookies = { cookie: `kist_session=${cookie}` }
    expect((await given.app.request('GET', '/api/get_files', { headers: cookies })).status).toBe(401)
    expect((await given.app.request('GET', FLAMENET, { headers: cookies })).status).toBe(401)
  })
})

describe('an answer of JSON', () => {
  test('is marked as such and kept by no cache, whichever API gives it', async () => {
    const by = await credentialsOf(given.ann)
    const answers = [
      await given.app.request('GET', '/api/v1/folders', { token: by.nating }),
      await given.app.request('POST', '/api/v2/account/info', { body: by.yetishare }),
      await given.app.request('GET', '/api/v2/nothing'),
      await given.app.request('GET', '/api/get_files', { token: by.uploader }),
      await given.app.request('POST', '/api/login', { body: { username: 'ann', password: PASSWORD } }),
      await given.app.request('GET', '/api'),
      await given.app.request('GET', FLAMENET, { token: by.flamenet }),
    ]
    for (const { headers } of answers) {
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    }
  })
})

describe('what nobody knows', () => {
  test.each<[string, number, string[]]>([
    ['/api/v1/nothing', 404, ['error']],
    ['/api/v2/nothing/here', 404, ['_datetime', '_status', 'response', 'status']],
    ['/api/flamenet/v1/nothing', 404, ['code', 'data', 'message']],
    ['/api/flamenet', 404, ['code', 'data', 'message']],
    ['/api/nothing', 404, ['message', 'status']],
    ['/api/v1x', 404, ['message', 'status']],
    ['/api/v3/nothing', 404, ['message', 'status']],
  ])('%s is worded by its prefix, whatever credential comes with it', async (path, status, keys) => {
    const by = await credentialsOf(given.ann)
    for (const token of [undefined, 'wrong', by.nating, by.uploader, by.flamenet])
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await given.app.request(method, path, { token })
        expect([method, answer.status, Object.keys(answer.json).sort()]).toEqual([method, status, keys])
        expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
        expect(answer.headers.get('cache-control')).toBe('no-store')
      }
  })

  test.each(['/nothing', '/file', '/f', '/files/x', '/storage/x', '/web-nothing'])(
    '%s is a page, or JSON for whoever prefers it',
    async (path) => {
      const page = await given.app.request('GET', path)
      expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
      const json = await given.app.request('GET', path, { headers: { accept: 'application/json' } })
      expect([json.status, json.json.status]).toEqual([404, 'error'])
    },
  )

  test.each<[string, string, number]>([
    ['DELETE', '/api/v1/folders', 405],
    ['DELETE', '/api/flamenet/v1/files', 404],
    ['GET', '/api/register', 405],
    ['PUT', '/api/upload', 405],
    ['DELETE', '/api/v2/file/info', 405],
  ])('a wrong method: %s %s is %d', async (method, path, status) => {
    expect((await given.app.request(method, path)).status).toBe(status)
  })
})
