/** Files of no bytes: one call, and they are there. */
import type { CompletedFile } from '../../wire/uploads.ts'
import { api, CallError, messageOf } from '../app/session.ts'
import type { EngineEvents, UploadItem } from './queue.ts'

/** Of this page alone: when it was opened is known to fractions of a millisecond. */
const PAGE = `${performance.timeOrigin}`

/** By one key however often it is tried, so that an answer that was lost makes no second file. */
const make = ({ id, name, folderId, file, replaces }: UploadItem): Promise<CompletedFile> =>
  api<CompletedFile>('POST', '/web/uploads/empty', {
    ...{ key: `${PAGE} ${id}`, filename: name, folderId, replaces },
    mimeType: file?.type || null,
  })

/** What was called off or paused meanwhile is there all the same: it has no second half. */
export async function sendEmpty(item: UploadItem, events: EngineEvents): Promise<void> {
  try {
    await make(item)
    events.done(item)
  } catch (error) {
    if (!(error instanceof CallError)) events.interrupted(item)
    else if (error.status === 429) events.putOff(item, messageOf(error))
    else events.failed(item, messageOf(error))
  }
}
