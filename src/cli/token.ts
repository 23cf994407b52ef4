/** kist token: credentials for programs. */
import type { Token, TokenKind } from '../core/model.ts'
import { DEFAULT_SCOPES, TOKEN_SCOPES } from '../core/tokens.ts'
import { type Action, CONFIG_OPTION, type Command, UsageError } from './command.ts'
import { tabbed, writeLine } from './streams.ts'
import { withCore } from './workplace.ts'

const USER_OPTION = { user: { value: 'NAME', about: 'account it belongs to', required: true } }

const add: Action = {
  about:
    'Makes a token and prints it; it is not shown again. nating: a token (fyu_...); flamenet: an API key (fn_...);\nyetishare: key1 and key2, one a line.',
  options: {
    ...USER_OPTION,
    kind: { value: 'nating|flamenet|yetishare', about: 'API it is for', required: true },
    name: { value: 'TEXT', about: 'what it is called in lists' },
    scopes: {
      value: 'A,B',
      about: `nating: what it may do, of ${TOKEN_SCOPES.join(', ')} for all (default: ${DEFAULT_SCOPES.join(',')})`,
    },
    'expires-days': { value: 'N', about: 'days until it ends (default: never)' },
    ...CONFIG_OPTION,
  },
  async run(given) {
    const user = given.text('user') ?? ''
    const input = {
      kind: readKind(given.text('kind') ?? ''),
      name: given.text('name'),
      scopes: readScopes(given.text('scopes')),
      expiresInDays: readDays(given.text('expires-days')),
    }
    if (input.scopes !== undefined && input.kind !== 'nating') {
      throw new UsageError(`--scopes goes with --kind nating; ${input.kind} has none`)
    }
    const { secrets } = await withCore(given, async ({ accounts, tokens }) =>
      tokens.issue(await accounts.getByName(user), input),
    )
    for (const secret of secrets) writeLine(secret)
    return 0
  },
}

function readKind(value: string): TokenKind {
  if (value === 'nating' || value === 'flamenet' || value === 'yetishare') return value
  throw new UsageError(`--kind is "${value}"; it must be nating, flamenet or yetishare`)
}

const readScopes = (value: string | undefined): string[] | undefined =>
  value
    ?.split(',')
    .map((scope) => scope.trim())
    .filter((scope) => scope !== '')

function readDays(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^\d{1,5}$/.test(value))
    throw new UsageError(`--expires-days is "${value}"; it must be a whole number`)
  return Number(value)
}

const list: Action = {
  about:
    'Lists the tokens of an account, one a line, separated by tabs: id, kind, name, visible beginning, scopes, created,\nexpires, last used, status.',
  options: { ...USER_OPTION, ...CONFIG_OPTION },
  run: (given) => {
    const user = given.text('user') ?? ''
    return withCore(given, async ({ accounts, tokens }) => {
      for (const token of await tokens.list(await accounts.getByName(user))) writeLine(row(token))
      return 0
    })
  },
}

const row = (token: Token): string =>
  tabbed([
    token.id,
    token.kind,
    token.name,
    token.prefix,
    token.scopes.join(','),
    token.createdAt,
    token.expiresAt,
    token.lastUsedAt,
    token.status,
  ])

const revoke: Action = {
  about: 'Revokes a token, by its id (atk_...) from the list: it is refused from now on.',
  words: ['ID'],
  options: CONFIG_OPTION,
  async run(given) {
    const [id = ''] = given.words
    await withCore(given, ({ tokens }) => tokens.revoke(id))
    return 0
  },
}

export const command: Command = { actions: { add, list, revoke } }
