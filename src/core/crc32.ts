/** CRC-32 as ZIP, gzip and Ethernet have it (ISO 3309), of bytes that come piece by piece. */
export class Crc32 {
  #value = 0

  update(bytes: Uint8Array): void {
    this.#value = Bun.hash.crc32(bytes, this.#value)
  }

  /** Unsigned; 0 of no bytes. */
  get value(): number {
    return this.#value
  }
}
