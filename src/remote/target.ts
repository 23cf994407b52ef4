/** What a URL asks us to reach, judged by its letters alone. */
import { Fault } from '../core/fault.ts'

export interface Target {
  url: URL
  isEncrypted: boolean
  /** As in the Host header, without port: a name, or an address without brackets. */
  host: string
  port: number
}

/**
 * Ports on which something else than a web server listens: those that browsers refuse (the Fetch standard's
 * list), then remote desktops, name services, queues and databases that read commands from strangers.
 */
const REFUSED_PORTS: ReadonlySet<number> = new Set(
  [
    [1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104],
    [109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515],
    [526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049],
    [3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
    [
      445, 873, 1433, 1521, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5671, 5672, 5900, 6379,
      6380,
    ],
    [9042, 9092, 9160, 11211, 26379, 27017, 27018, 27019],
  ].flat(),
)

/** Fault: url_refused for another scheme than http and https, for user names, and for ports of other services. */
export function readTarget(text: string, base?: URL): Target {
  const url = URL.parse(text, base?.href)
  if (!url) throw refused('It is not a URL.')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused('Only http and https can be downloaded.')
  if (url.username !== '' || url.password !== '') throw refused('It contains a user name or password.')
  const isEncrypted = url.protocol === 'https:'
  const port = url.port === '' ? (isEncrypted ? 443 : 80) : Number(url.port)
  if (port === 0 || REFUSED_PORTS.has(port)) throw refused('Its port belongs to another service.')
  url.hash = ''
  return { url, isEncrypted, host: url.hostname.replace(/^\[|\]$/g, ''), port }
}

/** The reason is shown to the account: it names nothing of this machine or its network. */
export const refused = (reason: string): Fault =>
  new Fault('url_refused', `That URL can not be downloaded. ${reason}`)
