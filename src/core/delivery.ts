/** Which way the bytes of a download leave: through us, or from the store that keeps them. */
import type { FileRecord, Package, StoredObject } from './model.ts'
import type { PackageService } from './packages.ts'
import type { DirectAccess, StorageDriver } from './storage.ts'

/** `app`: through us. `signed_origin`: the client is sent to the store. `cdn`: to the public address before it. */
export type DeliveryWay = 'app' | 'signed_origin' | 'cdn'

/** What is to be delivered, and under the limits of which package (null: that of guests). */
export interface Delivered {
  file: FileRecord
  object: StoredObject
  packageId: number | null
}

export interface LocateTerms {
  /** What a signed URL is good for at most; never longer than five minutes. */
  seconds: number
  /** Not by an address that is good for ever: who can take a link back, takes back what it led to. */
  mustEnd: boolean
}

export interface Delivery {
  wayOf(delivered: Delivered): Promise<DeliveryWay>
  /** Absolute URL of the bytes; null when they go through us. Fault: unavailable. */
  locate(delivered: Delivered, terms: LocateTerms): Promise<string | null>
}

/** Long enough to begin with, since a download that has begun goes on. */
const LONGEST_SECONDS = 300

interface Deps {
  storage: Pick<StorageDriver, 'direct'>
  packages: Pick<PackageService, 'limitsOf'>
  /** What the operator wishes. */
  wished: DeliveryWay
}

/** Only we can slow down a download, count connections and uses, and see that a private link ends. */
const needsUs = (pkg: Package, file: FileRecord): boolean =>
  pkg.downloadSpeed > 0 || pkg.concurrentDownloads > 0 || file.usesLeft !== null

export function createDelivery({ storage, packages, wished }: Deps): Delivery {
  const choose = async ({ file, object, packageId }: Delivered, mustEnd = false): Promise<Choice> => {
    const { direct } = storage
    if (wished === 'app' || !direct) return THROUGH_US
    if (needsUs(await packages.limitsOf(packageId), file)) return THROUGH_US
    if (direct.holds && !(await direct.holds(object.key))) return THROUGH_US
    const isForAll = wished === 'cdn' && !mustEnd && isPublicAsStored(file, object)
    const url = isForAll ? direct.publicUrl(object.key) : null
    return url === null ? { way: 'signed_origin', direct } : { way: 'cdn', url }
  }
  return {
    wayOf: async (delivered) => (await choose(delivered)).way,
    async locate(delivered, { seconds, mustEnd }) {
      const choice = await choose(delivered, mustEnd)
      if (choice.way === 'app') return null
      if (choice.way === 'cdn') return choice.url
      const { file, object } = delivered
      const lifetime = Math.max(1, Math.min(LONGEST_SECONDS, Math.floor(seconds)))
      return choice.direct.signObject(object.key, { name: file.name, mimeType: file.mimeType }, lifetime)
    },
  }
}

type Choice = { way: 'app' } | { way: 'signed_origin'; direct: DirectAccess } | { way: 'cdn'; url: string }
const THROUGH_US: Choice = { way: 'app' }

/** A CDN knows no signature, and calls the file what it was called when it was stored. */
const isPublicAsStored = (file: FileRecord, { storedName }: StoredObject): boolean =>
  file.visibility >= 1 && file.status === 'active' && storedName === file.name
