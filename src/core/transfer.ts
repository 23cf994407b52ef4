/** One answer that carries bytes of a file, as the traffic rules and the connection see it. */

/** Made by the traffic rules, driven by whatever sends the bytes. */
export interface Transfer {
  /** Bytes per second this connection may have at this moment; 0: as fast as can be. */
  speed(): number
  /** Calls `listener` whenever `speed` has changed; returns how to stop that. */
  onSpeedChange(listener: () => void): () => void
  /** Tells how many bytes the client has received so far; never less than before. */
  delivered(bytes: number): void
  /** Once, when all is received or the client is gone. Frees the slot and settles the accounts. Never throws. */
  end(outcome: { bytes: number; completed: boolean }): void
}
