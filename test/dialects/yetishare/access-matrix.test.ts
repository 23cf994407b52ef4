/** Every action against every kind of caller. An action without a row here fails. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/app.ts'
import { filePart, textParts } from './forms.ts'
import {
  actionsOf,
  type Credentials,
  type Member,
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

const ADMIN_ONLY = 'API user must be an admin user for this endpoint.'
const NO_ITEM = 'Could not find the scheduled item based on scheduled_item_id.'

/** What ann owns. */
interface Things {
  file: string
  slug: string
  folder: string
  other: string
  item: string
}

interface Row {
  /** Of ann's things. */
  parameters?(things: Things): Parameters
  /** What bob gets who asks for ann's things; absent: the action asks for nothing of anybody. */
  foreign?: string
  /** More ways to name a thing that is someone else's. */
  also?: Array<[(things: Things) => Parameters, string]>
  /** Only for admins. */
  admin?: true
  /** `account_id` need not be the caller's own. */
  accountId?: 'optional' | 'target'
}

const file_id = ({ file }: Things) => ({ file_id: file })
const folder_id = ({ folder }: Things) => ({ folder_id: folder })

const MATRIX: Record<string, Row> = {
  disable_access_token: {},
  'account/info': {},
  'account/package': {},
  'account/create': { admin: true },
  'account/edit': { admin: true, accountId: 'target' },
  'account/delete': { admin: true, accountId: 'target' },
  'package/listing': { admin: true, accountId: 'optional' },
  'file/upload': { parameters: folder_id, foreign: NO_FOLDER },
  'file/download': {
    parameters: file_id,
    foreign: NO_FILE,
    also: [[({ slug }) => ({ short_url: slug }), NO_FILE]],
  },
  'file/info': { parameters: file_id, foreign: NO_FILE },
  'file/edit': { parameters: file_id, foreign: NO_FILE },
  'file/delete': { parameters: file_id, foreign: NO_FILE },
  'file/move': {
    parameters: ({ file, folder }) => ({ file_id: file, new_parent_folder_id: folder }),
    foreign: NO_FILE,
  },
  'file/copy': {
    parameters: ({ file, folder }) => ({ file_id: file, copy_to_folder_id: folder }),
    foreign: NO_FILE,
  },
  'file/url_upload_add': {
    parameters: ({ folder }) => ({ file_url_base64: btoa('http://example.com/a'), folder_id: folder }),
    foreign: NO_FOLDER,
  },
  'file/url_upload_status': {
    parameters: ({ item }) => ({ scheduled_item_id: item }),
    foreign: NO_ITEM,
  },
  'folder/create': {
    parameters: ({ folder }) => ({ folder_name: 'inner', parent_id: folder }),
    foreign: NO_FOLDER,
  },
  'folder/listing': {
    parameters: ({ folder }) => ({ parent_folder_id: folder }),
    foreign: NO_FOLDER,
  },
  'folder/info': {
    parameters: folder_id,
    foreign: NO_FOLDER,
    also: [[({ folder }) => ({ parent_folder_id: folder }), NO_FOLDER]],
  },
  'folder/edit': { parameters: folder_id, foreign: NO_FOLDER },
  'folder/delete': { parameters: folder_id, foreign: NO_FOLDER },
  'folder/move': {
    parameters: ({ folder, other }) => ({ folder_id: folder, new_parent_folder_id: other }),
    foreign: noDestination('new_parent_folder_id'),
    also: [[({ folder }) => ({ folder_id: folder, new_parent_folder_id: '0' }), NO_FOLDER]],
  },
}
const ROWS = Object.entries(MATRIX)

/** An upload is a form with a file, everything else is urlencoded. */
const ask = (action: string, parameters: Parameters): Promise<Answer> =>
  action === 'file/upload'
    ? given.send([...textParts(parameters), filePart('a.txt', 'Hello')])
    : given.post(action, parameters)

async function thingsOf(owner: Member): Promise<Things> {
  const file = await owner.upload('a.txt', 'Hello')
  const item = await owner.must('file/url_upload_add', { file_url_base64: btoa('http://example.com/b') })
  return {
    file: file.file_id,
    slug: file.short_url,
    folder: await owner.folder('mine'),
    other: await owner.folder('other'),
    item: item.data.scheduled_item_id,
  }
}

/** What the row asks of, with everything the admin endpoints ask for. */
const parametersOf = (row: Row, things: Things): Parameters =>
  row.parameters?.(things) ?? {
    username: 'new-user',
    password: 'long enough',
    email: 'new@example.com',
  }

test('every action has its row, and every row its action', () => {
  const signedIn = actionsOf(given.app).filter((action) => action !== 'authorize')
  expect(Object.keys(MATRIX).sort()).toEqual(signedIn)
})

