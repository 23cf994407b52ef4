/**
 * Signs requests in their URL (AWS Signature Version 4, query form). Ours, because one call of a client may ask
 * for ten thousand part URLs, for which the SDK's signer takes two seconds of the main thread.
 */

export interface BucketAddress {
  endpoint: string
  bucket: string
  forcePathStyle: boolean
}

export interface SignerOptions extends BucketAddress {
  region: string
  accessKeyId: string
  secretAccessKey: string
  /** The store's time. */
  now(): Date
}

export interface SignableRequest {
  method: 'GET' | 'PUT'
  key: string
  query?: Record<string, string>
  /** Must be sent exactly so. Names in lower case. */
  headers?: Record<string, string>
  /** Seconds; the store takes 604,800 at most. */
  expiresIn: number
}

/** The absolute, signed URL of a request. */
export type Presign = (request: SignableRequest) => string

const LONGEST_EXPIRY = 7 * 24 * 60 * 60

const hmac = (key: string | Uint8Array, text: string): Bun.CryptoHasher =>
  new Bun.CryptoHasher('sha256', key).update(text)

/** encodeURIComponent leaves five characters bare that the signature wants encoded. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const byName = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : a > b ? 1 : 0)

function canonicalQuery(query: Record<string, string>): string {
  return Object.entries(query)
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort(byName)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** Where the bucket is: scheme and host, and the path in front of keys. */
export function addressOf(options: BucketAddress): { origin: string; host: string; base: string } {
  const url = new URL(options.endpoint)
  const host = options.forcePathStyle ? url.host : `${options.bucket}.${url.host}`
  const prefix = url.pathname.replace(/\/+$/, '')
  const base = options.forcePathStyle ? `${prefix}/${encode(options.bucket)}` : prefix
  return { origin: `${url.protocol}//${host}`, host, base }
}

/** The key of a day, kept until the next. */
function dailyKey({ secretAccessKey, region }: SignerOptions): (day: string) => Uint8Array {
  let kept: { day: string; key: Uint8Array } = { day: '', key: new Uint8Array(0) }
  return (day) => {
    if (kept.day !== day) {
      let key: string | Uint8Array = `AWS4${secretAccessKey}`
      for (const text of [day, region, 's3', 'aws4_request']) key = hmac(key, text).digest()
      kept = { day, key: key as Uint8Array }
    }
    return kept.key
  }
}

/** A signer for one bucket. */
export function presigner(options: SignerOptions): Presign {
  const { origin, host, base } = addressOf(options)
  const keyOf = dailyKey(options)
  return (request) => {
    const time = options
      .now()
      .toISOString()
      .replace(/[-:]|\.\d{3}/g, '')
    const day = time.slice(0, 8)
    const scope = `${day}/${options.region}/s3/aws4_request`
    const headers = Object.entries({ ...request.headers, host }).sort(byName)
    const signed = headers.map(([name]) => name).join(';')
    const query = canonicalQuery({
      ...request.query,
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
      'X-Amz-Credential': `${options.accessKeyId}/${scope}`,
      'X-Amz-Date': time,
      'X-Amz-Expires': String(Math.min(request.expiresIn, LONGEST_EXPIRY)),
      'X-Amz-SignedHeaders': signed,
    })
    const path = `${base}/${request.key.split('/').map(encode).join('/')}`
    const lines = headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}\n`).join('')
    const canonical = `${request.method}\n${path}\n${query}\n${lines}\n${signed}\nUNSIGNED-PAYLOAD`
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${Bun.SHA256.hash(canonical, 'hex')}`
    return `${origin}${path}?${query}&X-Amz-Signature=${hmac(keyOf(day), text).digest('hex')}`
  }
}
