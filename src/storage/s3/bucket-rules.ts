/** What a bucket has to be told for browsers to use it: CORS; and an end for uploads that nobody finishes. */
import type { CORSRule, LifecycleRule } from '@aws-sdk/client-s3'
import type { Store } from './store.ts'
import { isStoreError } from './store-error.ts'

const OUR_CORS = 'kist'
const OUR_LIFECYCLE = 'kist-abort-uploads'
const METHODS = ['GET', 'HEAD', 'PUT']
const EXPOSED = ['ETag', 'Content-Length', 'Content-Range', 'Accept-Ranges', 'Content-Disposition']
const CORS_CACHE_SECONDS = 3600
const ABORT_DAYS = 7

/** `kept`: it was right already. `unsupported`: the store has no such thing. */
export type RuleOutcome = 'done' | 'kept' | 'unsupported'

const NOT_THERE = ['NoSuchCORSConfiguration', 'NoSuchLifecycleConfiguration', 'NoSuchKey', 'NotFound']

/** The rules there are, none when there are none, null when the store knows no such thing. Throws StoreError. */
async function rulesOr<T>(read: () => Promise<T[] | undefined>): Promise<T[] | null> {
  try {
    return (await read()) ?? []
  } catch (error) {
    if (isStoreError(error, ...NOT_THERE)) return []
    if (isUnsupported(error)) return null
    throw error
  }
}

const isUnsupported = (error: unknown): boolean =>
  isStoreError(error) && (error.code === 'NotImplemented' || error.status === 501 || error.status === 405)

const same = (a: string[] = [], b: string[]): boolean =>
  a.length === b.length && b.every((item) => a.includes(item))

function corsRule(origins: string[]): CORSRule {
  return {
    ID: OUR_CORS,
    AllowedOrigins: origins,
    AllowedMethods: METHODS,
    AllowedHeaders: ['*'],
    ExposeHeaders: EXPOSED,
    MaxAgeSeconds: CORS_CACHE_SECONDS,
  }
}

const isCorsRight = (rule: CORSRule, origins: string[]): boolean =>
  same(rule.AllowedOrigins, origins) &&
  same(rule.AllowedMethods, METHODS) &&
  same(rule.ExposeHeaders, EXPOSED) &&
  same(rule.AllowedHeaders, ['*'])

/** Lets pages of these origins send and fetch bytes. Rules of others stay. Throws StoreError. */
export async function setCors(store: Store, origins: string[]): Promise<RuleOutcome> {
  const { bucket } = store
  const rules = await rulesOr<CORSRule>(() =>
    store.send('GetBucketCors', async ({ client, sdk }, options) => {
      return (await client.send(new sdk.GetBucketCorsCommand(bucket), options)).CORSRules
    }),
  )
  if (!rules) return 'unsupported'
  if (rules.some((rule) => isCorsRight(rule, origins))) return 'kept'
  const CORSRules = [...rules.filter(({ ID }) => ID !== OUR_CORS), corsRule(origins)]
  const command = { ...bucket, CORSConfiguration: { CORSRules } }
  return supported(() =>
    store.send('PutBucketCors', ({ client, sdk }, options) =>
      client.send(new sdk.PutBucketCorsCommand(command), options),
    ),
  )
}

async function supported(work: () => Promise<unknown>): Promise<RuleOutcome> {
  try {
    await work()
    return 'done'
  } catch (error) {
    if (isUnsupported(error)) return 'unsupported'
    throw error
  }
}

const lifecycleRule = (): LifecycleRule => ({
  ID: OUR_LIFECYCLE,
  Status: 'Enabled',
  Filter: { Prefix: '' },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: ABORT_DAYS },
})

const abortsAll = (rule: LifecycleRule): boolean =>
  rule.Status === 'Enabled' &&
  rule.AbortIncompleteMultipartUpload !== undefined &&
  (rule.Filter?.Prefix ?? '') === '' &&
  rule.Filter?.Tag === undefined &&
  rule.Filter?.And === undefined

/** Has the store drop unfinished uploads after a week, should we never come back. Throws StoreError. */
export async function setLifecycle(store: Store): Promise<RuleOutcome> {
  const { bucket } = store
  const rules = await rulesOr<LifecycleRule>(() =>
    store.send('GetBucketLifecycleConfiguration', async ({ client, sdk }, options) => {
      return (await client.send(new sdk.GetBucketLifecycleConfigurationCommand(bucket), options)).Rules
    }),
  )
  if (!rules) return 'unsupported'
  if (rules.some(abortsAll)) return 'kept'
  const Rules = [...rules, lifecycleRule()]
  const command = { ...bucket, LifecycleConfiguration: { Rules } }
  return supported(() =>
    store.send('PutBucketLifecycleConfiguration', ({ client, sdk }, options) =>
      client.send(new sdk.PutBucketLifecycleConfigurationCommand(command), options),
    ),
  )
}
