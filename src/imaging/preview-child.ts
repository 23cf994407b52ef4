/**
 * The process that makes pictures. It reads files of strangers with code that may break, so it has little memory,
 * and whoever started it may end it at any moment. It ends with its standard input.
 */
import { makePicture } from './picture.ts'
import { LineReader, type PictureReply, type PictureRequest } from './preview-wire.ts'
import { limitMemory, ownMemory, stepBack } from './process-limits.ts'
import { loadSharp } from './sharp.ts'

/** Bytes that pictures may take beyond what the library needs: with the server it stays below 250 MiB. */
const PICTURE_MEMORY = 94 * 2 ** 20
/** What of it may be left over from earlier pictures before a fresh process does better. */
const LEFT_OVER = 40 * 2 ** 20
/** A smaller preview is worth having from this size on, in pixels. */
const HALVED = 1024

export interface PreviewStreams {
  requests: AsyncIterable<Uint8Array>
  write(bytes: Uint8Array): Promise<void>
  /** Called once, when all is loaded and before the first picture. */
  loaded(): void
}

/** Resolves when nothing is asked any more. */
export async function servePictures({ requests, write, loaded }: PreviewStreams): Promise<void> {
  const reply = async (message: PictureReply, bytes?: Uint8Array): Promise<void> => {
    await write(new TextEncoder().encode(`${JSON.stringify(message)}\n`))
    if (bytes) await write(bytes)
  }
  stepBack()
  try {
    await loadSharp()
  } catch (error) {
    return reply({ state: 'unusable', reason: error instanceof Error ? error.message : String(error) })
  }
  loaded()
  const start = ownMemory() ?? 0
  limitMemory(PICTURE_MEMORY)
  await reply({ state: 'ready' })
  const reader = new LineReader(requests)
  for (let next = reader.line(); ; ) {
    const line = await next
    if (line === null) return
    next = reader.line()
    // Nobody waits for a picture any more when the one who asked is gone.
    const outcome = await Promise.race([attempt(JSON.parse(line) as PictureRequest), endOf(next)])
    if (outcome === null) return
    const spent = (ownMemory() ?? 0) - start > LEFT_OVER
    if ('reason' in outcome) await reply({ state: 'impossible', reason: outcome.reason, spent })
    else {
      const { bytes, width, height } = outcome
      await reply({ state: 'made', bytes: bytes.length, width, height, spent }, bytes)
    }
  }
}

/** Resolves only when there is no further line. */
const endOf = (line: Promise<string | null>): Promise<null> =>
  new Promise((resolve) => void line.then((text) => text === null && resolve(null)))

/** With half the size where the whole did not work: large originals may need less memory then. */
async function attempt(request: PictureRequest) {
  try {
    return await makePicture(request).catch((error: unknown) => {
      if (request.edge < HALVED) throw error
      return makePicture({ ...request, edge: request.edge / 2 })
    })
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}
