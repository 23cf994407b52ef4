/** Uploads, with an account or without. A bad credential never keeps an upload from being taken. */
import { Elysia } from 'elysia'
import { Fault, isFault } from '../../core/fault.ts'
import { cleanFilename } from '../../core/filename.ts'
import type { NewContent } from '../../core/ingest.ts'
import { mimeTypeByExtension } from '../../core/mime.ts'
import type { Account } from '../../core/model.ts'
import type { PeerSource } from '../../http/client-address.ts'
import { exchangeOf } from '../../http/exchange.ts'
import { queryFields, type TextFields, textFields } from '../../http/fields.ts'
import type { IncomingFile } from '../../http/form.ts'
import { type ExpectedSize, receiveForm } from '../../http/form-upload.ts'
import type { TimeoutSetter } from '../../http/upload-body.ts'
import { authenticate } from './auth.ts'
import { limit, type UploaderDeps } from './deps.ts'
import { docs } from './docs.ts'
import { authErrorOf } from './faults.ts'
import { dottedExtension, toUploaded, UploadedSchema } from './wire.ts'

const noFile = (): Fault => new Fault('missing', 'No file uploaded', { field: 'file' })
const badExtension = (): Fault => new Fault('extension_refused', 'Bad file extension')

interface Context {
  request: Request
  server: (PeerSource & TimeoutSetter) | null
}

interface Sender {
  account: Account | null
  /** What was wrong with the credential, null when it was good. */
  fault: Fault | null
}

export const uploadRoutes = (deps: UploaderDeps) => {
  const upload = async (context: Context) => {
    limit(deps, 'upload', deps.uploadsPerMinute, context)
    const sender = await identify(deps, context.request)
    const { file } = await receive(deps, context, sender.account)
    const origin = deps.browsers.origin(context.request, context.server)
    return toUploaded(file, { origin, authError: sender.fault && authErrorOf(sender.fault) })
  }
  const options = { parse: 'none' as const, response: { 200: UploadedSchema } }
  return new Elysia()
    .post('/api/upload', upload, { ...options, detail: docs.upload })
    .post('/api/upload/private', upload, { ...options, detail: { hide: true } })
}

/** Without an account only where the site takes that. Faults: those of `authenticate`. */
async function identify({ core }: UploaderDeps, request: Request): Promise<Sender> {
  try {
    const { account } = await authenticate(core, request.headers)
    exchangeOf(request).actor = `user:${account.id}`
    return { account, fault: null }
  } catch (error) {
    if (!core.live.now.guestUploads || !isFault(error) || authErrorOf(error) === null) throw error
    return { account: null, fault: error }
  }
}

interface Wishes {
  includeExtension: boolean
  uses: number | undefined
}

const MOST_USES = 10_000

/** Fault: invalid. */
function readWishes(query: TextFields): Wishes {
  const given = query.max_uses?.trim() ?? ''
  const uses = given === '' ? undefined : Number(/^\d{1,9}$/.test(given) ? given : Number.NaN)
  if (uses !== undefined && !(uses >= 1 && uses <= MOST_USES)) {
    throw new Fault('invalid', 'Invalid max_uses parameter', { field: 'max_uses' })
  }
  return { includeExtension: /^(true|1|yes|on)$/i.test(query.include_ext ?? ''), uses }
}

/** In this order: is there a file, has its name an extension, its size, the quota. */
async function receive(deps: UploaderDeps, context: Context, account: Account | null) {
  const wishes = readWishes(textFields(queryFields(context.request)))
  const { ingest } = deps.core
  const received = receiveForm(ingest, context, {
    fileField: 'file',
    async spool(file, expected) {
      const content = contentOf(deps, context, { file, expected, wishes })
      return { content, spooled: await ingest.spool(account, content, file.body) }
    },
    async resolve(arrived) {
      if (!arrived) throw noFile()
      return { owner: account, ...arrived }
    },
  })
  return received.catch((error: unknown) => {
    throw isFault(error, 'invalid') ? noFile() : error
  })
}

function contentOf(
  deps: UploaderDeps,
  { request, server }: Context,
  { file, expected, wishes }: { file: IncomingFile; expected: ExpectedSize; wishes: Wishes },
): NewContent {
  const name = cleanFilename(file.name)
  const extension = dottedExtension(name)
  if (extension === '') throw badExtension()
  return {
    name,
    mimeType: mimeTypeByExtension(extension.slice(1)),
    ...expected,
    maxSize: deps.maxFileSize,
    folderId: null,
    source: 'direct',
    uploadedIp: deps.browsers.address(request, server) || null,
    visibility: 1,
    mayBeEmpty: true,
    ...(wishes.includeExtension && { urlExtension: extension }),
    ...(wishes.uses !== undefined && { uses: wishes.uses }),
  }
}
