/** A file that has expired is unknown to every API and at every address, to the second. */
import { describe, expect, test } from 'bun:test'
import { type Answer, PASSWORD } from '../support/app.ts'
import { BYTE_ROUTES } from '../support/byte-routes.ts'
import { sampleBytes, uploadFile } from '../support/upload.ts'
import { scenario } from './nating/scenario.ts'

const given = scenario()
const LIFE = 60

/** A public file of ann's that expires in a minute, and a call of every API that would show it. */
async function setTheStage() {
  const { app, ann } = given
  const id = await uploadFile(app, ann.token, sampleBytes(1000), { filename: 'a.txt' })
  const file = await app.core.files.setExpiry(
    ann.account,
    id,
    new Date(app.clock.now().getTime() + LIFE * 1000),
  )
  const login = { username: ann.account.name, password: PASSWORD }
  const keys = (await app.request('POST', '/api/v2/authorize', { body: login })).json.data
  const uploader = (await app.request('POST', '/api/login', { body: login })).json.accessToken
  const flamenet = (await app.core.tokens.issue(ann.account, { kind: 'flamenet' })).secrets[0] ?? ''
  const folder = { ...keys, parent_folder_id: '' }
  const paths = await Promise.all(
    BYTE_ROUTES.filter(({ name }) => !name.startsWith('/fil') && !name.startsWith('/f/')).map(({ path }) =>
      path(app, ann.account, file),
    ),
  )
  const shared = (await app.core.shares.share(ann.account, id, null)).token
  return {
    file,
    shows: async () => {
      const list =
        (await app.request('POST', '/api/v2/folder/listing', { body: folder })).json.data?.files ?? []
      const own = (await app.request('GET', '/api/get_files', { token: uploader })).json.data
      const page = (await app.request('GET', '/api/flamenet/v1/files', { token: flamenet })).json
      return [list.length, own.length, page.total]
    },
    calls: (): Array<Promise<Answer>> => [
      app.request('GET', `/api/v1/files/${id}`, { token: ann.token }),
      app.request('GET', `/api/v1/downloads/${id}/link`, { token: ann.token }),
      app.request('GET', `/api/flamenet/v1/files/${id}`, { token: flamenet }),
      app.request('GET', `/api/flamenet/v1/files/${id}/download`, { token: flamenet }),
      ...[...paths, `/${file.slug}`, `/${file.slug}~i`, `/files/?fnf_share=${shared}`].map((path) =>
        app.request('GET', path),
      ),
    ],
    yetishare: () => app.request('POST', '/api/v2/file/info', { body: { ...keys, file_id: String(id) } }),
  }
}

describe('a file that expires', () => {
  test('is what it was up to the last moment, and then nowhere', async () => {
    const { shows, calls, yetishare } = await setTheStage()
    given.app.clock.advance(LIFE - 1)
    expect(await shows()).toEqual([1, 1, 1])
    expect((await yetishare()).json._status).toBe('success')
    for (const answer of await Promise.all(calls())) expect(answer.status).toBe(200)
    given.app.clock.advance(1)
    expect(await shows()).toEqual([0, 0, 0])
    expect((await yetishare()).json._status).toBe('error')
    for (const answer of await Promise.all(calls()))
      expect([answer.status, answer.text]).toEqual([404, answer.text])
  })

  test('is removed by the sweeper with its bytes, and no longer charged', async () => {
    await setTheStage()
    given.app.clock.advance(LIFE)
    expect(await given.app.core.sweeper.sweep()).toMatchObject({ files: 1, objects: 1 })
    expect((await given.app.core.accounts.get(given.ann.account.id)).storageUsed).toBe(0)
    expect(await Array.fromAsync(given.app.storage.list())).toEqual([])
  })

  test('can be kept for good again by its owner, and by nobody else', async () => {
    const { file, shows } = await setTheStage()
    const refused = given.app.core.files.setExpiry(given.bob.account, file.id, null)
    expect(await refused.catch((error) => error.code)).toBe('file_not_found')
    const past = given.app.core.files.setExpiry(given.ann.account, file.id, given.app.clock.now())
    expect(await past.catch((error) => [error.code, error.field])).toEqual(['invalid', 'expires_at'])
    await given.app.core.files.setExpiry(given.ann.account, file.id, null)
    given.app.clock.advance(LIFE)
    expect(await shows()).toEqual([1, 1, 1])
  })
})
