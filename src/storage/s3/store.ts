/** The one bucket: control requests through the SDK, which is loaded here, for the first of them. */
import type { S3Client } from '@aws-sdk/client-s3'
import { type Availability, availability } from './availability.ts'
import { type S3Options, type S3Settings, settingsOf } from './options.ts'
import { type Presign, presigner } from './presigner.ts'
import { sharedRetries, slots } from './retries.ts'
import { storeError } from './store-error.ts'

export type Sdk = typeof import('./sdk.ts')

/** The SDK, and its client of this store. */
export interface Loaded {
  sdk: Sdk
  client: S3Client
}

export interface Store {
  settings: S3Settings
  /** What every command begins with. */
  bucket: { Bucket: string }
  presign: Presign
  /** Uploads that one-shot puts of this process are writing. */
  ingesting: Set<string>
  /** Runs the work when one of the slots for control requests is free. */
  inSlot<T>(work: () => Promise<T>): Promise<T>
  /** Runs the work when one of the slots for spooled bytes is free. */
  inSendSlot<T>(work: () => Promise<T>): Promise<T>
  /** Whether the store answers at all. */
  availability: Availability
  /** Does the work again while it fails in a way that may pass. */
  retried<T>(work: () => Promise<T>): Promise<T>
  /**
   * One control request, tried again while it may pass. Each attempt has its time limit, `patience` times longer than
   * others where the store has much to do. Throws StoreError.
   */
  send<T>(
    operation: string,
    request: (loaded: Loaded, options: { abortSignal: AbortSignal }) => Promise<T>,
    patience?: number,
  ): Promise<T>
  /** The store's time, as far as its answers have told it. */
  now(): Date
  /** The store's clock was seen to be at this time. */
  sawTime(date: Date): void
  /** Ends what is under way. */
  close(): void
}

const LONGEST_CONNECT_MS = 5000
const PROBE_EXPIRY_SECONDS = 60

/** Checksums beyond what a request needs are off: several stores refuse the trailers that carry them. */
function clientOf(sdk: Sdk, settings: S3Settings): S3Client {
  return new sdk.S3Client({
    endpoint: settings.endpoint,
    region: settings.region,
    forcePathStyle: settings.forcePathStyle,
    credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Repeats are ours, bounded in time over control requests and bytes alike.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: Math.min(settings.timeouts.request, LONGEST_CONNECT_MS),
      httpAgent: { maxSockets: settings.concurrency },
      httpsAgent: { maxSockets: settings.concurrency },
    },
    // What the SDK would otherwise take from the environment and from files in the home directory.
    defaultsMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    useArnRegion: false,
    disableMultiregionAccessPoints: true,
  })
}

/** Loads and connects nothing yet. */
export function openStore(options: S3Options): Store {
  const settings = settingsOf(options)
  const { clock, ids, timeouts } = settings
  let skew: number | null = null
  let client: S3Client | undefined
  const now = (): Date => new Date(clock.now().getTime() + (skew ?? client?.config.systemClockOffset ?? 0))
  const loaded = async (): Promise<Loaded> => {
    const sdk = await import('./sdk.ts')
    client ??= clientOf(sdk, settings)
    return { sdk, client }
  }
  const presign = presigner({ ...settings, now })
  const answers = availability({ probe: () => probe(presign, timeouts.request), log: settings.log })
  const retried = sharedRetries({ within: timeouts.retry, ids }, answers)
  const inSlot = admitting(answers, settings.concurrency)
  return {
    settings,
    bucket: { Bucket: settings.bucket },
    presign,
    availability: answers,
    now,
    ingesting: new Set(),
    inSlot,
    inSendSlot: admitting(answers, settings.sends),
    retried,
    send: (operation, request, patience = 1) =>
      retried(() =>
        inSlot(async () => {
          const ready = await loaded()
          try {
            return await request(ready, { abortSignal: AbortSignal.timeout(timeouts.request * patience) })
          } catch (error) {
            throw storeError(operation, error)
          }
        }),
      ),
    sawTime(date) {
      skew = date.getTime() - clock.now().getTime()
    },
    close() {
      answers.giveUp()
      client?.destroy()
    },
  }
}

/** Slots in which nothing begins that would only hang: what has waited for one may have waited long. */
function admitting(store: Availability, limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const inSlot = slots(limit)
  return (work) =>
    inSlot(() => {
      store.check()
      return work()
    })
}

/** A key that no object has. */
const NO_OBJECT = `00/00/${'0'.repeat(32)}`

/** Whether the store says that it does not have an object, or why it does not tell; on a connection of its own. */
async function probe(presign: Presign, limit: number): Promise<boolean> {
  const signal = AbortSignal.timeout(Math.min(limit, LONGEST_CONNECT_MS))
  try {
    const url = presign({ method: 'GET', key: NO_OBJECT, expiresIn: PROBE_EXPIRY_SECONDS })
    const response = await fetch(url, { redirect: 'manual', keepalive: false, signal })
    await response.body?.cancel()
    return response.status < 500
  } catch {
    // No answer, whatever the reason.
    return false
  }
}
