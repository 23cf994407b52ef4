/** MD5 (RFC 1321), which browsers do not have: with it the server names the parts that have arrived. */
const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
const CONSTANTS = Int32Array.from({ length: 64 }, (_, index) => (Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0)
const BLOCK = 64

export interface Md5 {
  update(bytes: Uint8Array): void
  /** 32 hexadecimal digits; nothing can be added afterwards. */
  hex(): string
}

const turn = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

/** What a step mixes of three words. No list is made in here: it is done 64 times for 64 bytes. */
function mixOf(step: number, b: number, c: number, d: number): number {
  if (step < 16) return (b & c) | (~b & d)
  if (step < 32) return (d & b) | (~d & c)
  return step < 48 ? b ^ c ^ d : c ^ (b | ~d)
}

/** Which word of the block a step takes. */
const WORDS = Uint8Array.from({ length: 64 }, (_, step) => {
  const [factor = 1, first = 0] =
    [
      [1, 0],
      [5, 1],
      [3, 5],
      [7, 0],
    ][step >> 4] ?? []
  return (factor * step + first) & 15
})
const words = new Int32Array(16)

function addBlock(state: Int32Array, view: DataView, at: number): void {
  for (let index = 0; index < 16; index++) words[index] = view.getInt32(at + 4 * index, true)
  let [a, b, c, d] = state as unknown as [number, number, number, number]
  for (let step = 0; step < 64; step++) {
    const word = words[WORDS[step] as number] as number
    const sum = (a + mixOf(step, b, c, d) + (CONSTANTS[step] as number) + word) | 0
    const next = (b + turn(sum, SHIFTS[((step >> 4) << 2) | (step & 3)] as number)) | 0
    a = d
    d = c
    c = b
    b = next
  }
  state[0] = ((state[0] as number) + a) | 0
  state[1] = ((state[1] as number) + b) | 0
  state[2] = ((state[2] as number) + c) | 0
  state[3] = ((state[3] as number) + d) | 0
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)

export function createMd5(): Md5 {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476)
  const rest = new Uint8Array(BLOCK)
  let length = 0
  const update = (bytes: Uint8Array): void => {
    const filled = length % BLOCK
    length += bytes.length
    const taken = filled === 0 ? 0 : Math.min(BLOCK - filled, bytes.length)
    rest.set(bytes.subarray(0, taken), filled)
    if (taken > 0 && filled + taken === BLOCK) addBlock(state, viewOf(rest), 0)
    const view = viewOf(bytes)
    let at = taken
    for (; at + BLOCK <= bytes.length; at += BLOCK) addBlock(state, view, at)
    if (at < bytes.length) rest.set(bytes.subarray(at))
  }
  return {
    update,
    hex() {
      const bits = BigInt(length) * 8n
      const padding = new Uint8Array(((119 - (length % BLOCK)) % BLOCK) + 1)
      padding[0] = 0x80
      update(padding)
      const end = new Uint8Array(8)
      viewOf(end).setBigUint64(0, bits, true)
      update(end)
      return [...new Uint8Array(state.buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    },
  }
}
