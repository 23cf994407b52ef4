/** Repeating what a random id made fail. */
import { isFault } from './fault.ts'

/** For attempts that draw a slug: one that exists already is drawn again. */
export async function retryOnConflict<T>(attempt: () => Promise<T>, left = 5): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (left === 0 || !isFault(error, 'conflict')) throw error
    return retryOnConflict(attempt, left - 1)
  }
}
