/**
 * StorageDriver keeps bytes. It knows keys, ranges and parts; nothing of accounts, files or limits.
 * Obligations of every driver are checked by test/contract/storage-driver.contract.ts.
 */

/** First and last byte, both included. */
export interface ByteRange {
  start: number
  end: number
}

export interface ObjectInfo {
  key: string
  size: number
}

/** A whole object as it was written. Hashes are lower-case hex. */
export interface WrittenObject {
  size: number
  md5: string
  sha256: string
  /** CRC-32 of the whole, unsigned, where the driver has computed it. */
  crc32?: number
}

/** What a store keeps with the bytes for those who read it without us, if it can. */
export interface ObjectDescription {
  /** File name at the time of the upload. */
  name: string
  mimeType: string
}

/** An upload in parts: part n holds bytes (n-1)*partSize … of `size`, the last one the remainder. */
export interface UploadRef {
  /** Key of the object once complete. */
  key: string
  /** The driver's own name for the upload, from createUpload. */
  upload: string
  size: number
  partSize: number
}

export interface StoredPart {
  number: number
  /** MD5 of the part, 32 hex digits, no quotes. */
  etag: string
  size: number
}

export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export interface StorageDriver {
  /** What clients see as storage_provider: `local`, `s3`. */
  readonly name: string

  /**
   * Writes a whole object. Atomic and durable: when it resolves the object survives a power cut, and a
   * reader sees all of it or nothing. If the body fails, or is longer than `limit`, nothing is kept.
   * Faults: file_too_large, storage_full, client_gone.
   */
  put(key: string, body: ByteSource, limit?: number, description?: ObjectDescription): Promise<WrittenObject>

  /** The bytes, whole or a range inside the object. Fault: object_missing. */
  open(key: string, range?: ByteRange): Promise<Blob | ReadableStream<Uint8Array>>

  /**
   * Absolute path of an object on the disk of this machine, which another program may read it by; whether it is
   * there is not looked at. Null for one that is kept elsewhere. Only of drivers that keep files.
   */
  pathOf?(key: string): string | null

  /** Whether new objects are kept with their description. */
  readonly describes?: boolean

  /** Only of stores that clients reach themselves. */
  readonly direct?: DirectAccess

  /** Least bytes of every part but the last; none when absent. */
  readonly minPartSize?: number

  /** Null when there is no such object. */
  head(key: string): Promise<ObjectInfo | null>

  /** Durable removal; a missing object is fine. */
  delete(key: string): Promise<void>

  /** All objects, in no promised order. For check and sweeper. */
  list(): AsyncIterable<ObjectInfo>

  /** Starts an upload; returns the driver's name for it. Fault: storage_full. */
  createUpload(
    key: string,
    plan: { size: number; partSize: number },
    description?: ObjectDescription,
  ): Promise<string>

  /**
   * Writes one part, replacing earlier bytes of it; durable when it resolves. The body must have exactly
   * `size` bytes. After any failure the bytes of this part are undefined and other parts are untouched;
   * the caller must not run two writers of one part at once.
   * Faults: upload_not_found, part_too_large, part_too_small, storage_full, client_gone, upload_stalled.
   */
  putPart(ref: UploadRef, part: { number: number; size: number }, body: ByteSource): Promise<StoredPart>

  /**
   * Turns the parts into the object: durable and visible when it resolves. Repeating it after a crash is
   * fine: an object already in place is the answer. With `sha256` given the content is verified, and on
   * Fault checksum_mismatch no object exists; a null hash in the answer says that it was too much to verify at
   * once. Faults: upload_not_found, size_mismatch, part_mismatch (the store has other bytes than was reported),
   * checksum_mismatch.
   */
  completeUpload(ref: UploadRef, parts: StoredPart[], expected?: { sha256?: string }): Promise<HashedObject>

  /** Removes the staged bytes, never the finished object. Repeating it is fine. */
  abortUpload(ref: Pick<UploadRef, 'key' | 'upload'>): Promise<void>

  /** All uploads that hold bytes, with when they were last written to. For check and sweeper. */
  listUploads(): AsyncIterable<{ key?: string; upload: string; modifiedAt: Date }>

  /** Bytes that can still be written, or null when that is unknown or endless. */
  freeBytes(): Promise<number | null>

  /**
   * Tells that the first `parts` parts are recorded and stay as they are until putPart is called for one
   * of them again, so that hashing may run ahead of completeUpload.
   */
  hashAhead?(ref: UploadRef, parts: number): void

  /**
   * Whatever waits for the store, and whatever comes later, ends with the Fault unavailable, at once: for the end of
   * the process, when no client waits for an answer. Only of drivers whose store can be out of reach.
   */
  giveUp?(): void

  close(): Promise<void>
}

/** A completed upload: the MD5 of the whole is not known, its parts have their own. */
export interface HashedObject {
  size: number
  /** Null when the driver has not read the bytes. */
  sha256: string | null
  crc32?: number | null
}

/** How clients of a store that they reach themselves send and fetch bytes past us. */
export interface DirectAccess {
  /** Origin of the URLs that signPart gives: pages that upload have to be let there. */
  readonly partsOrigin: string
  /** Whether the parts of this upload go past us; those of all do when absent. */
  takesParts?(upload: string): boolean
  /** Whether this object can be fetched past us; every one can when absent. */
  holds?(key: string): Promise<boolean>
  /** Absolute URL to which the client PUTs the part, good for `expiresIn` seconds. */
  signPart(ref: UploadRef, part: { number: number; size: number }, expiresIn: number): Promise<string>
  /** What the store has of a part, null when nothing. Faults: upload_not_found, unavailable. */
  findPart(ref: UploadRef, number: number): Promise<StoredPart | null>
  /** Everything the store has of an upload, by number. Faults: upload_not_found, unavailable. */
  listParts(ref: UploadRef): Promise<StoredPart[]>
  /** Absolute URL of the bytes, answered as an attachment of that name, good for `expiresIn` seconds. */
  signObject(key: string, as: ObjectDescription, expiresIn: number): Promise<string>
  /** Unsigned URL of the bytes at the public address of the store, null when it has none. */
  publicUrl(key: string): string | null
}
