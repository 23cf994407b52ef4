/** Settings files for ShareX: each used as ShareX itself would use it. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../support/app.ts'
import { type FormPart, formOf } from '../support/form.ts'
import { site } from './site.ts'

const given = site()
const PATHS = ['/web/sharex/uploader.sxcu', '/web/sharex/yetishare.sxcu'] as const

interface Settings {
  Version: string
  Name: string
  DestinationType: string
  RequestMethod: string
  RequestURL: string
  Headers?: Record<string, string>
  Arguments?: Record<string, string>
  Body: string
  FileFormName: string
  URL: string
  DeletionURL: string
  ErrorMessage: string
}

async function settingsOf(path: string, name = 'ann'): Promise<Settings> {
  const { cookie } = await given.signIn(name)
  const answer = await given.get(path, { cookie })
  expect(answer.status).toBe(200)
  return JSON.parse(answer.text)
}

/** As ShareX does it: the arguments as fields of the form, then the file. */
function upload(settings: Settings, filename = 'shot.png', body = 'hello'): Promise<Answer> {
  const fields: FormPart[] = Object.entries(settings.Arguments ?? {}).map(([field, text]) => ({
    field,
    body: text,
  }))
  const form = formOf([...fields, { field: settings.FileFormName, filename, type: 'image/png', body }])
  const headers = { ...form.headers, ...settings.Headers }
  return given.send(settings.RequestMethod, settings.RequestURL, { headers, body: form.body })
}

/** `{json:data[0].url}` in a template is what stands there in the answer. */
function resolve(template: string, json: unknown): string {
  return template.replace(/\{json:([^}]+)\}/g, (_whole, path: string) => {
    const names = path.split(/[.[\]]+/).filter(Boolean)
    const value = names.reduce<unknown>((at, name) => (at as Record<string, unknown> | null)?.[name], json)
    if (typeof value !== 'string') throw new Error(`${path} is ${JSON.stringify(value)}`)
    return value
  })
}

describe('a settings file', () => {
  test.each(PATHS)('%s is JSON to be saved, kept by no cache', async (path) => {
    const { cookie } = await given.signIn('ann')
    const answer = await given.get(path, { cookie })
    const name = path.split('/').at(-1)
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="${name}"; filename*=UTF-8''${name}`,
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const settings: Settings = JSON.parse(answer.text)
    expect(settings).toMatchObject({
      Version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      Name: 'Kist',
      DestinationType: 'ImageUploader, TextUploader, FileUploader',
      RequestMethod: 'POST',
      Body: 'MultipartFormData',
    })
    expect(settings.RequestURL).toStartWith('http://localhost/api/')
  })

  test.each(PATHS)('%s uploads into the account, and its links open and delete the file', async (path) => {
    const settings = await settingsOf(path)
    const answer = await upload(settings)
    expect(answer.status).toBe(200)
    const file = (await given.app.metadata.files.page(given.ann.id, { offset: 0, limit: 5 })).items[0]?.file
    expect(file).toMatchObject({ name: 'shot.png', size: 5, visibility: 1 })
    const url = resolve(settings.URL, answer.json)
    expect(url).toContain(file?.slug ?? 'none')
    expect((await given.get(url)).status).toBe(200)
    const deletion = await given.get(resolve(settings.DeletionURL, answer.json))
    expect(deletion.status).toBe(200)
    if (path.includes('yetishare')) {
      expect(deletion.text).toContain('<form')
      return
    }
    expect((await given.get(url)).status).toBe(404)
  })

  test('of the uploader gives addresses that show the picture', async () => {
    const settings = await settingsOf(PATHS[0])
    const { json } = await upload(settings, 'shot.png')
    expect(json).toMatchObject({ synced: true, auth_error: {}, ext: '.png' })
    expect(json.file_url).toEndWith('.png')
    const shown = await given.get(resolve(settings.URL, json))
    expect([shown.text, shown.headers.get('content-type')]).toEqual(['hello', 'image/png'])
  })

  test.each(PATHS)('%s finds the message of a refusal', async (path) => {
    const settings = await settingsOf(path)
    await given.app.core.packages.set('Gold', { max_storage_bytes: '3' })
    const refused = await upload(settings)
    expect(resolve(settings.ErrorMessage, refused.json)).toMatch(/quota/i)
  })

  test('has a credential of its own each time, which ends by itself or when it is revoked', async () => {
    const [first, second] = [await settingsOf(PATHS[1]), await settingsOf(PATHS[1])]
    expect(second.Arguments).not.toEqual(first.Arguments)
    const tokens = (await given.app.core.tokens.list(given.ann)).filter(({ name }) => name === 'ShareX')
    expect(tokens.map(({ kind }) => kind)).toEqual(['yetishare', 'yetishare'])
    for (const { id } of tokens) await given.app.core.tokens.revoke(id)
    expect((await upload(first)).json._status).toBe('error')

    const uploader = await settingsOf(PATHS[0])
    given.app.clock.advance(180 * 86_400 - 1)
    expect((await upload(uploader)).json.synced).toBe(true)
    given.app.clock.advance(1)
    expect((await upload(uploader)).json).toMatchObject({ synced: false, auth_error: { errorId: -3 } })
  })

  test('names the site and its address as they are', async () => {
    const { cookie } = await given.signIn('ann')
    const answer = await given.get('http://files.example:8443/web/sharex/uploader.sxcu', { cookie })
    const settings: Settings = JSON.parse(answer.text)
    expect(settings.RequestURL).toBe('http://files.example:8443/api/upload?include_ext=true')
    expect(settings.DeletionURL).toStartWith('http://files.example:8443/api/delete/')
  })
})

describe('nobody else', () => {
  const credentials = async () => [
    (await given.app.core.tokens.list(given.ann)).length,
    (await given.app.metadata.files.page(given.ann.id, { offset: 0, limit: 1 })).total,
  ]

  test.each(PATHS)('gets %s: no guest, no token of an API, no bad cookie', async (path) => {
    const token =
      (await given.app.core.tokens.issue(given.ann, { kind: 'nating', scopes: ['*'] })).secrets[0] ?? ''
    const before = await credentials()
    const attempts: Array<Record<string, string>> = [
      {},
      { authorization: `Bearer ${token}` },
      { cookie: 'kist_session=x' },
      { cookie: `kist_session=${'0'.repeat(64)}` },
    ]
    for (const headers of attempts) {
      const answer = await given.get(path, headers)
      expect([answer.status, answer.json.status]).toEqual([401, 'error'])
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect(await credentials()).toEqual(before)
  })

  test.each(PATHS)('makes a browser fetch %s: a page of another site is refused', async (path) => {
    const { cookie } = await given.signIn('ann')
    const before = await credentials()
    for (const site of ['cross-site', 'same-site'])
      expect((await given.get(path, { cookie, 'sec-fetch-site': site })).status).toBe(403)
    expect(await credentials()).toEqual(before)
    for (const site of ['same-origin', 'none'])
      expect((await given.get(path, { cookie, 'sec-fetch-site': site })).status).toBe(200)
  })

  test.each(PATHS)('leaves a credential behind by looking at %s: HEAD makes none', async (path) => {
    const { cookie } = await given.signIn('ann')
    const before = await credentials()
    expect((await given.send('HEAD', path, { headers: { cookie } })).status).toBe(405)
    expect(await credentials()).toEqual(before)
  })
})
