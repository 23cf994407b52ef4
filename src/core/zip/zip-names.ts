/** Names inside an archive that every system can unpack, whatever people called their files. */
import { byteLength, cutToBytes, printable } from '../filename.ts'

const MAX_BYTES = 255
/** What Windows allows in no name; the slashes are of no name anywhere. */
const FORBIDDEN = /[<>:"/\\|?*]/g
/** What Windows drops at the end of a name. */
const LOST_END = /[. ]+$/
/** Windows opens devices by these names, also with an extension behind them. */
const DEVICE =
  /^(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)(?=$|[ .])/i

/** One path segment: no `.` or `..`, no separator, no control character, at most 255 bytes, never empty. */
export function archiveName(name: string): string {
  const visible = printable(name).normalize('NFC').trim().replace(FORBIDDEN, '_')
  const [stem, extension] = splitName(cutToBytes(visible, MAX_BYTES))
  const whole = `${stem}${extension}`.replace(LOST_END, (end) => '_'.repeat(end.length))
  if (whole === '') return '_'
  return DEVICE.test(whole) ? `_${cutToBytes(whole, MAX_BYTES - 1)}` : whole
}

/** The extension with its dot; a name that only begins with a dot has none. */
function splitName(name: string): [stem: string, extension: string] {
  const dot = name.lastIndexOf('.')
  return dot > 0 && name.length - dot <= 32 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
}

/**
 * Gives each name of one folder once: `a.txt`, `a (1).txt` … Letter case does not make a difference, since on many
 * disks it makes none. The same names in the same order give the same.
 */
export function uniqueNames(): (name: string) => string {
  const taken = new Set<string>()
  const last = new Map<string, number>()
  return (name) => {
    const wanted = archiveName(name)
    let found = wanted
    for (let number = last.get(keyOf(wanted)) ?? 1; taken.has(keyOf(found)); number++) {
      found = numbered(wanted, number)
      last.set(keyOf(wanted), number + 1)
    }
    taken.add(keyOf(found))
    return found
  }
}

const keyOf = (name: string): string => name.toLowerCase()

function numbered(name: string, number: number): string {
  const [stem, extension] = splitName(name)
  const ending = ` (${number})${extension}`
  return cutToBytes(stem, MAX_BYTES - byteLength(ending)) + ending
}
