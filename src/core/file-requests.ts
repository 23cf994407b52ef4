/** Links by which anybody who has them puts files into a folder of an account, within its package and its quota. */
import type { Clock } from './clock.ts'
import { Fault, invalid } from './fault.ts'
import { byteLength, printable } from './filename.ts'
import type { Ids } from './ids.ts'
import type { IngestService, NewContent } from './ingest.ts'
import { LINKS_PAGE, namingLimit, nextPage } from './link-lists.ts'
import type { LinkPasswords } from './link-password.ts'
import type { FileRequestUpdate, MetadataStore, NamedFileRequest } from './metadata.ts'
import type { Account, FileRecord, FileRequest } from './model.ts'
import { requireFuture } from './share-links.ts'

export interface FileRequestInput {
  title?: string
  note?: string
  password?: string | null
  expiresAt?: Date | null
  /** Null: without end. */
  filesLeft?: number | null
  /** Takes no files from now on, or takes them again. */
  closed?: boolean
}

/** A request that takes files, with whose it is. */
export interface OpenRequest {
  request: FileRequest
  owner: Account
}

/** What a stranger sends. */
export interface SentByStranger {
  name: string
  mimeType: string | null
  leastSize: number
  ip: string
}

export interface FileRequestService {
  /** Faults: folder_not_found, too_many_links, invalid (title, note, expiry, files, password). */
  create(account: Account, folderId: number | null, input: FileRequestInput): Promise<FileRequest>
  /** The newest first, a page at a time; `beforeId` of the next page, null at the end. */
  list(
    account: Account,
    beforeId: number | null,
  ): Promise<{ requests: NamedFileRequest[]; beforeId: number | null }>
  /** Faults: link_invalid (no such request of the account), invalid. */
  change(account: Account, id: number, input: FileRequestInput): Promise<FileRequest>
  /** Fault: link_invalid. */
  remove(account: Account, id: number): Promise<void>
  /** Fault: link_invalid (unknown, closed, expired, full, its folder in the trash, its account suspended). */
  find(token: string): Promise<OpenRequest>
  /** A pass of 24 hours. Faults: link_invalid, password_wrong. */
  unlock(token: string, password: string): Promise<string>
  /** Faults: link_invalid, password_required. */
  open(token: string, pass: string | null): Promise<OpenRequest>
  /**
   * Puts a file into the folder; of many at once no more than the request takes. Faults: those of `open` and of
   * IngestService.receive.
   */
  receive(
    token: string,
    pass: string | null,
    sent: SentByStranger,
    body: AsyncIterable<Uint8Array>,
  ): Promise<FileRecord>
}

interface Deps {
  metadata: MetadataStore
  ingest: IngestService
  locks: LinkPasswords
  clock: Clock
  ids: Ids
}

const MOST_FILES = 100_000
/** Of an account, closed ones among them. */
const MOST_REQUESTS = 1000
const TITLE_BYTES = 200
const NOTE_BYTES = 2000

export function createFileRequests({ metadata, ingest, locks, clock, ids }: Deps): FileRequestService {
  const toUpdate = async (input: FileRequestInput): Promise<FileRequestUpdate> => {
    const { title, note, password, expiresAt, filesLeft, closed } = input
    requireFiles(filesLeft)
    requireFuture(expiresAt, clock)
    return {
      ...(title !== undefined && { title: readLine('title', title, TITLE_BYTES) }),
      ...(note !== undefined && { note: readNote(note) }),
      ...(password !== undefined && { passwordHash: await locks.hash(password) }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(filesLeft !== undefined && { filesLeft }),
      ...(closed !== undefined && { closedAt: closed ? clock.now() : null }),
    }
  }

  /** A folder in the trash takes nothing; strangers do not fill the root instead. */
  const hasPlace = async ({ folderId }: FileRequest): Promise<boolean> =>
    folderId === null || (await metadata.folders.find(folderId))?.status === 'active'

  const find = async (token: string): Promise<OpenRequest> => {
    const request = /^[0-9a-f]{32}$/.test(token) ? await metadata.fileRequests.findByToken(token) : null
    if (!request) throw new Fault('link_invalid')
    const hasExpired = request.expiresAt !== null && request.expiresAt <= clock.now()
    if (hasExpired || request.closedAt !== null || request.filesLeft === 0)
      throw new Fault('link_invalid', 'This link takes no files any more.')
    const owner = await metadata.accounts.find(request.accountId)
    if (owner?.status !== 'active' || !(await hasPlace(request))) throw new Fault('link_invalid')
    return { request, owner }
  }

  const open = async (token: string, pass: string | null): Promise<OpenRequest> => {
    const found = await find(token)
    locks.require(found.request, pass)
    return found
  }

  return {
    async create({ id: accountId }, folderId, input) {
      const { title = '', note = '', passwordHash = null, ...rest } = await toUpdate({ title: '', ...input })
      const { expiresAt = null, filesLeft = null } = rest
      const fixed = { accountId, folderId, token: ids.secret(16), createdAt: clock.now() }
      const request = { ...fixed, title, note, passwordHash, expiresAt, filesLeft }
      return metadata.fileRequests
        .create(request, MOST_REQUESTS)
        .catch(namingLimit(MOST_REQUESTS, 'file requests'))
    },
    async list({ id }, beforeId) {
      const requests = await metadata.fileRequests.list(id, { beforeId, limit: LINKS_PAGE })
      return { requests, beforeId: nextPage(requests, requests.at(-1)?.request) }
    },
    async change({ id: accountId }, id, input) {
      const changed = await metadata.fileRequests.update(accountId, id, await toUpdate(input))
      if (!changed) throw new Fault('link_invalid', 'There is no such request.')
      return changed
    },
    async remove({ id: accountId }, id) {
      if (!(await metadata.fileRequests.remove(accountId, id)))
        throw new Fault('link_invalid', 'There is no such request.')
    },
    find,
    unlock: async (token, password) => locks.unlock((await find(token)).request, password),
    open,
    async receive(token, pass, { name, mimeType, leastSize, ip }, body) {
      const { request, owner } = await open(token, pass)
      const content: NewContent = {
        ...{ name, mimeType, leastSize, folderId: request.folderId, uploadedIp: ip || null },
        ...{ source: 'direct', numbered: true, mayBeEmpty: true, viaRequest: request.id },
      }
      return (await ingest.receive(owner, content, body)).file
    },
  }
}

function requireFiles(count: number | null | undefined): void {
  if (count === undefined || count === null) return
  if (!Number.isInteger(count) || count < 1 || count > MOST_FILES)
    throw invalid('filesLeft', 'The number of files is a whole number from 1 to 100,000.')
}

function readLine(field: string, value: string, most: number): string {
  const text = printable(value).trim()
  if (text === '') throw invalid(field, 'A title is required.')
  if (byteLength(text) > most) throw invalid(field, `The title has at most ${most} bytes.`)
  return text
}

function readNote(value: string): string {
  const text = value
    .split(/\r?\n/)
    .map((line) => printable(line))
    .join('\n')
    .trim()
  if (byteLength(text) > NOTE_BYTES) throw invalid('note', `The note has at most ${NOTE_BYTES} bytes.`)
  return text
}
