/** Files, folders and download links of the caller. */
import { Elysia } from 'elysia'
import { Fault } from '../../core/fault.ts'
import type { Account, Principal } from '../../core/model.ts'
import type { NatingDeps } from './deps.ts'
import { docs } from './docs.ts'
import { readFolder, readLifetime } from './read.ts'
import {
  FileAnswerSchema,
  FolderAnswerSchema,
  FoldersSchema,
  LinkSchema,
  toFile,
  toFolder,
  toLink,
} from './wire.ts'

export const fileRoutes = ({ core, browsers, admission, delivery }: NatingDeps) =>
  new Elysia({ prefix: '/api/v1' })
    .use(admission)
    .get(
      '/files/:id',
      async ({ caller, params }) => ({
        status: 'ok' as const,
        file: toFile(await core.files.getOwn(caller.principal, params.id)),
      }),
      {
        admit: { scope: 'files.read', bucket: 'other' },
        response: { 200: FileAnswerSchema },
        detail: docs.getFile,
      },
    )
    .get(
      '/downloads/:id/link',
      async ({ caller, params, query, request, server }) => {
        const lifetime = readLifetime(query.expires_in)
        const link = await core.downloads.link(caller.principal, params.id, lifetime)
        return toLink(link, browsers.origin(request, server), delivery)
      },
      {
        admit: { scope: 'files.read', bucket: 'link' },
        response: { 200: LinkSchema },
        detail: docs.downloadLink,
      },
    )
    .get(
      '/folders',
      async ({ caller, query }) => {
        const { parentId } = readFolder({ parent_id: query.parent_id })
        const folders = await core.folders.list(owner(caller.principal), parentId)
        return { status: 'ok' as const, folders: folders.map(toFolder) }
      },
      {
        admit: { scope: 'files.read', bucket: 'other' },
        response: { 200: FoldersSchema },
        detail: docs.listFolders,
      },
    )
    .post(
      '/folders',
      async ({ caller: { principal, body }, status }) => {
        const folder = await core.folders.create(owner(principal), readFolder(body))
        return status(201, { status: 'ok' as const, folder: toFolder(folder) })
      },
      {
        parse: 'none',
        admit: { scope: 'files.write', bucket: 'other', body: 'fields' },
        response: { 201: FolderAnswerSchema },
        detail: docs.createFolder,
      },
    )

/** Routes that guests cannot reach always have an account. */
function owner(principal: Principal): Account {
  if (!principal.account) throw new Fault('unauthenticated')
  return principal.account
}
