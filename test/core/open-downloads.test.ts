import { describe, expect, test } from 'bun:test'
import { latestFirst } from '../../src/core/latest-first.ts'
import type { Downloader, FileRecord } from '../../src/core/model.ts'
import { createOpenDownloads, newDownload, type OpenDownload } from '../../src/core/open-downloads.ts'
import { fixedClock } from '../support/fixed-clock.ts'

const CLIENT: Downloader = { accountId: null, ip: '192.0.2.1' }
const FILE = { id: 7, size: 1000, usesLeft: null } as FileRecord

/** How often any of the downloads made here was looked at. */
function counted() {
  let looks = 0
  let made = 0
  const make = (changes: Partial<OpenDownload>): OpenDownload => {
    const download = newDownload(`d${made++}`, CLIENT, FILE, fixedClock().now(), true)
    Object.assign(download, changes)
    const { connections } = download
    const get = () => {
      looks++
      return connections
    }
    return Object.defineProperty(download, 'connections', { get })
  }
  return { make, looks: () => looks }
}

describe('which download a request goes on with', () => {
  const spans: Array<[name: string, start: number, length: number]> = [
    ['the whole file', 0, 1000],
    ['its beginning', 0, 10],
    ['a piece of its middle', 500, 10],
  ]
  test.each(spans)('is found for %s in a few looks after 20,000 of the same file', (_name, start, length) => {
    const open = createOpenDownloads(fixedClock())
    const { make, looks } = counted()
    for (let times = 0; times < 20_000; times++) {
      const download = make({})
      open.add(download)
      Object.assign(download, { settled: times % 2 === 0 ? 1000 : 2500, completed: true })
      open.touch(download)
    }
    const before = looks()
    open.find(CLIENT, FILE.id, { start, length })
    expect(looks() - before).toBeLessThan(10)
  })

  test('is the one with the latest news, before one that is complete', () => {
    const open = createOpenDownloads(fixedClock())
    const { make } = counted()
    const [first, second, third] = [
      make({ cut: true, settled: 10 }),
      make({ cut: true, settled: 20 }),
      make({ completed: true, settled: 1000 }),
    ]
    for (const download of [first, second, third]) open.add(download)
    expect(open.find(CLIENT, FILE.id, { start: 0, length: 1000 })).toBe(second)
    open.touch(first)
    expect(open.find(CLIENT, FILE.id, { start: 20, length: 80 })).toBe(first)
    open.forget(first)
    open.forget(second)
    expect(open.find(CLIENT, FILE.id, { start: 0, length: 1000 })).toBeNull()
    expect(open.find(CLIENT, FILE.id, { start: 1, length: 10 })).toBe(third)
    expect(open.find(CLIENT, FILE.id + 1, { start: 1, length: 10 })).toBeNull()
    third.settled = 2002
    open.touch(third)
    expect(open.find(CLIENT, FILE.id, { start: 1, length: 10 })).toBeNull()
    expect(open.knows(third.id)).toBe(true)
  })
})

test('items stand in the order of their latest news', () => {
  const list = latestFirst<string>()
  const order = (): string[] => {
    const seen: string[] = []
    list.find((item) => seen.push(item) > 99)
    return seen
  }
  for (const item of ['a', 'b', 'c', 'd']) list.put(item)
  expect(order()).toEqual(['d', 'c', 'b', 'a'])
  list.put('b')
  list.put('a')
  expect(order()).toEqual(['a', 'b', 'd', 'c'])
  for (const item of ['d', 'nobody', 'a', 'c']) list.delete(item)
  expect([order(), list.size]).toEqual([['b'], 1])
  list.delete('b')
  expect([order(), list.size, list.find(() => true)]).toEqual([[], 0, null])
})
