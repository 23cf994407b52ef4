/** Broken requests, the same in every run: good ones with something put in, taken out, doubled or stretched. */

/** Whole numbers below `limit`, from a seed. */
export function createDice(seed: number): (limit: number) => number {
  let state = seed >>> 0 || 1
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
}

type Dice = (limit: number) => number

const pick = <T>(dice: Dice, items: readonly T[]): T => items[dice(items.length)] as T

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'get', 'G T', 'BREW']

// biome-ignore format: a list to look at
const ODD_TEXT = [
  '%00', '%ff', '%2e%2e%2f', '../../etc/passwd', '%zz', '\u0000', '\u00e9', '💾', '\t', ' ', '//', '\\', '?', '#', '&&=', '%', ';a=b',
  '-1', '0', '99999999999999999999', '1e309', 'NaN', '"', "'", '<script>', '%24%7Bx%7D', '{}', '[]', 'null', 'true',
  'a'.repeat(300), '%41'.repeat(200),
]

// biome-ignore format: a list to look at
const ODD_HEADERS = [
  'Content-Length: 5', 'Content-Length: -1', 'Content-Length: 99999999999999999999', 'Content-Length: 5, 5', 'Content-Length: x',
  'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding : chunked', 'Host: evil.example',
  'Host:', 'Host: a b', 'Host: user@host', 'Host: x', 'Host: [::1', 'Range: bytes=5-1', 'Range: bytes=-0', 'Range: bytes=0-1,2-3,1-2',
  'Range: bytes=99999999999999999999-', 'If-None-Match: "', 'If-Modified-Since: never', 'If-Range: W/"x"', 'Cookie: kist_session={"a":1}',
  'Cookie: kist_session=%00; kist_session=b', 'Authorization: Bearer', 'Authorization: Bearer \u00ff', 'Authorization: Basic !!!',
  'X-API-Token: ', 'X-Forwarded-For: 1.2.3.4, nonsense, ::1%eth0', 'X-Forwarded-Proto: gopher', 'Accept: text/html;q=x,*/*;q=',
  'Content-Type: multipart/form-data', 'Content-Type: multipart/form-data; boundary=', 'Content-Type: application/json; charset=utf-7',
  'Content-Type: application/x-www-form-urlencoded', 'Content-Encoding: gzip', 'Expect: 100-continue', 'Expect: nonsense',
  'Connection: Upgrade\r\nUpgrade: websocket', 'Idempotency-Key: \u0001', `X-Long: ${'y'.repeat(20_000)}`, 'no colon here', ': no name',
  'Origin: null', 'Access-Control-Request-Method: PUT', 'Sec-Fetch-Site: cross-site', 'Folded: a\r\n b',
]

// biome-ignore format: a list to look at
const BODIES = [
  '', '{', '{}', '[]', '[[[[', 'null', '5', '"text"', '{"size":-1}', '{"filename":null,"size":1e400}', '{"filename":"a\\u0000b","size":3}',
  '{"filename":{"a":1},"size":[]}', '{"part_numbers":"1"}', '{"part_numbers":[{},null,1.5,-3]}', '{"part_number":1,"etag":5,"part_size":"x"}',
  '{"__proto__":{"a":1},"constructor":1}', 'a=b&c=%zz&filename=%00', '\u0000\u0001\u0002', '[0'.repeat(5000), '--x\r\n\r\n',
  `{"filename":"x","size":9007199254740993,"folder_id":"${'9'.repeat(400)}"}`,
]

export interface Target {
  method: string
  path: string
}

/** Raw bytes (one character each) of a request that is somehow wrong. */
export function brokenRequest(dice: Dice, targets: readonly Target[], headers: readonly string[]): string {
  const target = pick(dice, targets)
  const method = dice(4) === 0 ? pick(dice, METHODS) : target.method
  const path = dice(2) === 0 ? mutate(dice, target.path) : target.path
  const version =
    dice(20) === 0 ? pick(dice, ['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.1 x', '']) : 'HTTP/1.1'
  const lines = [...headers]
  for (let count = dice(4); count > 0; count--)
    lines.splice(dice(lines.length + 1), 0, pick(dice, ODD_HEADERS))
  if (dice(10) === 0) lines.splice(dice(lines.length), 1)
  const body = method === 'GET' || method === 'HEAD' ? '' : pick(dice, BODIES)
  const length = dice(8) === 0 ? body.length + dice(9) - 4 : body.length
  if (body !== '' && dice(10) > 0) lines.push(`Content-Length: ${length}`)
  const whole = `${method} ${path} ${version}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
  return dice(12) === 0 ? flip(dice, whole) : whole
}

function mutate(dice: Dice, path: string): string {
  const at = dice(path.length + 1)
  const end = dice(3) === 0 ? Math.min(path.length, at + dice(12)) : at
  return path.slice(0, at) + pick(dice, ODD_TEXT) + path.slice(end)
}

/** One byte replaced by another. */
function flip(dice: Dice, text: string): string {
  const at = dice(text.length)
  return text.slice(0, at) + String.fromCharCode(dice(256)) + text.slice(at + 1)
}
