/** Whether the bucket can be used, said in words the operator can act on. */
import type { S3Options } from './options.ts'
import { openStore, type Store } from './store.ts'
import { isStoreError, type StoreError } from './store-error.ts'

export interface S3Problem {
  /** `unreachable` may pass by itself; the others want the operator. */
  kind: 'unreachable' | 'refused' | 'no_bucket'
  /** One sentence or two, without secrets. */
  message: string
}

const ADVICE: Record<string, string> = {
  InvalidAccessKeyId: 'it does not know the access key (storage.s3.access_key_id)',
  SignatureDoesNotMatch: 'the secret does not belong to the access key (storage.s3.secret_access_key)',
  AccessDenied: 'the access key may not use this bucket',
  Forbidden: 'the access key may not use this bucket',
  InvalidBucketName: 'the name of the bucket is not allowed (storage.s3.bucket)',
  PermanentRedirect: 'the bucket is in another region or at another address (storage.s3.region, .endpoint)',
  AuthorizationHeaderMalformed: 'the region is another one (storage.s3.region)',
  RequestTimeTooSkewed: 'the clock of this machine is wrong',
  BucketAlreadyExists: 'the name of the bucket is taken by somebody else (storage.s3.bucket)',
}

/** What the probe finds in answers that are a success by their status. */
const FINDINGS: Record<string, string> = {
  ETagIsNotMD5: 'the ETag of an object is not its MD5, as in buckets that encrypt with keys of a key service',
  OriginNotAllowed: 'the bucket does not let browsers send to it from this origin (CORS)',
  ETagNotExposed: 'the bucket does not show browsers the ETag (CORS: ExposeHeaders)',
  NoContentDisposition: 'signed URLs cannot give a name to what is downloaded',
}

/** What failed, and what to look at. */
export function explain(store: Store, error: StoreError): string {
  const { endpoint } = store.settings
  const finding = FINDINGS[error.code]
  if (finding) return `${endpoint} cannot be used: ${finding}.`
  const said = `${error.operation}: ${error.code}${error.status === 0 ? '' : `, status ${error.status}`}`
  if (error.status === 0) return `${endpoint} cannot be reached (${said}).`
  const advice = ADVICE[error.code]
  return advice ? `${endpoint} says no: ${advice} (${said}).` : `${endpoint} says no (${said}).`
}

function problemOf(store: Store, error: StoreError): S3Problem {
  if (error.code === 'NoSuchBucket') {
    const { bucket, endpoint } = store.settings
    const message = `There is no bucket "${bucket}" at ${endpoint}. "kist s3 setup" makes it.`
    return { kind: 'no_bucket', message }
  }
  const passing = error.status === 0 || error.status === 429 || error.status >= 500
  return { kind: passing ? 'unreachable' : 'refused', message: explain(store, error) }
}

/** Asks for a list of one object, since other requests do not say why they are refused. Throws StoreError. */
export const askBucket = (store: Store): Promise<unknown> =>
  store.send('ListObjectsV2', ({ client, sdk }, options) =>
    client.send(new sdk.ListObjectsV2Command({ ...store.bucket, MaxKeys: 1 }), options),
  )

/** Null when the bucket answers. For the start, before anything is served. */
export async function checkS3(options: S3Options): Promise<S3Problem | null> {
  const store = openStore(options)
  try {
    await askBucket(store)
    return null
  } catch (error) {
    if (isStoreError(error)) return problemOf(store, error)
    throw error
  } finally {
    store.close()
  }
}
