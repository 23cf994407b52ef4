/** Links an account hands out: to its files and folders, and by which others send it some. */
import { Elysia } from 'elysia'
import { invalid } from '../../core/fault.ts'
import type { FileRequestInput } from '../../core/file-requests.ts'
import type { ShareTarget } from '../../core/metadata.ts'
import type { ShareLinkInput } from '../../core/share-links.ts'
import type { Fields } from '../../http/fields.ts'
import { linkId } from '../../http/path-ids.ts'
import type { WebDeps } from '../session.ts'
import type { FileRequestSlice, ShareLinkSlice } from '../wire/sharing.ts'
import { calls, changing, hidden } from './calls.ts'
import {
  beforeParam,
  folderField,
  nullableNumber,
  nullableText,
  nullableTime,
  optionalText,
  textField,
} from './read.ts'
import { toFileRequest, toShareLink } from './views.ts'

function targetOf(fileId: unknown, folderId: unknown): ShareTarget | undefined {
  const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0
  if (isId(fileId)) return { fileId }
  if (isId(folderId)) return { folderId }
  return undefined
}

const shareInput = (body: Fields): ShareLinkInput => ({
  password: nullableText(body, 'password'),
  expiresAt: nullableTime(body, 'expires'),
  downloadsLeft: nullableNumber(body, 'downloadsLeft'),
})

const requestInput = (body: Fields): FileRequestInput => ({
  title: optionalText(body, 'title'),
  note: optionalText(body, 'note'),
  password: nullableText(body, 'password'),
  expiresAt: nullableTime(body, 'expires'),
  filesLeft: nullableNumber(body, 'filesLeft'),
  ...(typeof body.closed === 'boolean' && { closed: body.closed }),
})

export function shareRoutes(deps: WebDeps) {
  const call = calls(deps)
  return new Elysia()
    .get(
      '/web/shares',
      call(async ({ core, account, origin, query }) => {
        const target = targetOf(Number(query.get('fileId')), Number(query.get('folderId')))
        const { links, beforeId } = await core.shareLinks.list(account, beforeParam(query), target)
        const views = links.map(({ link, name }) => toShareLink(link, name, origin))
        return { links: views, before: beforeId } satisfies ShareLinkSlice
      }),
      hidden,
    )
    .post(
      '/web/shares',
      call(async ({ core, account, origin, body }) => {
        const target = targetOf(body.fileId, body.folderId)
        if (!target) throw invalid('fileId', 'A link opens a file or a folder.')
        return toShareLink(await core.shareLinks.create(account, target, shareInput(body)), '', origin)
      }),
      changing,
    )
    .patch(
      '/web/shares/:id',
      call(async ({ core, account, origin, params, body }) =>
        toShareLink(await core.shareLinks.change(account, linkId(params.id), shareInput(body)), '', origin),
      ),
      changing,
    )
    .delete(
      '/web/shares/:id',
      call(async ({ core, account, params }) => {
        await core.shareLinks.remove(account, linkId(params.id))
        return { status: 'ok' }
      }),
      changing,
    )
}

export function fileRequestRoutes(deps: WebDeps) {
  const call = calls(deps)
  return new Elysia()
    .get(
      '/web/requests',
      call(async ({ core, account, origin, query }) => {
        const { requests, beforeId } = await core.fileRequests.list(account, beforeParam(query))
        const views = requests.map(({ request, folderName }) => toFileRequest(request, folderName, origin))
        return { requests: views, before: beforeId } satisfies FileRequestSlice
      }),
      hidden,
    )
    .post(
      '/web/requests',
      call(async ({ core, account, origin, body }) => {
        textField(body, 'title')
        const folderId = folderField(body, 'folderId')
        return toFileRequest(
          await core.fileRequests.create(account, folderId, requestInput(body)),
          null,
          origin,
        )
      }),
      changing,
    )
    .patch(
      '/web/requests/:id',
      call(async ({ core, account, origin, params, body }) =>
        toFileRequest(
          await core.fileRequests.change(account, linkId(params.id), requestInput(body)),
          null,
          origin,
        ),
      ),
      changing,
    )
    .delete(
      '/web/requests/:id',
      call(async ({ core, account, params }) => {
        await core.fileRequests.remove(account, linkId(params.id))
        return { status: 'ok' }
      }),
      changing,
    )
}
