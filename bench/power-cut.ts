/**
 * What a power cut leaves: bun bench/power-cut.ts [rounds, default 20], as root. The data directory is on an ext4
 * file system of its own in a loop device. While clients upload, at a random moment, the file system is shut down
 * without writing its journal, so that only what was synced is on the device, and the server is killed. After a
 * remount and a start every acknowledged part must be recorded with the right bytes, and every acknowledged file
 * must come back whole.
 */
import { dlopen } from 'bun:ffi'
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPlace, type Place } from '../test/support/binary.ts'
import { createContent } from '../test/support/content.ts'
import type { RunningServer } from '../test/support/server-process.ts'
import {
  type Client,
  completeUpload,
  createClient,
  downloadHash,
  downloadLink,
  getUpload,
  openUpload,
  partRange,
  putPart,
  reportPart,
  signPart,
  type Upload,
} from '../test/support/upload-client.ts'

const ROUNDS = Number(process.argv[2] ?? 20)
const CLIENTS = 6
const MiB = 2 ** 20
/** FS_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: stop at once, and lose the journal that is in memory. */
const SHUTDOWN = 0x8004587d
const WITHOUT_LOG_FLUSH = 2

if (process.getuid?.() !== 0) throw new Error('mounting a file system takes root')

const libc = dlopen('libc.so.6', { ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' } })
const workshop = mkdtempSync(join(tmpdir(), 'kist-power-'))
const image = join(workshop, 'disk.img')
const mountPoint = join(workshop, 'disk')

/**
 * What clients were told, and what became of it. `late`: the answer was read after the cut began. Whoever lost power
 * would not have sent it, and while ext4 aborts its journal an fsync that shares an aborted commit reports success.
 */
interface Ledger {
  /** Reported and acknowledged parts of uploads that were not completed. */
  parts: Array<{ upload: Upload; number: number; etag: string; late: boolean }>
  files: Array<{ id: number; upload: Upload; late: boolean }>
  /** Uploads whose complete was asked for; the answer may have been lost. */
  completing: Set<string>
}

const totals = { parts: 0, partsLost: 0, files: 0, filesLost: 0, late: 0, lateLost: 0, unclean: 0 }
const LOST = { files: 'filesLost', parts: 'partsLost' } as const
const starts: number[] = []

function command(...words: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(words)
  if (exitCode !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
}

function makeDisk(): void {
  mkdirSync(mountPoint)
  command('truncate', '-s', '24G', image) // it takes what is written, no more
  command('mkfs.ext4', '-q', '-F', image)
  mount()
}

const mount = (): void => command('mount', '-o', 'loop', image, mountPoint)

/** From now on nothing reaches the device any more, and what was not synced is gone. */
function cutPower(): void {
  const directory = openSync(mountPoint, 'r')
  const result = libc.symbols.ioctl(directory, SHUTDOWN, new Uint32Array([WITHOUT_LOG_FLUSH]))
  closeSync(directory)
  if (result !== 0) throw new Error('the file system would not shut down')
}

/** One client after the other file, until the power is cut. */
async function work(client: Client, ledger: Ledger, name: string, isOn: () => boolean): Promise<void> {
  for (let count = 0; isOn(); count++) {
    const size = (1 + (count % 5)) * MiB + count * 16
    const content = createContent(size, `${name} ${count}`)
    const upload = await openUpload(client, content)
    const acknowledged: Ledger['parts'] = []
    try {
      for (let number = upload.partCount; number >= 1; number--) {
        const etag = await putPart(await signPart(client, upload, number), upload, number)
        const { status } = await reportPart(client, upload, number, etag)
        if (status === 200) acknowledged.push({ upload, number, etag, late: !isOn() })
      }
      ledger.completing.add(upload.id)
      const { status, json } = await completeUpload(client, upload)
      if (status !== 201) throw new Error(`complete: ${status}`)
      ledger.completing.delete(upload.id)
      ledger.files.push({ id: json.file_id, upload, late: !isOn() })
    } catch (error) {
      ledger.parts.push(...acknowledged)
      if (isOn()) throw error
    }
  }
}

async function verify(client: Client, ledger: Ledger): Promise<void> {
  for (const { id, upload, late } of ledger.files) {
    judge(`file ${id}`, late, 'files', await fileProblem(client, id, upload))
  }
  for (const { upload, number, etag, late } of ledger.parts) {
    const problem = await partProblem(client, upload, number, etag, ledger)
    judge(`part ${number} of ${upload.id}`, late, 'parts', problem)
  }
}

function judge(name: string, late: boolean, kind: 'files' | 'parts', problem: string | null): void {
  totals[late ? 'late' : kind] += 1
  if (problem === null) return
  totals[late ? 'lateLost' : LOST[kind]] += 1
  say(`LOST${late ? ', answered late' : ''}: ${name}: ${problem}`)
}

/** Null when the file comes back whole. */
async function fileProblem(client: Client, id: number, upload: Upload): Promise<string | null> {
  try {
    const { size } = upload.content
    const seen = await downloadHash(await downloadLink(client, id), size, 3 * MiB + 1)
    return seen === upload.content.sha256() ? null : 'it has other bytes'
  } catch (error) {
    const session = await client.call('GET', `/api/v1/uploads/sessions/${upload.id}`)
    return `${error}; its session: ${session.text}`
  }
}

/** Null when the part is there with its bytes: as a part, or within the file that was made of it. */
async function partProblem(client: Client, upload: Upload, number: number, etag: string, ledger: Ledger) {
  const session = await getUpload(client, upload)
  if (session.status === 'completed' && ledger.completing.has(upload.id)) {
    const link = await downloadLink(client, session.metadata.file_id)
    const seen = await downloadHash(link, upload.content.size, 3 * MiB + 1)
    return seen === upload.content.sha256() ? null : 'its file has other bytes'
  }
  const part = (session.parts as Array<{ part_number: number; status: string; etag: string }>).find(
    ({ part_number }) => part_number === number,
  )
  if (part?.status !== 'uploaded') return `the session is ${session.status}, the part ${part?.status}`
  const [start, end] = partRange(upload, number)
  const hash = createHash('md5')
  for (const piece of upload.content.read(start, end)) hash.update(piece)
  const expected = hash.digest('hex')
  return `"${expected}"` === etag && part.etag === expected ? null : `etag ${part.etag}`
}

/** The bytes behind every part that survived: the missing ones are sent, the file is made and read. */
async function finishUploads(client: Client, ledger: Ledger): Promise<void> {
  const open = new Map(ledger.parts.map(({ upload }) => [upload.id, upload]))
  for (const upload of open.values()) {
    const session = await getUpload(client, upload)
    if (session.status === 'completed') continue
    const there = new Set<number>()
    for (const part of session.parts) if (part.status === 'uploaded') there.add(part.part_number)
    for (let number = 1; number <= upload.partCount; number++) {
      if (there.has(number)) continue
      const etag = await putPart(await signPart(client, upload, number), upload, number)
      await reportPart(client, upload, number, etag)
    }
    const { status, json, text } = await completeUpload(client, upload)
    if (status === 201 && json.checksum_sha256 === upload.content.sha256()) continue
    totals.partsLost += 1
    say(`LOST bytes of ${upload.id}: ${status} ${text}`)
  }
}

async function round(
  place: Place,
  token: string,
  server: RunningServer,
  count: number,
): Promise<RunningServer> {
  const client = createClient(server.url, token)
  const ledger: Ledger = { parts: [], files: [], completing: new Set() }
  let on = true
  const workers = Array.from({ length: CLIENTS }, (_, index) =>
    work(client, ledger, `round ${count} client ${index}`, () => on).catch((error: unknown) => {
      if (on) throw error
    }),
  )
  await Bun.sleep(300 + Math.random() * 1200)
  on = false
  cutPower()
  await server.end('SIGKILL')
  const outcomes = await Promise.allSettled(workers)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  command('umount', mountPoint)
  mount()

  const begun = performance.now()
  const next = await place.serve()
  starts.push(performance.now() - begun)
  const after = createClient(next.url, token)
  await verify(after, ledger)
  await finishUploads(after, ledger)
  const { code, stdout } = await place.run(['check'])
  if (code !== 0) {
    totals.unclean += 1
    say(`NOT CLEAN:\n${stdout}`)
  }
  say(`round ${count}: ${ledger.files.length} files and ${ledger.parts.length} parts were acknowledged`)
  return next
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

makeDisk()
const settings = '[uploads]\npart_size = "1MiB"\n[limits]\nrate_limits = false\n[data]\nmin_free = 0\n'
const place = createPlace({ below: mountPoint, settings })
command('sync', '-f', mountPoint) // the settings are ours to keep
try {
  let server = await place.serve()
  const token = await place.token('ann')
  for (let count = 1; count <= ROUNDS; count++) server = await round(place, token, server, count)
} finally {
  await place.remove().catch(() => say('the disk was without power at the end'))
  command('umount', mountPoint)
  rmSync(workshop, { recursive: true, force: true })
}
starts.sort((a, b) => a - b)
say(`power cuts:      ${ROUNDS}`)
say(`files:           ${totals.files} acknowledged, ${totals.filesLost} lost`)
say(`parts:           ${totals.parts} acknowledged, ${totals.partsLost} lost`)
say(`answered late:   ${totals.late}, ${totals.lateLost} lost`)
say(`unclean checks:  ${totals.unclean}`)
say(
  `start to ready:  ${starts[Math.floor(starts.length / 2)]?.toFixed(0)} ms median, ${starts.at(-1)?.toFixed(0)} ms longest`,
)
process.exit(totals.filesLost + totals.partsLost + totals.unclean === 0 ? 0 : 1)
