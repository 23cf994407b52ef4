/** What proves who somebody is, made at the very moment at which the password changes or the account is suspended. */
import { describe, expect, test } from 'bun:test'
import type { AccountChange } from '../../src/core/accounts.ts'
import type { FaultCode } from '../../src/core/fault.ts'
import type { Account } from '../../src/core/model.ts'
import { type CoreUnderTest, coresUnderTest, faultOf } from './core-under-test.ts'

const open = coresUnderTest()
const PASSWORD = 'correct horse'
const IP = '192.0.2.7'

interface Issue {
  /** The call of the store that writes the credential down. */
  store: 'webSessions' | 'accessTokens' | 'loginTokens' | 'tokens'
  prepare?(product: CoreUnderTest, ann: Account): Promise<string[]>
  issue(product: CoreUnderTest, ann: Account, keys: string[]): Promise<unknown>
  refusal: FaultCode
}

const yetishareKeys = async ({ core }: CoreUnderTest, ann: Account): Promise<string[]> =>
  (await core.tokens.issue(ann, { kind: 'yetishare' })).secrets

const ISSUES: Record<string, Issue> = {
  'a browser that signs in': {
    store: 'webSessions',
    issue: ({ core }) => core.webSessions.signIn('ann', PASSWORD),
    refusal: 'bad_credentials',
  },
  'a browser whose owner was known already': {
    store: 'webSessions',
    issue: ({ core }, ann) => core.webSessions.begin(ann),
    refusal: 'bad_credentials',
  },
  'an access token by password': {
    store: 'accessTokens',
    issue: ({ core }) =>
      core.accessTokens.authorise({ kind: 'password', name: 'ann', password: PASSWORD }, IP),
    refusal: 'bad_credentials',
  },
  'an access token by keys': {
    store: 'accessTokens',
    prepare: yetishareKeys,
    issue: ({ core }, _ann, [key1 = '', key2 = '']) =>
      core.accessTokens.authorise({ kind: 'keys', key1, key2 }, IP),
    refusal: 'bad_credentials',
  },
  'a sign-in of the uploader': {
    store: 'loginTokens',
    issue: ({ core }) => core.loginTokens.login('ann', PASSWORD, false, IP),
    refusal: 'wrong_password',
  },
  'a sign-in of the uploader for a program': {
    store: 'loginTokens',
    issue: ({ core }, ann) => core.loginTokens.issue(ann, true),
    refusal: 'bad_credentials',
  },
  'a key by a browser': {
    store: 'tokens',
    issue: ({ core }, ann) => core.tokens.issueOwn(ann, { kind: 'flamenet' }),
    refusal: 'bad_credentials',
  },
}

const CHANGES: Array<[string, AccountChange]> = [
  ['the password changes', { password: 'another long password' }],
  ['the account is suspended', { status: 'suspended' }],
]

async function withAnn() {
  const product = await open()
  const ann = await product.account('ann')
  return { product, ann }
}

const credentials = async ({ metadata, core }: CoreUnderTest, ann: Account): Promise<number> =>
  (await core.webSessions.list(ann)).length +
  (await metadata.loginTokens.list(ann.id)).length +
  (await metadata.tokens.list(ann.id)).length

for (const [when, change] of CHANGES)
  describe(`while ${when}`, () => {
    test.each(Object.entries(ISSUES))('no credential is made: %s', async (_name, one) => {
      const { product, ann } = await withAnn()
      const keys = (await one.prepare?.(product, ann)) ?? []
      const before = await credentials(product, ann)
      const store = product.metadata[one.store] as { create: (...given: never[]) => Promise<unknown> }
      const create = store.create
      store.create = async (...given) => {
        store.create = create
        await product.core.accounts.change(ann.id, change)
        return create(...given)
      }
      await faultOf(one.issue(product, ann, keys), one.refusal)
      expect(await credentials(product, ann)).toBe(before)
      // Nor is there one that would be good again after the suspension.
      await product.core.accounts.change(ann.id, { status: 'active' })
      expect(await credentials(product, ann)).toBe(before)
    })
  })

test('a sign-in that is renewed while the password changes is none any more', async () => {
  const { product, ann } = await withAnn()
  const { core, metadata } = product
  const { token } = await core.loginTokens.login('ann', PASSWORD, false, IP)
  const replace = metadata.loginTokens.replace.bind(metadata.loginTokens)
  metadata.loginTokens.replace = async (...given) => {
    await core.accounts.change(ann.id, { password: 'another long password' })
    return replace(...given)
  }
  await faultOf(core.loginTokens.refresh(token.id), 'credential_unknown')
  expect(await metadata.loginTokens.list(ann.id)).toEqual([])
})
