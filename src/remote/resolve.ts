/** From a host name to addresses that may be reached. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { RemoteError } from '../core/remote.ts'
import { addressKey, isPublicAddress } from './address.ts'
import { refused } from './target.ts'

/** All addresses of a name. Errors with code ENOTFOUND mean that there is none. */
export type Resolver = (host: string) => Promise<string[]>

/** As the machine is set up to: hosts file, then name servers. */
export const systemResolver: Resolver = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)

/** Tried one after the other; more would only make a dead source last longer. */
const MAX_ADDRESSES = 4

export type Judge = (address: string) => boolean

/**
 * Lets through what is public or exempt. Not this machine by its public addresses: what listens there may be
 * shielded from strangers, but not from itself.
 */
export function createJudge(exempt: string[]): Judge {
  const exempted = new Set(exempt.map(addressKey))
  return (address) => {
    const key = addressKey(address)
    return key !== null && (exempted.has(key) || (isPublicAddress(address) && !ownAddresses().has(key)))
  }
}

const ownAddresses = (): Set<string | null> =>
  new Set(
    Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? []).map(({ address }) => addressKey(address)),
    ),
  )

/**
 * The addresses to connect to, in order, all of them judged: one that may not be reached spoils the name, since
 * its owner chooses which one we would get. Faults: url_refused; RemoteError when the name can not be looked up.
 */
export async function reachableAddresses(
  host: string,
  resolver: Resolver,
  mayReach: Judge,
): Promise<string[]> {
  const addresses = isIP(host) === 0 ? await resolved(host, resolver) : [host]
  if (!addresses.every(mayReach)) throw refused('Its address is not public.')
  const usable = addresses.filter((address) => isIP(address) !== 0)
  if (usable.length === 0) throw unknownHost(undefined, false)
  return usable.sort((one, other) => isIP(one) - isIP(other)).slice(0, MAX_ADDRESSES)
}

async function resolved(host: string, resolver: Resolver): Promise<string[]> {
  try {
    return await resolver(host)
  } catch (error) {
    throw unknownHost(error, codeOf(error) !== 'ENOTFOUND')
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error ? Reflect.get(error, 'code') : undefined)

const unknownHost = (cause: unknown, retryable: boolean): RemoteError =>
  new RemoteError('The host name of the source was not found.', { retryable, cause })
