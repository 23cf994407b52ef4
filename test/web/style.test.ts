/** The colours of the pages keep the contrast that people need to read them (WCAG 2.2, 1.4.3 and 1.4.11). */
import { describe, expect, test } from 'bun:test'
import { STYLE } from '../../src/web/style.ts'

const SCHEMES = STYLE.match(/:root\{[^}]*--ground[^}]*\}/g) ?? []

/** Relative luminance of `#rgb` or `#rrggbb`. */
function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/[^#]/g, '$&$&') : colour
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const NEEDED: Array<[front: string, back: string, ratio: number]> = [
  ['text', 'card', 4.5],
  ['text', 'ground', 4.5],
  ['text', 'tint', 4.5],
  ['soft', 'card', 4.5],
  ['soft', 'ground', 4.5],
  ['accent', 'card', 4.5],
  ['accent-hover', 'card', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['on-bad', 'bad', 4.5],
  ['accent', 'ground', 3],
  ['bad', 'card', 3],
  ['edge', 'card', 3],
]

test('contrast is measured as the guidelines say', () => {
  expect(contrast('#000', '#ffffff')).toBe(21)
  expect(contrast('#777777', '#fff')).toBeCloseTo(4.48, 2)
})

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('%s', (_name, index) => {
  const colours = new Map(
    [...(SCHEMES[index] ?? '').matchAll(/--([\w-]+):(#\w+)/g)].map(([, key, value]) => [key, value]),
  )
  test.each(NEEDED)('%s stands out from %s by %d', (front, back, ratio) => {
    expect(contrast(colours.get(front) ?? '#000', colours.get(back) ?? '#000')).toBeGreaterThanOrEqual(ratio)
  })
})
