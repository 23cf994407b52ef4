/** Every address that sends the bytes of a file, and for whom it does when nobody is signed in. */
import type { Account, FileRecord } from '../../src/core/model.ts'
import type { TestApp } from './app.ts'

export interface ByteRoute {
  name: string
  /** Whose package holds: what only the owner can have made acts for the owner. */
  actsFor: 'owner' | 'guest'
  /** How it says no: a page, or plain text. */
  refusal: 'page' | 'text'
  /** Shown in the browser instead of saved, where the type allows it. */
  inline?: boolean
  path(app: TestApp, owner: Account, file: FileRecord): Promise<string>
}

const natingLink = async ({ core }: TestApp, account: Account, file: FileRecord): Promise<string> => {
  const by = { actor: `user:${account.id}`, account, tokenId: null, scopes: null, ip: '' }
  return (await core.downloads.link(by, String(file.id), 3600)).path
}

const shared = async ({ core }: TestApp, owner: Account, file: FileRecord): Promise<string> =>
  (await core.shares.share(owner, file.id, null)).token

const tokenLink = async ({ core }: TestApp, owner: Account, file: FileRecord): Promise<string> =>
  (await core.downloads.tokenLink(owner, { id: file.id })).path

const named = (path: string): string => path.replace('?', '/any%20name.exe?')

export const BYTE_ROUTES: ByteRoute[] = [
  { name: '/download/{id}', actsFor: 'owner', refusal: 'text', path: natingLink },
  {
    name: '/download/{id}/{name}',
    actsFor: 'owner',
    refusal: 'text',
    path: async (...given) => named(await natingLink(...given)),
  },
  { name: '/{slug} with a token of the API', actsFor: 'owner', refusal: 'page', path: tokenLink },
  {
    name: '/{slug}/{name} with a token of the API',
    actsFor: 'owner',
    refusal: 'page',
    path: async (...given) => named(await tokenLink(...given)),
  },
  {
    name: '/{slug} with a token of its page',
    actsFor: 'guest',
    refusal: 'page',
    path: async ({ core }, _owner, file) =>
      core.downloads.pageLink(await core.downloads.view(file.slug, null)),
  },
  {
    name: '/file/{slug}',
    actsFor: 'guest',
    refusal: 'page',
    inline: true,
    path: async (_app, _owner, { slug }) => `/file/${slug}`,
  },
  {
    name: '/f/{slug}',
    actsFor: 'guest',
    refusal: 'page',
    inline: true,
    path: async (_app, _owner, { slug }) => `/f/${slug}`,
  },
  {
    name: '/files?fnf_share=',
    actsFor: 'guest',
    refusal: 'page',
    path: async (...given) => `/files?fnf_share=${await shared(...given)}`,
  },
  {
    name: '/files/?fnf_share=',
    actsFor: 'guest',
    refusal: 'page',
    path: async (...given) => `/files/?fnf_share=${await shared(...given)}`,
  },
  {
    name: '/storage/dl/{id}',
    actsFor: 'owner',
    refusal: 'page',
    path: async ({ core }, owner, file) => (await core.downloads.presigned(owner, file.id, 300)).path,
  },
]
