/** Files one after the other, two at a time. */
import type { Row } from './row.ts'
import { Refusal, type Server } from './server.ts'
import { transfer } from './transfer.ts'

const AT_A_TIME = 2

export interface Queue {
  add(file: File, row: Row): void
  /** Something is on its way or waits. */
  isBusy(): boolean
}

export function createQueue(server: Server): Queue {
  const waiting: Array<() => Promise<void>> = []
  let running = 0
  const next = (): void => {
    const work = running < AT_A_TIME ? waiting.shift() : undefined
    if (!work) return
    running += 1
    void work().finally(() => {
      running -= 1
      next()
    })
  }
  return {
    add(file, row) {
      const cancelled = new AbortController()
      row.onCancel(() => cancelled.abort())
      waiting.push(() => run(server, file, row, cancelled.signal))
      next()
    },
    isBusy: () => running + waiting.length > 0,
  }
}

async function run(server: Server, file: File, row: Row, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted()
    row.done(await transfer(server, file, signal, row.progress))
  } catch (error) {
    if (signal.aborted) row.cancelled()
    else row.fail(error instanceof Refusal ? error.message : 'The file could not be read.')
  }
}
