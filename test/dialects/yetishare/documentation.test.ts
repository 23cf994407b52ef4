/** What the served documentation says of YetiShare v2. */
import { describe, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import {
  ACCOUNT,
  DONE,
  differences,
  FILE,
  FOLDER,
  LISTED_FILE,
  LISTED_FOLDER,
  PACKAGE,
  UPLOADED,
} from './samples.ts'
import { actionsOf, missing, REAUTHENTICATE, refusal, scenario } from './scenario.ts'

const given = scenario()

interface Media {
  schema?: { properties?: Record<string, { type: string; format?: string; description?: string }> }
  example?: Record<string, unknown>
  examples?: Record<string, { value: Record<string, unknown> }>
}

interface Operation {
  summary: string
  description: string
  tags: string[]
  requestBody: { content: Record<string, Media> }
  responses: Record<string, { content: Record<string, Media> }>
}

const documented = async () => (await given.app.request('GET', '/swagger/json')).json
const operations = async (): Promise<Array<[string, Operation]>> => {
  const { paths } = await documented()
  return actionsOf(given.app).map((action) => [action, paths[`/api/v2/${action}`]?.post])
}
const parametersOf = ({ requestBody }: Operation) =>
  Object.values(requestBody.content)[0]?.schema?.properties ?? {}

/** Beside access_token and account_id. */
const PARAMETERS: Record<string, string[]> = {
  authorize: ['key1', 'key2', 'username', 'password'],
  disable_access_token: [],
  'account/info': [],
  'account/package': [],
  'account/create': [
    'username',
    'password',
    'email',
    'package_id',
    'status',
    'title',
    'firstname',
    'lastname',
    'paid_expiry_date',
  ],
  'account/edit': [
    'username',
    'password',
    'email',
    'package_id',
    'status',
    'title',
    'firstname',
    'lastname',
    'paid_expiry_date',
  ],
  'account/delete': [],
  'package/listing': [],
  'file/upload': ['upload_file', 'folder_id', 'key1', 'key2'],
  'file/download': ['file_id', 'short_url'],
  'file/info': ['file_id'],
  'file/edit': ['file_id', 'filename', 'fileType', 'folder_id'],
  'file/delete': ['file_id'],
  'file/move': ['file_id', 'new_parent_folder_id'],
  'file/copy': ['file_id', 'copy_to_folder_id'],
  'file/url_upload_add': ['file_url_base64', 'folder_id'],
  'file/url_upload_status': ['scheduled_item_id'],
  'folder/create': ['folder_name', 'parent_id', 'is_public', 'access_password'],
  'folder/listing': ['parent_folder_id'],
  'folder/info': ['folder_id', 'parent_folder_id'],
  'folder/edit': ['folder_id', 'folder_name', 'parent_id', 'is_public', 'access_password'],
  'folder/delete': ['folder_id'],
  'folder/move': ['folder_id', 'new_parent_folder_id'],
}

const response = ''
const ITEM = {
  ...{ scheduled_item_id: 51, status: '', created: '', started: '', finished: '', total_size: 1 },
  downloaded_file: { file_id: 1, name: '', size: 1, url: '' },
}
const SUCCESSES: Record<string, object> = {
  authorize: { data: { access_token: '', account_id: '' } },
  disable_access_token: { response },
  'account/info': { data: ACCOUNT },
  'account/package': { data: PACKAGE },
  'account/create': { response, data: ACCOUNT },
  'account/edit': { response, data: ACCOUNT },
  'account/delete': { response },
  'package/listing': { data: { packages: [PACKAGE] } },
  'file/upload': { response, data: [UPLOADED] },
  'file/download': { data: { file_id: '', filename: '', download_url: '' } },
  'file/info': { data: FILE },
  'file/edit': { response, data: FILE },
  'file/delete': { response, data: FILE },
  'file/move': { response, data: FILE },
  'file/copy': { response, original_file: { data: FILE }, new_file: { data: FILE } },
  'file/url_upload_add': { response, data: { scheduled_item_id: 1, url: '' } },
  'file/url_upload_status': { response, data: ITEM },
  'folder/create': { response, data: FOLDER },
  'folder/listing': { data: { folders: [LISTED_FOLDER], files: [LISTED_FILE] } },
  'folder/info': { data: FOLDER },
  'folder/edit': { response, data: FOLDER },
  'folder/delete': { response },
  'folder/move': { response, data: FOLDER },
}

describe('the document', () => {
  test('is valid OpenAPI', async () => {
    const result = await new Validator().validate(await documented())
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  })

  test('has every action once, by POST, under its name', async () => {
    const { paths } = await documented()
    const found = Object.entries(paths).filter(([path]) => path.startsWith('/api/v2'))
    expect(found.map(([path]) => path.slice('/api/v2/'.length)).sort()).toEqual(
      Object.keys(PARAMETERS).sort(),
    )
    for (const [path, methods] of found)
      expect([path, Object.keys(methods as object)]).toEqual([path, ['post']])
    for (const [action, { tags, summary, description }] of await operations()) {
      expect([action, tags]).toEqual([action, ['yetishare']])
      expect([action, summary.length > 5, description.includes('GET works as POST does.')]).toEqual([
        action,
        true,
        true,
      ])
    }
  })

  test('names every parameter, with its meaning', async () => {
    for (const [action, operation] of await operations()) {
      const parameters = parametersOf(operation)
      const credentials = action === 'authorize' ? [] : ['access_token', 'account_id']
      const wanted = [...credentials, ...(PARAMETERS[action] ?? [])]
      expect([action, Object.keys(parameters).sort()]).toEqual([action, wanted.sort()])
      for (const { type, description = '' } of Object.values(parameters))
        expect([action, type, description.length > 3]).toEqual([action, 'string', true])
    }
  })

  test('knows that an upload is a form with a file', async () => {
    const { content } = Object.fromEntries(await operations())['file/upload']?.requestBody ?? {}
    expect(content?.['multipart/form-data']?.schema?.properties?.upload_file?.format).toBe('binary')
  })

  test('has an example of each success in its envelope', async () => {
    for (const [action, { responses }] of await operations()) {
      const example = responses['200']?.content['application/json']?.example
      expect([action, example?._status, typeof example?._datetime]).toEqual([action, 'success', 'string'])
      const keys = Object.keys(example ?? {})
      expect([action, keys.slice(-2)]).toEqual([action, ['_status', '_datetime']])
      expect([action, keys.length > 2, keys.includes('status')]).toEqual([action, true, false])
    }
  })

  test('shows successes with the fields they are sent with', async () => {
    for (const [action, { responses }] of await operations()) {
      const example = responses['200']?.content['application/json']?.example
      expect([action, differences(example, { ...SUCCESSES[action], ...DONE })]).toEqual([action, []])
    }
  })

  test('says what every action can refuse with', async () => {
    for (const [action, { description }] of await operations()) {
      const sentences =
        action === 'authorize'
          ? ['Please provide a username.', 'Please provide key1. It must be 64 characters in length.']
          : [missing('access_token'), REAUTHENTICATE]
      for (const sentence of sentences) expect(description).toContain(`\n- ${sentence}`)
    }
  })

  test('shows the errors that have a status of their own as they are sent', async () => {
    for (const [action, { responses }] of await operations()) {
      for (const status of ['405', '413', '429', '500']) {
        const examples = Object.values(responses[status]?.content['application/json']?.examples ?? {})
        expect([action, status, examples.length > 0]).toEqual([action, status, true])
        for (const { value } of examples)
          expect([action, Object.keys(value)]).toEqual([
            action,
            ['response', 'status', '_status', '_datetime'],
          ])
      }
    }
    const sent = await given.app.request('PUT', '/api/v2/file/info', { body: null })
    const { responses } = Object.fromEntries(await operations())['file/info'] as Operation
    const [shown] = Object.values(responses['405']?.content['application/json']?.examples ?? {})
    expect(shown?.value.response).toBe(refusal(sent, 405))
  })
})
