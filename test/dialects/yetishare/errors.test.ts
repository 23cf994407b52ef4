/** Every documented error of every endpoint: each is told as long as it is the first that is wrong. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/app.ts'
import { filePart, textParts } from './forms.ts'
import {
  actionsOf,
  missing,
  NO_ACCOUNT,
  NO_FILE,
  NO_FOLDER,
  NO_TOKEN,
  noDestination,
  type Parameters,
  REAUTHENTICATE,
  refusal,
  scenario,
  success,
} from './scenario.ts'

const given = scenario()

/** Undefined takes a parameter out. */
type Wrong = Record<string, string | undefined>
type Step = [message: string, wrong: Wrong]

interface Endpoint {
  /** Parameters that are all right, beside the credentials. */
  good?: Wrong
  /** In the documented order. */
  errors: Step[]
}

const UNKNOWN = '999999'
const ADMIN_ONLY = 'API user must be an admin user for this endpoint.'
const BAD_PACKAGE = 'Can not have package ids greater or equal to 10 or less than 0 via the API.'
const SAME = 'Param folder_id can not match new_parent_folder_id.'
const NO_ITEM = 'Could not find the scheduled item based on scheduled_item_id.'
const NO_SUCH_ACCOUNT = 'Failed loading a user account with the supplied account_id.'

const CREDENTIALS: Step[] = [
  [NO_TOKEN, { access_token: undefined }],
  [NO_ACCOUNT, { account_id: undefined }],
  [REAUTHENTICATE, { access_token: 'x'.repeat(128), account_id: UNKNOWN }],
]
const FILE_ID: Step[] = [
  [missing('file_id'), { file_id: undefined }],
  [NO_FILE, { file_id: UNKNOWN }],
]
const NO_FOLDER_ID: Step = [missing('folder_id'), { folder_id: undefined }]
const UNKNOWN_FOLDER: Step = [NO_FOLDER, { folder_id: UNKNOWN }]
const TAKEN: Step[] = [
  ['Email address already exists on another account', { email: 'BOB-RAY@example.com' }],
  ['Username already exists on another account', { username: 'Bob-Ray' }],
  ['API can not be used to create admin or moderator accounts.', { package_id: '6' }],
  [BAD_PACKAGE, { package_id: '10' }],
]

