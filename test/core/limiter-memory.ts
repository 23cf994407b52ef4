/** Prints by how many bytes the memory of a limiter grows from its first callers to ten times as many. */
import { createLimiter } from '../../src/core/limiter.ts'
import { fixedClock } from '../support/fixed-clock.ts'

const clock = fixedClock()
const limiter = createLimiter(clock)

function callAndWait(minutes: number): number {
  for (let minute = 0; minute < minutes; minute++) {
    for (let caller = 0; caller < 20_000; caller++)
      limiter.take([{ key: `ip:${clock.now().getTime()}:${caller}:${'x'.repeat(100)}`, limit: 10 }])
    clock.advance(61)
  }
  limiter.take([{ key: 'last', limit: 10 }])
  Bun.gc(true)
  return process.memoryUsage().heapUsed
}

const first = callAndWait(2)
process.stdout.write(String(callAndWait(20) - first))
