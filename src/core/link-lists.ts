/** The links and file requests of an account: pages of them, and how many there may be. */
import { Fault, isFault } from './fault.ts'

/** Links that are listed at one time. */
export const LINKS_PAGE = 100

/** Where the next page begins; null when this one is the last. */
export const nextPage = (page: unknown[], last: { id: number } | undefined): number | null =>
  page.length === LINKS_PAGE ? (last?.id ?? null) : null

/** too_many_links, with the number in words for people. */
export const namingLimit = (most: number, what: string) => (error: unknown) => {
  if (!isFault(error, 'too_many_links')) throw error
  const has = `You have ${most.toLocaleString('en')} ${what}, as many as an account can have.`
  throw new Fault('too_many_links', `${has} Remove some that nobody needs any more.`)
}

/** For what is none of the account's own. */
export const noSuchLink = (): Fault => new Fault('link_invalid', 'There is no such link.')
