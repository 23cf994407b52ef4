/** Second factors and their recovery codes as records. */
import type { SecondFactor } from '../model.ts'

export interface SecondFactorStore {
  find(accountId: number): Promise<SecondFactor | null>
  /** A new secret, not yet confirmed, in place of an unconfirmed one. Fault: conflict when one is confirmed. */
  begin(factor: Pick<SecondFactor, 'accountId' | 'secret' | 'createdAt'>): Promise<void>
  /**
   * It counts from now on, with these recovery codes (their hashes) and no others. Fault: conflict when there is
   * no unconfirmed one.
   */
  confirm(accountId: number, step: number, codeHashes: string[], now: Date): Promise<void>
  /** Notes the time step of a code. False when that step or a later one has been used: the code is used up. */
  takeStep(accountId: number, step: number): Promise<boolean>
  /** Uses up a recovery code. False when there is no such unused code. */
  takeCode(accountId: number, hash: string, now: Date): Promise<boolean>
  /** How many recovery codes are unused. */
  codesLeft(accountId: number): Promise<number>
  /** In place of all earlier ones. */
  replaceCodes(accountId: number, codeHashes: string[]): Promise<void>
  /** With its recovery codes; fine when there is none. */
  remove(accountId: number): Promise<void>
}
