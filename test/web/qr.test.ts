/** QR codes are read as what they were made of. */
import { expect, test } from 'bun:test'
import decodeQR from 'qr/decode.js'
import { qrPath } from '../../src/web/wire/qr.ts'

const SCALE = 4

/** The path as a camera sees it: dark squares on white. */
function pictureOf({ path, size }: ReturnType<typeof qrPath>) {
  const width = size * SCALE
  const data = new Uint8Array(width * width * 4).fill(255)
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row++)
      for (let column = Number(x) * SCALE; column < (Number(x) + Number(run)) * SCALE; column++)
        data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3)
  return { width, height: width, data }
}

test.each([
  ['https://files.example.com/s/0b5c1f2e3d4a59687766554433221100'],
  ['http://localhost:8080/s/x'],
  [`https://files.example.com/${'long'.repeat(100)}`],
])('of %s', (url) => {
  const qr = qrPath(url)
  expect(decodeQR(pictureOf(qr))).toBe(url)
  // The quiet zone: four squares on each side.
  const columns = [...qr.path.matchAll(/M(\d+) (\d+)h(\d+)/g)].map(([, x, y, run]) => [
    Number(x),
    Number(x) + Number(run),
    Number(y),
  ])
  expect(Math.min(...columns.flatMap(([x = 0, , y = 0]) => [x, y]))).toBe(4)
  expect(Math.max(...columns.map(([, end = 0]) => end))).toBe(qr.size - 4)
})
