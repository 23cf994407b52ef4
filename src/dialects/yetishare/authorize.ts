/** Signing in by a pair of keys or a password, and out again. */

import type { SignIn } from '../../core/access-tokens.ts'
import { Fault, invalid, isFault } from '../../core/fault.ts'
import type { Action, OpenAction } from './action.ts'
import { type Parameters, textOf } from './call.ts'

const REFUSED = {
  keys: 'Could not authenticate user. The key pair may be invalid or your account may be locked from too many failed logins.',
  password:
    'Could not authenticate user. The username and password may be invalid or your account may be locked from too many failed logins.',
}

const MISSING = {
  key1: 'Please provide key1. It must be 64 characters in length.',
  key2: 'Please provide key2. It must be 64 characters in length.',
  username: 'Please provide a username.',
  password: 'Please provide a password.',
}

function readKey(parameters: Parameters, name: 'key1' | 'key2'): string {
  const key = textOf(parameters, name) ?? ''
  if ([...key].length !== 64) throw invalid(name, MISSING[name])
  return key
}

function readName(parameters: Parameters, name: 'username' | 'password'): string {
  // A password is taken as it is: blanks at its ends belong to it.
  const value = name === 'password' ? parameters[name] : textOf(parameters, name)
  if (typeof value !== 'string' || value === '') throw invalid(name, MISSING[name])
  return value
}

/** Keys when there is one of them, else name and password. Faults: invalid. */
function readSignIn(parameters: Parameters): SignIn {
  const hasKeys = [parameters.key1, parameters.key2].some((key) => key !== undefined && key !== '')
  if (hasKeys) return { kind: 'keys', key1: readKey(parameters, 'key1'), key2: readKey(parameters, 'key2') }
  return {
    kind: 'password',
    name: readName(parameters, 'username'),
    password: readName(parameters, 'password'),
  }
}

export const authorize: OpenAction = {
  path: 'authorize',
  docs: {
    summary: 'Sign in',
    description:
      'With a pair of API keys, or with user name and password. The token ends an hour after its last use.',
    parameters: {
      key1: 'First API key, 64 characters',
      key2: 'Second API key, 64 characters',
      username: 'User name, when there are no keys',
      password: 'Its password',
    },
    errors: [...Object.values(MISSING), ...Object.values(REFUSED)],
    example: { data: { access_token: 'a1b2…', account_id: '158642' } },
  },
  async runOpen({ core, parameters, ip }) {
    const signIn = readSignIn(parameters)
    const { secret, account } = await core.accessTokens.authorise(signIn, ip).catch((error: unknown) => {
      throw isFault(error, 'bad_credentials') ? new Fault('forbidden', REFUSED[signIn.kind]) : error
    })
    return { data: { access_token: secret, account_id: String(account.id) } }
  },
}

export const disableAccessToken: Action = {
  path: 'disable_access_token',
  docs: {
    summary: 'Sign out',
    description: 'The token is dead at once.',
    example: { response: 'Token removed or no longer available.' },
  },
  async run({ core, required }) {
    await core.accessTokens.disable(required('access_token'))
    return { response: 'Token removed or no longer available.' }
  },
}
