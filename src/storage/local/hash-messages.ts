/** What is known of bytes that were read: SHA-256 in hex, CRC-32 unsigned. */
export interface Checksums {
  sha256: string
  crc32: number
}

/** What the hash follower and its worker say to each other. Handled in the order sent. */
export type HashRequest =
  /** The first `to` bytes of the file are final: read on to there. */
  | { kind: 'advance'; upload: string; path: string; to: number }
  /** Bytes from `from` on are about to change. */
  | { kind: 'withdraw'; upload: string; from: number }
  /** Answer with the checksums of the first `to` bytes. */
  | { kind: 'digest'; upload: string; path: string; to: number; id: number }
  | { kind: 'drop'; upload: string }

/** `read` counts the bytes that were read after the question: 0 when hashing had kept up. */
export type HashReply =
  | ({ id: number; read: number } & Checksums)
  /** The file could not be read; `code` is the system's, or `EOF` for a file shorter than asked. */
  | { id: number; failed: string }
