/** Makes a bucket fit for use and tries it, step by step: `kist s3 setup`. */
import { randomIds } from '../../core/ids.ts'
import { setCors, setLifecycle } from './bucket-rules.ts'
import { askBucket, explain } from './check.ts'
import type { S3Options } from './options.ts'
import { probeCors, probeDelete, probeDownload, probeObject, probeParts } from './probe.ts'
import { openStore, type Store } from './store.ts'
import { isStoreError } from './store-error.ts'

export type SetUpStepName = 'bucket' | 'object' | 'parts' | 'download' | 'cors' | 'lifecycle' | 'delete'

export interface SetUpStep {
  name: SetUpStepName
  /**
   * `done`: made or tried, and right. `kept`: it was right already. `warning`: Kist works without it. `failed`: it
   * does not. `skipped`: an earlier step failed.
   */
  outcome: 'done' | 'kept' | 'warning' | 'failed' | 'skipped'
  /** One sentence for the operator, without secrets. */
  message: string
}

export interface SetUpReport {
  /** No step failed. */
  ok: boolean
  steps: SetUpStep[]
}

export interface SetUpPlan {
  /** Origins of the pages that reach the bucket from browsers (`https://files.example.com`); none: all. */
  origins: string[]
  /** Hears of every step as it ends. */
  onStep?(step: SetUpStep): void
}

type Result = Omit<SetUpStep, 'name'>
const done = (message: string): Result => ({ outcome: 'done', message })
const kept = (message: string): Result => ({ outcome: 'kept', message })
const warning = (message: string): Result => ({ outcome: 'warning', message })

async function makeBucket(store: Store): Promise<Result> {
  const { bucket, region } = store.settings
  try {
    await askBucket(store)
    return kept(`The bucket "${bucket}" is there.`)
  } catch (error) {
    if (!isStoreError(error, 'NoSuchBucket')) throw error
  }
  // AWS wants the region named, but not its first one, and other stores have no regions.
  const elsewhere = store.settings.endpoint.endsWith('.amazonaws.com') && region !== 'us-east-1'
  const CreateBucketConfiguration = elsewhere ? { LocationConstraint: region as 'eu-west-1' } : undefined
  const command = { ...store.bucket, CreateBucketConfiguration }
  await store.send('CreateBucket', ({ client, sdk }, options) =>
    client.send(new sdk.CreateBucketCommand(command), options),
  )
  return done(`The bucket "${bucket}" was made.`)
}

async function allowOrigins(store: Store, key: string, wanted: string[]): Promise<Result> {
  const origins = wanted.length === 0 ? ['*'] : wanted
  const outcome = await setCors(store, origins)
  for (const origin of origins) await probeCors(store, key, origin === '*' ? 'https://kist.example' : origin)
  const names = origins.join(', ')
  if (outcome === 'done') return done(`Browsers may reach the bucket from ${names} (CORS was set).`)
  return kept(`Browsers may reach the bucket from ${names}.`)
}

async function abortOldUploads(store: Store): Promise<Result> {
  try {
    const outcome = await setLifecycle(store)
    if (outcome === 'done')
      return done('Unfinished uploads are dropped after a week (a lifecycle rule was set).')
    if (outcome === 'kept') return kept('A lifecycle rule drops unfinished uploads.')
  } catch (error) {
    if (!isStoreError(error)) throw error
    return warning(`No lifecycle rule: ${explain(store, error)} Kist removes unfinished uploads itself.`)
  }
  return warning('The store has no lifecycle rules; Kist removes unfinished uploads itself.')
}

/** Every step and what must have gone well before it. */
function stepsOf(
  store: Store,
  key: string,
  { origins }: SetUpPlan,
): Array<{ name: SetUpStepName; needs: SetUpStepName[]; run(): Promise<Result> }> {
  const tried = (work: (store: Store, key: string) => Promise<void>, message: string) => async () => {
    await work(store, key)
    return done(message)
  }
  return [
    { name: 'bucket', needs: [], run: () => makeBucket(store) },
    {
      name: 'object',
      needs: ['bucket'],
      run: tried(probeObject, 'An object was written, and a range of it read.'),
    },
    {
      name: 'parts',
      needs: ['object'],
      run: tried(probeParts, 'A part was sent by a signed URL and became an object.'),
    },
    {
      name: 'download',
      needs: ['parts'],
      run: tried(probeDownload, 'The object was fetched by a signed URL.'),
    },
    { name: 'cors', needs: ['parts'], run: () => allowOrigins(store, key, origins) },
    { name: 'lifecycle', needs: ['bucket'], run: () => abortOldUploads(store) },
    { name: 'delete', needs: ['object'], run: tried(probeDelete, 'The object was deleted.') },
  ]
}

async function resultOf(store: Store, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (isStoreError(error)) return { outcome: 'failed', message: explain(store, error) }
    const cause = error instanceof Error ? error.cause : undefined
    if (isStoreError(cause)) return { outcome: 'failed', message: explain(store, cause) }
    throw error
  }
}

async function runSteps(store: Store, plan: SetUpPlan): Promise<SetUpReport> {
  const steps: SetUpStep[] = []
  const failed = new Set<SetUpStepName>()
  for (const { name, needs, run } of stepsOf(store, randomIds.objectKey(), plan)) {
    const blocked = needs.some((need) => failed.has(need))
    const result: Result = blocked
      ? { outcome: 'skipped', message: 'Not tried, since an earlier step failed.' }
      : await resultOf(store, run)
    if (result.outcome === 'failed' || result.outcome === 'skipped') failed.add(name)
    const step = { name, ...result }
    steps.push(step)
    plan.onStep?.(step)
  }
  return { ok: failed.size === 0, steps }
}

/**
 * Makes the bucket if it is missing, sets CORS and the end of unfinished uploads where they are not right, and
 * sends, joins, fetches and deletes a probe. May be run again at any time, also beside a running server.
 */
export async function setUpBucket(options: S3Options, plan: SetUpPlan): Promise<SetUpReport> {
  const store = openStore(options)
  try {
    return await runSteps(store, plan)
  } finally {
    store.close()
  }
}
