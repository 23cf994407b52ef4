/** Uploads in parts: opened, signed, completed. The bytes go to the signed URLs. */
import { Elysia } from 'elysia'
import { Fault, invalid, isFault } from '../../core/fault.ts'
import type { FilePlace } from '../../core/metadata.ts'
import { partCount } from '../../core/part-plan.ts'
import type { SignedPart } from '../../core/part-urls.ts'
import type { Fields } from '../../http/fields.ts'
import { sessionId } from '../../http/path-ids.ts'
import type { WebDeps } from '../session.ts'
import {
  type CompletedFile,
  type CreatedUpload,
  LONGEST_KEY,
  MOST_TARGETS,
  PART_SIZE,
  type PartTarget,
  type UploadPart,
} from '../wire/uploads.ts'
import { type Call, calls, changing, hidden } from './calls.ts'
import { folderField, nullableText, textField } from './read.ts'
import { toUpload } from './views.ts'

/** Seconds a part URL is good for: a slow line needs long for one part. */
const URL_SECONDS = 6 * 3600

async function* noBytes(): AsyncGenerator<Uint8Array> {}

const toTarget = ({ number, url, size }: SignedPart): PartTarget => ({ number, url, size })

/** The first parts are signed at once, so that a small file needs no further call. */
async function begin({ core, principal, body }: Call): Promise<CreatedUpload> {
  const { size } = body
  const session = await core.uploads.create(principal, {
    filename: textField(body, 'filename'),
    size: typeof size === 'number' ? size : Number.NaN,
    mimeType: nullableText(body, 'mimeType') ?? null,
    folderId: folderField(body, 'folderId'),
    checksumSha256: null,
    partSize: PART_SIZE,
  })
  const first = Math.min(partCount(session), MOST_TARGETS)
  const numbers = Array.from({ length: first }, (_, index) => index + 1)
  const signed = await core.uploads.sign(principal, session.id, numbers, URL_SECONDS)
  return { upload: toUpload(session), targets: signed.map(toTarget) }
}

function numbersField({ numbers }: Fields): number[] {
  if (!Array.isArray(numbers) || numbers.length > MOST_TARGETS || !numbers.every(Number.isInteger))
    throw invalid('numbers', `The parts are a list of at most ${MOST_TARGETS} numbers.`)
  return numbers
}

/** Unquoted, as the core has them. Fault: invalid. */
function partsField({ parts }: Fields): UploadPart[] {
  const isPart = (part: unknown): part is UploadPart => {
    const { number, etag, size } = (part ?? {}) as Partial<UploadPart>
    return Number.isInteger(number) && Number.isInteger(size) && typeof etag === 'string'
  }
  if (!Array.isArray(parts) || !parts.every(isPart))
    throw invalid('parts', 'A part has a number, an ETag and a size.')
  return parts.map(({ number, etag, size }) => ({ number, size, etag: etag.replaceAll('"', '') }))
}

/** An earlier call is still at it: the page asks again, and then has its answer. */
const stillBusy = (): Fault => new Fault('unavailable', undefined, { retryAfter: 1 })

/** Confirms what has not been confirmed yet, then completes; again, when the answer to an earlier call was lost. */
async function complete(one: Call): Promise<CompletedFile> {
  const { core, account, principal, params, body } = one
  const id = sessionId(params.id)
  const sent = partsField(body)
  const place = placeField(body)
  const status = async () => (await core.uploads.get(principal, id)).session.status
  if ((await status()) !== 'completed')
    await core.uploads.reportAll(principal, id, sent).catch(async (error: unknown) => {
      if (!isFault(error, 'parts_closed')) throw error
      // An earlier call has come to its end meanwhile, or is about to.
      const now = await status()
      if (now === 'completing') throw stillBusy()
      if (now !== 'completed') throw error
    })
  const { fileId } = await core.uploads
    .complete(principal, id, { checksumSha256: null, retried: true, ...place })
    .catch((error: unknown) => {
      throw isFault(error, 'conflict') ? stillBusy() : error
    })
  return { fileId, slug: (await core.files.getById(account, fileId)).slug }
}

/** In place of another file, or beside all of them. Fault: invalid. */
function placeField({ replaces = null }: Fields): FilePlace {
  if (replaces === null) return { numbered: true }
  if (typeof replaces === 'number' && Number.isSafeInteger(replaces) && replaces > 0) return { replaces }
  throw invalid('replaces', 'What is replaced is a file.')
}

/** Fault: invalid. */
function keyField(body: Fields): string {
  const key = textField(body, 'key')
  if (key === '' || key.length > LONGEST_KEY) throw invalid('key', 'The key is too short or too long.')
  return key
}

/** Null is the root. Fault: invalid, as where an upload begins. */
async function parentField({ core, account, body }: Call): Promise<number | null> {
  const id = folderField(body, 'folderId')
  if (id === null) return null
  const found = await core.folders.get(account, id).catch((error: unknown) => {
    throw isFault(error, 'folder_not_found') ? invalid('folderId', 'Folder not found.') : error
  })
  return found.id
}

/** A file of no bytes has no parts: it is there at once. */
async function makeEmpty(call: Call): Promise<CompletedFile> {
  const { core, account, principal, body } = call
  const { file } = await core.ingest.receive(
    account,
    {
      ...{ name: textField(body, 'filename'), mimeType: nullableText(body, 'mimeType') ?? null },
      ...{ folderId: await parentField(call), source: 'direct', uploadedIp: principal.ip || null },
      ...{ leastSize: 0, mayBeEmpty: true, ...placeField(body) },
    },
    noBytes(),
  )
  return { fileId: file.id, slug: file.slug }
}

/** Whoever has not heard of the answer makes the call again, and has the same file. */
async function makeEmptyOnce(call: Call): Promise<CompletedFile> {
  const { core, principal, body } = call
  core.uploads.requireEnabled()
  const request = { key: keyField(body), endpoint: 'web/uploads/empty', principal, payload: body }
  const execute = async () => ({ status: 200, body: await makeEmpty(call) })
  return (await core.idempotency.run(request, { execute })).body
}

export function uploadRoutes(deps: WebDeps) {
  const call = calls(deps)
  return new Elysia()
    .get(
      '/web/uploads',
      call(async ({ core, principal }) => ({
        uploads: (await core.uploads.open(principal)).map(toUpload),
      })),
      hidden,
    )
    .post(
      '/web/uploads',
      call(async (one) => {
        one.core.uploads.requireEnabled()
        return begin(one)
      }),
      changing,
    )
    .post('/web/uploads/empty', call(makeEmptyOnce), changing)
    .get(
      '/web/uploads/:id/parts',
      call(async ({ core, principal, params }) => {
        const { session, parts } = await core.uploads.arrived(principal, sessionId(params.id))
        const there = parts.flatMap(({ number, etag, size }) =>
          etag === null ? [] : [{ number, etag, size }],
        )
        return { upload: toUpload(session), parts: there satisfies UploadPart[] }
      }),
      hidden,
    )
    .post(
      '/web/uploads/:id/sign',
      call(async ({ core, principal, params, body }) => {
        const id = sessionId(params.id)
        const targets = await core.uploads.sign(principal, id, numbersField(body), URL_SECONDS)
        return { targets: targets.map(toTarget) }
      }),
      changing,
    )
    .post('/web/uploads/:id/complete', call(complete), changing)
    .delete(
      '/web/uploads/:id',
      call(async ({ core, principal, params }) => {
        await core.uploads.abort(principal, sessionId(params.id))
        return { status: 'ok' }
      }),
      changing,
    )
}
