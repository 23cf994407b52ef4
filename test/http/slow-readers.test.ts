import { describe, expect, test } from 'bun:test'
import { allowSlowReader } from '../../src/http/slow-readers.ts'

const request = new Request('http://localhost/')

/** A server that notes the idle times it is told, and answers for `ticks` more questions. */
function server(ticks: number) {
  const told: number[] = []
  const over = Promise.withResolvers<void>()
  return {
    told,
    over: over.promise,
    timeout: (_request: Request, seconds: number) => void told.push(seconds),
    requestIP() {
      ticks -= 1
      if (ticks < 0) over.resolve()
      return ticks < 0 ? null : { address: '127.0.0.1' }
    },
  }
}

describe('the reader of a download', () => {
  test('is given the longest idle time at once, and again until the answer has ended', async () => {
    const seen = server(3)
    allowSlowReader(request, seen, 2 ** 30, 0.001)
    expect(seen.told).toEqual([255])
    await seen.over
    expect(seen.told).toEqual([255, 255, 255, 255])
  })

  test('that takes less than 4 KiB a second all the while is given up', async () => {
    const seen = server(Number.POSITIVE_INFINITY)
    allowSlowReader(request, seen, 4096 * 0.02, 0.005)
    while (seen.told.length < 5) await Bun.sleep(1)
    await Bun.sleep(30)
    expect(seen.told.length).toBeWithin(5, 7)
  })

  test('may be in process, without a connection', () => {
    expect(() => allowSlowReader(request, null, 5)).not.toThrow()
  })
})
