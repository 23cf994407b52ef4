/**
 * How long others wait while one account does something to a folder of very many files: the longest time in which
 * the server answers nobody, and the longest a small write of somebody else takes. In process, on a real database.
 * Usage: bun bench/batch-stalls.ts [files]
 */
import { Database } from 'bun:sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCore } from '../src/app.ts'
import { defaultConfig } from '../src/config.ts'
import { silentLog } from '../src/core/log.ts'
import type { Account } from '../src/core/model.ts'
import { addManyFiles } from '../test/support/many-files.ts'

const COUNT = Number(process.argv[2] ?? 100_000)
const directory = mkdtempSync(join(tmpdir(), 'kist-batch-'))
const config = defaultConfig({ data: { dir: directory } })
const say = (line: string) => process.stdout.write(`${line}\n`)

/** One folder with all the files in it, and its counters right. */
function fill(folderId: number): void {
  const path = join(directory, 'kist.db')
  addManyFiles(path, 'ann', COUNT)
  const db = new Database(path)
  db.run('update files set folder_id = ?', [folderId])
  const sums = 'file_count = (select count(*) from files), total_size = (select sum(size) from files)'
  db.run(`update folders set ${sums} where id = ?`, [folderId])
  db.run(`update accounts set storage_used = (select sum(size) from files) where name = 'ann'`)
  db.close()
}

interface Stalls {
  seconds: number
  /** Milliseconds. */
  loop: number
  write: number
}

async function watched(work: () => Promise<unknown>, small: () => Promise<unknown>): Promise<Stalls> {
  const stalls = { loop: 0, write: 0 }
  let last = performance.now()
  let done = false
  const beat = async (): Promise<void> => {
    while (!done) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      const now = performance.now()
      stalls.loop = Math.max(stalls.loop, now - last)
      last = now
    }
  }
  const write = async (): Promise<void> => {
    while (!done) {
      const began = performance.now()
      await small()
      stalls.write = Math.max(stalls.write, performance.now() - began)
    }
  }
  const others = [beat(), write()]
  const began = performance.now()
  await work()
  const seconds = (performance.now() - began) / 1000
  done = true
  await Promise.all(others)
  return { seconds, ...stalls }
}

async function prepare(): Promise<{ folderId: number }> {
  const { core, close } = await openCore(config, silentLog)
  const made = { password: 'correct horse', packageName: 'Admin' }
  const ann = await core.accounts.create({ name: 'ann', ...made })
  await core.accounts.create({ name: 'bob', ...made })
  const { id: folderId } = await core.folders.create(ann, { name: 'many', parentId: null })
  await close()
  fill(folderId)
  return { folderId }
}

try {
  const { folderId } = await prepare()
  const { core, close } = await openCore(config, silentLog)
  const ann = await core.accounts.getByName('ann')
  const bob = await core.accounts.getByName('bob')
  const { id: bobs } = await core.folders.create(bob, { name: 'small', parentId: null })
  const target = await core.folders.create(ann, { name: 'target', parentId: null })
  let turn = 0
  const small = (): Promise<unknown> => core.folders.change(bob, bobs, { name: `small ${turn++}` })
  const steps: Record<string, (account: Account) => Promise<unknown>> = {
    'nothing, for a second': () => Bun.sleep(1000),
    'move the folder': (account) => core.folders.change(account, folderId, { parentId: target.id }),
    'hide the folder': (account) => core.folders.change(account, folderId, { visibility: 0 }),
    'trash the folder': (account) => core.folders.trash(account, folderId),
    'restore the folder': (account) => core.trash.restoreFolder(account, folderId, null),
    'copy the folder': (account) => core.folderCopies.copy(account, folderId, target.id),
    'trash the copy': (account) => core.folders.trash(account, target.id),
    'empty the trash': (account) => core.trash.empty(account),
  }
  say(`${COUNT} files in one folder; milliseconds`)
  for (const [name, step] of Object.entries(steps)) {
    const { seconds, loop, write } = await watched(() => step(ann), small)
    say(
      `${name.padEnd(24)} ${seconds.toFixed(2).padStart(8)} s   nobody is answered for ${loop.toFixed(0).padStart(6)}   a small write takes ${write.toFixed(0).padStart(6)}`,
    )
  }
  await close()
} finally {
  rmSync(directory, { recursive: true, force: true })
}
