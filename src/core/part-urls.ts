/** Signed URLs that let a client send a part without any other credential. */
import { type Clock, plusSeconds } from './clock.ts'
import { clampLifetime } from './downloads.ts'
import { Fault, invalid } from './fault.ts'
import type { MetadataStore } from './metadata.ts'
import type { UploadSession } from './model.ts'
import { isPartNumber, MAX_PARTS, partLength } from './part-plan.ts'
import type { Signer } from './signer.ts'
import type { StorageDriver } from './storage.ts'
import { directAccess, isOpen, uploadRef } from './upload-session.ts'

/** Where the client sends one part. */
export interface SignedPart {
  number: number
  /** Site-relative on local storage, absolute for a store that clients reach themselves. */
  url: string
  /** Seconds. */
  expiresIn: number
  /** Bytes the part must have. */
  size: number
}

const YIELD_EVERY = 100
const yieldToOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export interface PartUrls {
  /**
   * URLs valid for `expiresIn` seconds, clamped to 1..604800; signing keeps the session alive.
   * Faults: invalid (no number), sign_closed, part_number_invalid.
   */
  sign(session: UploadSession, numbers: number[], expiresIn: number): Promise<SignedPart[]>
}

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  signer: Signer
  clock: Clock
  /** Seconds a session lives after its last sign of life. */
  sessionTtl: number
}

export function createPartUrls({ metadata, storage, signer, clock, sessionTtl }: Deps): PartUrls {
  const ownUrl = (session: UploadSession, number: number, expiresIn: number): string => {
    const expires = Math.floor(clock.now().getTime() / 1000) + expiresIn
    const signature = signer.sign({ kind: 'part', session: session.id, number, expires })
    return `/storage/parts/${session.id}?partNumber=${number}&expires=${expires}&signature=${signature}`
  }
  const signOne = async (session: UploadSession, number: number, expiresIn: number): Promise<SignedPart> => {
    const size = partLength(session, number)
    const direct = directAccess(storage, session)
    const url = direct
      ? await direct.signPart(uploadRef(session), { number, size }, expiresIn)
      : ownUrl(session, number, expiresIn)
    return { number, url, expiresIn, size }
  }
  return {
    async sign(session, numbers, expiresIn) {
      if (numbers.length === 0) throw invalid('part_numbers', 'At least one part number is required.')
      if (!isOpen(session)) throw new Fault('sign_closed')
      const distinct = [...new Set(numbers)]
      const valid = numbers.length <= MAX_PARTS && distinct.every((number) => isPartNumber(session, number))
      if (!valid) throw new Fault('part_number_invalid')
      const now = clock.now()
      await metadata.uploads.signParts(session.id, distinct, now, plusSeconds(now, sessionTtl))
      const lifetime = clampLifetime(expiresIn)
      const signed: SignedPart[] = []
      for (const number of distinct) {
        // Ten thousand signatures take seconds, in which others want an answer.
        if (signed.length % YIELD_EVERY === YIELD_EVERY - 1) await yieldToOthers()
        signed.push(await signOne(session, number, lifetime))
      }
      return signed
    },
  }
}
