/** One file of a form, into the root of the account. */
import { Fault, isFault } from '../../core/fault.ts'
import { extensionOf } from '../../core/filename.ts'
import type { NewContent, ReceivedFile } from '../../core/ingest.ts'
import { sniffMimeType } from '../../core/mime.ts'
import type { Account } from '../../core/model.ts'
import type { IncomingFile } from '../../http/form.ts'
import { type ExpectedSize, receiveForm } from '../../http/form-upload.ts'
import type { TimeoutSetter } from '../../http/upload-body.ts'
import type { FlamenetDeps } from './deps.ts'

interface Upload {
  account: Account
  ip: string
  request: Request
  server: TimeoutSetter
}

/** Enough for every signature. */
const HEAD_BYTES = 64

/** The body as it is, with its first bytes put aside. */
async function* withHead(body: AsyncIterable<Uint8Array>, head: number[]): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (head.length < HEAD_BYTES) head.push(...chunk.subarray(0, HEAD_BYTES - head.length))
    yield chunk
  }
}

/** Faults: file_missing, and those of IngestService.receive. */
export async function receive(deps: FlamenetDeps, upload: Upload): Promise<ReceivedFile> {
  const received = receiveForm(deps.core.ingest, upload, {
    fileField: 'file',
    spool: (file, expected) => spool(deps, upload, file, expected),
    async resolve(arrived) {
      if (!arrived) throw new Fault('file_missing')
      return { owner: upload.account, ...arrived }
    },
  })
  return received.catch((error: unknown) => {
    // No form, one that ends too early, a name that is none: there is no file in it.
    throw isFault(error, 'invalid') ? new Fault('file_missing', undefined, { cause: error }) : error
  })
}

async function spool(
  { core, maxFileSize }: FlamenetDeps,
  upload: Upload,
  { name, body }: IncomingFile,
  expected: ExpectedSize,
) {
  const announced = { name, ...expected, maxSize: maxFileSize }
  const head: number[] = []
  const spooled = await core.ingest.spool(upload.account, announced, withHead(body, head))
  const content: NewContent = {
    ...announced,
    mimeType: sniffMimeType(Uint8Array.from(head), extensionOf(name)),
    folderId: null,
    source: 'api',
    uploadedIp: upload.ip || null,
    visibility: 0,
    mayBeEmpty: true,
  }
  return { content, spooled }
}