describe.each(ROWS)('%s', (action, row) => {
  test('asks for access_token, then account_id, then whether they are good', async () => {
    const parameters = parametersOf(row, await thingsOf(given.ann))
    const { access_token, account_id } = given.ann.credentials
    const old = { access_token: 'x'.repeat(128) }
    const CASES: Array<[Partial<Credentials>, string]> = [
      [{}, NO_TOKEN],
      [{ access_token: '  ' }, NO_TOKEN],
      [{ account_id }, NO_TOKEN],
      [{ access_token: old.access_token, account_id }, REAUTHENTICATE],
      [{ access_token: `${access_token.slice(1)}z`, account_id }, REAUTHENTICATE],
      [{ access_token: access_token.slice(1), account_id }, REAUTHENTICATE],
    ]
    if (row.accountId !== 'optional') {
      CASES.push([{ access_token }, NO_ACCOUNT], [{ access_token, account_id: ' ' }, NO_ACCOUNT])
      CASES.push([old, NO_ACCOUNT])
    }
    for (const [credentials, message] of CASES)
      expect([credentials, refusal(await ask(action, { ...parameters, ...credentials }))]).toEqual([
        credentials,
        message,
      ])
  })

  test('is closed to a token that names another account, unless it is an admin’s', async () => {
    const { ann, bob } = given
    const parameters = parametersOf(row, await thingsOf(ann))
    const expected = row.accountId === 'target' ? ADMIN_ONLY : REAUTHENTICATE
    const ids = [
      ann.credentials.account_id,
      '0',
      '-1',
      '999',
      'admin-amy',
      `0${bob.credentials.account_id}`,
      '1e3',
    ]
    for (const account_id of ids) {
      const answer = await ask(action, { ...parameters, ...bob.credentials, account_id })
      expect([account_id, refusal(answer)]).toEqual([account_id, expected])
    }
  })

  test('is closed to tokens that have expired and those of accounts that are suspended', async () => {
    const { ann, app } = given
    const parameters = { ...parametersOf(row, await thingsOf(ann)), ...ann.credentials }
    const signedInAgain = success(await given.post('authorize', ann.keys)).data
    app.clock.advance(3600)
    expect(refusal(await ask(action, parameters))).toBe(REAUTHENTICATE)
    await app.core.accounts.change(ann.account.id, { status: 'suspended' })
    expect(refusal(await ask(action, { ...parameters, ...signedInAgain }))).toBe(REAUTHENTICATE)
  })
})

const OWNED = ROWS.filter(([, { foreign }]) => foreign !== undefined)

describe.each(OWNED)('%s', (action, row) => {
  test('opens to its owner only', async () => {
    const { ann, bob, admin, app } = given
    const things = await thingsOf(ann)
    const asks: Array<[Parameters, string]> = [
      [parametersOf(row, things), row.foreign ?? ''],
      ...(row.also ?? []).map(([make, message]): [Parameters, string] => [make(things), message]),
    ]
    for (const [parameters, message] of asks) {
      for (const { credentials } of [bob, admin]) {
        const answer = await ask(action, { ...parameters, ...credentials })
        expect([parameters, refusal(answer)]).toEqual([parameters, message])
      }
    }
    for (const id of [things.folder, things.other]) {
      const { data } = await ann.must('folder/info', { folder_id: id })
      expect(data).toMatchObject({ child_folder_count: 0, file_count: 0 })
    }
    expect((await ann.must('file/info', { file_id: things.file })).data.status).toBe('active')
    expect(await app.core.files.list(bob.account, null)).toEqual([])
    for (const [parameters] of asks) success(await ask(action, { ...parameters, ...ann.credentials }))
  })

  test('opens to an admin who acts for its owner', async () => {
    const { ann, admin } = given
    const parameters = { ...parametersOf(row, await thingsOf(ann)), ...admin.credentials }
    success(await ask(action, { ...parameters, account_id: ann.credentials.account_id }))
    const listing = await given.app.core.files.list(admin.account, null)
    expect(listing).toEqual([])
  })
})

const FOR_ADMINS = ROWS.filter(([, { admin }]) => admin)

test.each(FOR_ADMINS)('%s is for admins', async (action, row) => {
  const { ann, bob, admin } = given
  const parameters = parametersOf(row, await thingsOf(ann))
  expect(refusal(await ask(action, { ...parameters, ...bob.credentials }))).toBe(ADMIN_ONLY)
  const account_id = (row.accountId === 'target' ? ann : admin).credentials.account_id
  success(await ask(action, { ...parameters, ...admin.credentials, account_id }))
})

test('an admin looks at the account, package and token of somebody else', async () => {
  const { ann, admin } = given
  const { account_id } = ann.credentials
  expect((await admin.must('account/info', { account_id })).data).toMatchObject({ username: 'ann-lee' })
  expect((await admin.must('account/package', { account_id })).data).toMatchObject({ label: 'Gold' })
  expect((await admin.must('account/info')).data).toMatchObject({ username: 'admin-amy', level_id: '20' })
})

/** Second parameters: the first thing is the caller's own, the second someone else's. */
const SECOND: Array<[string, (mine: Things, theirs: Things) => Parameters, string]> = [
  ['file/edit', (mine, theirs) => ({ file_id: mine.file, folder_id: theirs.folder }), NO_FOLDER],
  [
    'file/move',
    (mine, theirs) => ({ file_id: mine.file, new_parent_folder_id: theirs.folder }),
    noDestination('new_parent_folder_id'),
  ],
  [
    'file/copy',
    (mine, theirs) => ({ file_id: mine.file, copy_to_folder_id: theirs.folder }),
    noDestination('copy_to_folder_id'),
  ],
  ['folder/edit', (mine, theirs) => ({ folder_id: mine.folder, parent_id: theirs.folder }), NO_FOLDER],
  [
    'folder/move',
    (mine, theirs) => ({ folder_id: mine.folder, new_parent_folder_id: theirs.folder }),
    noDestination('new_parent_folder_id'),
  ],
]

test.each(SECOND)('%s does not lead into someone else’s folder', async (action, make, message) => {
  const { ann, bob, admin } = given
  const [theirs, mine] = [await thingsOf(ann), await thingsOf(bob)]
  expect(refusal(await bob.call(action, make(mine, theirs)))).toBe(message)
  const account_id = bob.credentials.account_id
  expect(refusal(await admin.call(action, { ...make(mine, theirs), account_id }))).toBe(message)
  expect(await given.app.core.files.list(bob.account, null)).toHaveLength(1)
})

test('missing parameters are asked for after the credentials', async () => {
  expect(refusal(await given.ann.call('file/info'))).toBe(missing('file_id'))
  expect(refusal(await given.post('file/info', { file_id: '' }))).toBe(NO_TOKEN)
})
