/** The files of an account, deletion by key, and taking anonymous files over. */
import { Elysia } from 'elysia'
import { Fault, isFault } from '../../core/fault.ts'
import type { Account } from '../../core/model.ts'
import { readBody } from '../../http/body.ts'
import { queryOf } from '../../http/dialect.ts'
import { authenticate } from './auth.ts'
import type { UploaderDeps } from './deps.ts'
import { docs } from './docs.ts'
import { renderFault } from './faults.ts'
import { DoneSchema, ListSchema, TransferredSchema, toListed } from './wire.ts'

const BODY_LIMIT = 1024 * 1024
const MOST_TRANSFERRED = 1000

/**
 * `4ynA8yjhsu.mp4`, decoded → the slug and what follows it, letter for letter. The router gives no text for a
 * path that can not be decoded: then there is no slug either.
 */
export function splitFileUrl(fileUrl: unknown): { slug: string; urlExtension: string | null } {
  if (typeof fileUrl !== 'string') return { slug: '', urlExtension: null }
  const dot = fileUrl.indexOf('.')
  return dot < 0
    ? { slug: fileUrl, urlExtension: null }
    : { slug: fileUrl.slice(0, dot), urlExtension: fileUrl.slice(dot) }
}

/** A file_url outside of an address is still encoded as in one; what is not is taken as it is. */
function decodeFileUrl(fileUrl: string): string {
  try {
    return decodeURIComponent(fileUrl)
  } catch {
    return fileUrl
  }
}

interface Entry {
  file_url: string
  key: string
}

/** Fault: invalid. */
function readEntries(data: unknown): Entry[] {
  const isEntry = (value: unknown): value is Entry =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Entry).file_url === 'string' &&
    typeof (value as Entry).key === 'string'
  if (!Array.isArray(data) || data.length > MOST_TRANSFERRED || !data.every(isEntry)) {
    throw new Fault('invalid', `data must be a list of at most ${MOST_TRANSFERRED} {file_url, key}`, {
      field: 'data',
    })
  }
  return data
}

export const fileRoutes = (deps: UploaderDeps) => {
  const { core, browsers } = deps

  const list = async ({
    request,
    server,
  }: {
    request: Request
    server: Parameters<typeof browsers.origin>[1]
  }) => {
    const { account } = await authenticate(core, request.headers)
    const origin = browsers.origin(request, server)
    const data = (await core.files.listAll(account)).map((file) => toListed(file, origin))
    return { status: 'success' as const, message: 'files got successfully', username: account.name, data }
  }

  const remove = async ({ request, params, set }: Removal) => {
    set.headers['x-robots-tag'] = 'noindex'
    if (request.method === 'HEAD') throw new Fault('method_not_allowed')
    const { slug, urlExtension } = splitFileUrl(params.fileUrl)
    const key = new URLSearchParams(queryOf(request)).get('key') ?? ''
    await core.files.removeByKey(slug, key, urlExtension)
    return { status: 'success' as const, message: 'deleted' }
  }

  /** What could not be taken over, with the reason; null when it was. */
  const transfer = async (account: Account, { file_url, key }: Entry) => {
    const { slug, urlExtension } = splitFileUrl(decodeFileUrl(file_url))
    try {
      await core.files.claim(account, slug, key, urlExtension)
      return null
    } catch (error) {
      if (!isFault(error, 'file_not_found', 'delete_key_wrong', 'quota_exceeded')) throw error
      return { file_url, message: (renderFault(error).body as { message: string }).message }
    }
  }

  return new Elysia({ prefix: '/api' })
    .get('/get_files', list, { response: { 200: ListSchema }, detail: docs.list })
    .get('/getFiles', list, { response: { 200: ListSchema }, detail: { hide: true } })
    .get('/delete/:fileUrl', remove, { response: { 200: DoneSchema }, detail: docs.remove })
    .delete('/delete/:fileUrl', remove, {
      parse: 'none',
      response: { 200: DoneSchema },
      detail: { hide: true },
    })
    .post(
      '/transfer',
      async ({ request }) => {
        const { account } = await authenticate(core, request.headers)
        const failed = []
        for (const entry of readEntries((await readBody(request, BODY_LIMIT)).data)) {
          const failure = await transfer(account, entry)
          if (failure) failed.push(failure)
        }
        return { status: 'success' as const, message: 'files transferred', unsuccess: failed }
      },
      { parse: 'none', response: { 200: TransferredSchema }, detail: docs.transfer },
    )
}

interface Removal {
  request: Request
  params: { fileUrl: string }
  set: { headers: Record<string, string | number | undefined> }
}
