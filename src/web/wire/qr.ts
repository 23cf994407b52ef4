/** QR codes as shapes, on the server and in browsers. */
import { encodeQR } from 'qr'

/** One path of squares, in a square of `size` units. */
export interface QrShape {
  path: string
  size: number
}

/** The dark squares of the code, with the quiet zone the standard asks for around them. */
export function qrPath(text: string): QrShape {
  const rows = encodeQR(text, 'raw', { border: 4 })
  const dark = rows.map((row, y) => runsOf(row).map(([x, width]) => `M${x} ${y}h${width}v1h-${width}z`))
  return { path: dark.flat().join(''), size: rows.length }
}

/** Where the dark squares of a row begin, and how many follow each other. */
function runsOf(row: boolean[]): Array<[start: number, length: number]> {
  const runs: Array<[number, number]> = []
  for (const [x, isDark] of row.entries()) {
    const last = runs.at(-1)
    if (isDark && last && last[0] + last[1] === x) last[1] += 1
    else if (isDark) runs.push([x, 1])
  }
  return runs
}
