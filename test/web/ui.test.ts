/** The parts of the pages' scripts that only count. */
import { describe, expect, test } from 'bun:test'
import { placeOfOurs } from '../../src/web/ui/app/destination.ts'
import { createMeter } from '../../src/web/ui/guest/meter.ts'
import { humanSize, humanTime } from '../../src/web/ui/guest/words.ts'
import { FITTED, LARGEST, moved, within, zoomed } from '../../src/web/ui/visit/zoom.ts'
import { humanSize as ofPages } from '../../src/web/units.ts'

describe('zoom', () => {
  const stage = { width: 400, height: 300 }

  test('keeps the point it is about in its place', () => {
    const at = { x: 100, y: 200 }
    const view = zoomed(zoomed(FITTED, 2, at, stage), 1.5, at, stage)
    expect(view.scale).toBe(3)
    expect((at.x - view.x) / view.scale).toBeCloseTo(100)
    expect((at.y - view.y) / view.scale).toBeCloseTo(200)
  })

  test('goes no further than fitting and the largest', () => {
    expect(zoomed(FITTED, 0.5, { x: 9, y: 9 }, stage)).toEqual(FITTED)
    expect(zoomed(FITTED, 1000, { x: 0, y: 0 }, stage).scale).toBe(LARGEST)
    expect(zoomed(zoomed(FITTED, 4, { x: 9, y: 9 }, stage), 0.01, { x: 300, y: 9 }, stage)).toEqual(FITTED)
  })

  test('shows no ground beside the picture, however far it is moved', () => {
    const view = { scale: 2, x: -100, y: -100 }
    expect(moved(view, { x: 1000, y: 1000 }, stage)).toEqual({ scale: 2, x: 0, y: 0 })
    expect(moved(view, { x: -1000, y: -1000 }, stage)).toEqual({ scale: 2, x: -400, y: -300 })
    expect(moved(view, { x: -10, y: 5 }, stage)).toEqual({ scale: 2, x: -110, y: -95 })
    expect(within({ scale: 1, x: 50, y: 50 }, stage)).toEqual(FITTED)
  })
})

describe('speed', () => {
  test('is said after half a second, and of the last seconds only', () => {
    const meter = createMeter()
    expect([meter(0, 0), meter(1000, 400)]).toEqual([0, 0])
    expect(meter(2000, 1000)).toBe(2000)
    for (let second = 2; second <= 20; second++) meter(2000, second * 1000)
    expect(meter(2000, 21_000)).toBe(0)
    expect(meter(8000, 22_000)).toBe(1000)
  })

  test('is never negative when a part begins anew', () => {
    const meter = createMeter()
    meter(5000, 0)
    expect(meter(1000, 1000)).toBe(0)
  })
})

describe('who has signed in goes', () => {
  const origin = 'https://files.example'

  test.each(['/files', '/files/folder/7?sort=name', '/~x/a%2Fb#c', '/web/sharex/uploader.sxcu'])(
    'to a place of the site: %s',
    (to) => expect(placeOfOurs(to, origin)).toBe(origin + to),
  )

  test.each([
    '//evil.example',
    '/\t/evil.example',
    '/\n\\evil.example',
    '/\\evil.example',
    'https://evil.example/',
  ])('to no other site, however it is written: %j', (to) =>
    expect(placeOfOurs(to, origin)).toBe(`${origin}/files`),
  )

  test('to no script, and to the file manager without a place', () => {
    for (const to of ['javascript:alert(1)', '\t/files', 'files', '', null, '//', '/\t/[', 'data:,x'])
      expect(placeOfOurs(to, origin)).toBe(`${origin}/files`)
    // A path that looks like another site stays on this one.
    expect(placeOfOurs('/.//evil.example', origin)).toBe(`${origin}//evil.example`)
  })
})

test('sizes and times read like those of the pages', () => {
  for (const bytes of [0, 2, 1023, 1024, 1536, 104_857_600, 1023.6 * 1024])
    expect(humanSize(bytes)).toBe(ofPages(bytes))
  expect([0.2, 59, 61, 3599, 3600, 7500].map(humanTime)).toEqual([
    '1 s',
    '59 s',
    '2 min',
    '1 h 0 min',
    '1 h 0 min',
    '2 h 5 min',
  ])
})
