/** Sends bytes without limits, and remembers what was begun. */
import type { Grant } from '../../src/core/downloads.ts'
import type { ByteRange } from '../../src/core/storage.ts'
import type { Transfer } from '../../src/core/transfer.ts'
import { fileSender } from '../../src/http/download.ts'
import { createPacer } from '../../src/http/pacing.ts'

export const sendFile = fileSender(createPacer())

/** Without limits; what it is told is kept nowhere. */
const freeTransfer = (): Transfer => ({
  speed: () => 0,
  onSpeedChange: () => () => {},
  delivered() {},
  end() {},
})

type Body = Blob | ReadableStream<Uint8Array>

/** A grant of what `open` gives; each range that was begun is told to `began`. */
export const grantOf = (
  open: (range?: ByteRange) => Body,
  began: (range: ByteRange | undefined) => void = () => {},
): Pick<Grant, 'begin'> => ({
  async begin(range) {
    began(range)
    return { body: open(range), transfer: freeTransfer() }
  },
})