/** `$file`, `$folder`, `$other`, `$below`, `$item`: ann's own things; `$admin`: the other admin. */
const ENDPOINTS: Record<string, Endpoint> = {
  disable_access_token: { errors: CREDENTIALS },
  'account/info': { errors: CREDENTIALS },
  'account/package': { errors: CREDENTIALS },
  'file/upload': {
    errors: [
      ...CREDENTIALS,
      ['Did not receive uploaded file.', { upload_file: undefined }],
      ['Filesize received was zero.', { upload_file: '' }],
      [NO_FOLDER, { folder_id: UNKNOWN }],
    ],
    good: { upload_file: 'Hello' },
  },
  'file/download': {
    good: { file_id: '$file' },
    errors: [...CREDENTIALS, ...FILE_ID, ['Could not generate download url.', { file_id: '$trashed' }]],
  },
  'file/url_upload_add': {
    good: { file_url_base64: btoa('http://example.com/'), folder_id: '$folder' },
    errors: [
      ...CREDENTIALS,
      [missing('file_url_base64'), { file_url_base64: undefined }],
      [
        "Could not parse the file_url_base64 parameter. Ensure it's base64 encoded.",
        { file_url_base64: btoa('ftp://example.com/') },
      ],
      UNKNOWN_FOLDER,
    ],
  },
  'file/url_upload_status': {
    good: { scheduled_item_id: '$item' },
    errors: [
      ...CREDENTIALS,
      [missing('scheduled_item_id'), { scheduled_item_id: undefined }],
      [NO_ITEM, { scheduled_item_id: UNKNOWN }],
    ],
  },
  'file/info': { good: { file_id: '$file' }, errors: [...CREDENTIALS, ...FILE_ID] },
  'file/edit': {
    good: { file_id: '$file', folder_id: '$folder' },
    errors: [...CREDENTIALS, ...FILE_ID, UNKNOWN_FOLDER],
  },
  'file/delete': { good: { file_id: '$file' }, errors: [...CREDENTIALS, ...FILE_ID] },
  'file/move': {
    good: { file_id: '$file', new_parent_folder_id: '$folder' },
    errors: [
      ...CREDENTIALS,
      ...FILE_ID,
      [missing('new_parent_folder_id'), { new_parent_folder_id: undefined }],
      [noDestination('new_parent_folder_id'), { new_parent_folder_id: UNKNOWN }],
    ],
  },
  'file/copy': {
    good: { file_id: '$file', copy_to_folder_id: '$folder' },
    errors: [
      ...CREDENTIALS,
      ...FILE_ID,
      [missing('copy_to_folder_id'), { copy_to_folder_id: undefined }],
      [noDestination('copy_to_folder_id'), { copy_to_folder_id: UNKNOWN }],
    ],
  },
  'folder/create': {
    good: { folder_name: 'a', parent_id: '$folder' },
    errors: [
      ...CREDENTIALS,
      [missing('folder_name'), { folder_name: undefined }],
      [NO_FOLDER, { parent_id: UNKNOWN }],
    ],
  },
  'folder/listing': { errors: [...CREDENTIALS, [NO_FOLDER, { parent_folder_id: UNKNOWN }]] },
  'folder/info': {
    good: { folder_id: '$folder' },
    errors: [...CREDENTIALS, NO_FOLDER_ID, UNKNOWN_FOLDER],
  },
  'folder/edit': {
    good: { folder_id: '$folder', parent_id: '$other' },
    errors: [...CREDENTIALS, NO_FOLDER_ID, UNKNOWN_FOLDER, [SAME, { parent_id: '$folder' }]],
  },
  'folder/delete': {
    good: { folder_id: '$folder' },
    errors: [...CREDENTIALS, NO_FOLDER_ID, UNKNOWN_FOLDER],
  },
  'folder/move': {
    good: { folder_id: '$folder', new_parent_folder_id: '$other' },
    errors: [
      ...CREDENTIALS,
      NO_FOLDER_ID,
      [missing('new_parent_folder_id'), { new_parent_folder_id: undefined }],
      [SAME, { folder_id: '$folder', new_parent_folder_id: '$folder' }],
      [noDestination('new_parent_folder_id'), { new_parent_folder_id: '999998' }],
      UNKNOWN_FOLDER,
    ],
  },
  'package/listing': {
    good: { account_id: undefined },
    errors: [
      [NO_TOKEN, { access_token: undefined }],
      [REAUTHENTICATE, { access_token: 'x'.repeat(128) }],
      [ADMIN_ONLY, { access_token: '$token' }],
    ],
  },
  'account/create': {
    good: { username: 'new-user', password: 'long enough', email: 'new@example.com', package_id: '2' },
    errors: [
      ...CREDENTIALS,
      [ADMIN_ONLY, { access_token: '$token', account_id: '$ann' }],
      [missing('username'), { username: undefined }],
      [missing('password'), { password: undefined }],
      [missing('email'), { email: undefined }],
      ...TAKEN,
    ],
  },
  'account/edit': {
    good: { account_id: '$ann' },
    errors: [
      [NO_TOKEN, { access_token: undefined }],
      [NO_ACCOUNT, { account_id: undefined }],
      [REAUTHENTICATE, { access_token: 'x'.repeat(128) }],
      [ADMIN_ONLY, { access_token: '$token' }],
      [NO_SUCH_ACCOUNT, { account_id: UNKNOWN }],
      ['You can not edit admin accounts via the API.', { account_id: '$admin' }],
      ...TAKEN,
    ],
  },
  'account/delete': {
    good: { account_id: '$ann' },
    errors: [
      [NO_TOKEN, { access_token: undefined }],
      [NO_ACCOUNT, { account_id: undefined }],
      [REAUTHENTICATE, { access_token: 'x'.repeat(128) }],
      [ADMIN_ONLY, { access_token: '$token' }],
      [NO_SUCH_ACCOUNT, { account_id: UNKNOWN }],
      ['You can not delete admin accounts via the API.', { account_id: '$admin' }],
      ['You can not delete the current API user.', { account_id: '$me' }],
    ],
  },
}
const ROWS = Object.entries(ENDPOINTS)

