/** Second factors and their recovery codes as records. */
import type { SecondFactor } from '../model.ts'

/** A factor as its owner has proved it: one that was set up anew since is another. */
export type FactorSecret = Pick<SecondFactor, 'accountId' | 'secret'>

export interface SecondFactorStore {
  find(accountId: number): Promise<SecondFactor | null>
  /** A new secret, not yet confirmed, in place of an unconfirmed one. Fault: conflict when one is confirmed. */
  begin(factor: Pick<SecondFactor, 'accountId' | 'secret' | 'createdAt'>): Promise<void>
  /**
   * It counts from now on, with these recovery codes (their hashes) and no others. Fault: conflict when the
   * unconfirmed one, if there is one, has another secret: a code of this one does not confirm that one.
   */
  confirm(of: FactorSecret, step: number, codeHashes: string[], now: Date): Promise<void>
  /**
   * Notes the time step of a code. False when that step or a later one has been used, or the secret is another
   * by now: the code is used up.
   */
  takeStep(of: FactorSecret, step: number): Promise<boolean>
  /** Uses up a recovery code. False when there is no such unused code, or the secret is another by now. */
  takeCode(of: FactorSecret, hash: string, now: Date): Promise<boolean>
  /** How many recovery codes are unused. */
  codesLeft(accountId: number): Promise<number>
  /** In place of all earlier ones. Fault: conflict when it is not on, or has another secret by now. */
  replaceCodes(of: FactorSecret, codeHashes: string[]): Promise<void>
  /** With its recovery codes; fine when there is none. With a secret only that one. Fault: conflict, when it is gone. */
  remove(accountId: number, secret?: string): Promise<void>
}