async function things(): Promise<Record<string, string>> {
  const { ann, admin } = given
  const second = await given.member('admin-two', { isAdmin: true })
  const trashed = await ann.upload('old.txt', 'x')
  await ann.must('file/delete', { file_id: trashed.file_id })
  const item = await ann.must('file/url_upload_add', { file_url_base64: btoa('http://example.com/') })
  return {
    $file: (await ann.upload('a.txt', 'x')).file_id,
    $trashed: trashed.file_id,
    $folder: await ann.folder('folder'),
    $other: await ann.folder('other'),
    $item: String(item.data.scheduled_item_id),
    $token: ann.credentials.access_token,
    $ann: ann.credentials.account_id,
    $admin: String(second.account.id),
    $me: admin.credentials.account_id,
  }
}

/** The file of an upload is its text here. */
const ask = (action: string, { upload_file, ...parameters }: Parameters): Promise<Answer> =>
  action === 'file/upload'
    ? given.send([
        ...textParts(parameters),
        ...(upload_file === undefined ? [] : [filePart('a.txt', String(upload_file))]),
      ])
    : given.post(action, parameters)

const isAdmins = (action: string): boolean =>
  /^(account\/(create|edit|delete)|package\/listing)$/.test(action)

/** Good parameters with these wrongs, of which the first counts. */
function combine(found: Record<string, string>, action: string, wrongs: readonly Step[]): Parameters {
  const caller = isAdmins(action) ? given.admin : given.ann
  const all: Wrong = { ...caller.credentials, ...ENDPOINTS[action]?.good }
  for (const [, wrong] of wrongs.toReversed()) Object.assign(all, wrong)
  const entries = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, found[value] ?? value]))
}

test('every action has its row, and every row its action', () => {
  expect(Object.keys(ENDPOINTS).sort()).toEqual(
    actionsOf(given.app).filter((action) => action !== 'authorize'),
  )
})

describe.each(ROWS)('%s', (action, { errors }) => {
  test('tells the first of all its errors, then the next', async () => {
    const found = await things()
    for (const [index, [message, wrong]] of errors.entries()) {
      const alone = await ask(action, combine(found, action, [[message, wrong]]))
      expect(['alone', refusal(alone)]).toEqual(['alone', message])
      const withAllThatFollow = await ask(action, combine(found, action, errors.slice(index)))
      expect(['first of many', refusal(withAllThatFollow)]).toEqual(['first of many', message])
    }
    success(await ask(action, combine(found, action, [])))
  })

  test('documents each of them', async () => {
    const { json } = await given.app.request('GET', '/swagger/json')
    const { description } = json.paths[`/api/v2/${action}`].post
    for (const [message] of errors) expect(description).toContain(`\n- ${message}`)
    const order = errors.map(([message]) => description.indexOf(`\n- ${message}`))
    if (!isAdmins(action)) expect(order).toEqual(order.toSorted((a, b) => a - b))
  })
})

test('what was refused changed nothing', async () => {
  const { ann } = given
  const found = await things()
  const before = await Promise.all([
    ann.must('folder/listing'),
    ann.must('file/info', { file_id: found.$file ?? '' }),
  ])
  for (const [action, { errors }] of ROWS)
    for (const step of errors) refusal(await ask(action, combine(found, action, [step])))
  const after = await Promise.all([
    ann.must('folder/listing'),
    ann.must('file/info', { file_id: found.$file ?? '' }),
  ])
  expect(after).toEqual(before)
})
