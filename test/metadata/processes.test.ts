/** Several processes on one data directory: the server's lock, and writers beside each other. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { lockDataDirectory } from '../../src/metadata/lock.ts'
import { openMetadata } from '../../src/metadata/open.ts'
import {
  addAccount,
  addFile,
  addUpload,
  countDownload,
  expectCleanLedgers,
  NOON,
} from '../contract/metadata-store/records.ts'
import { tempFolders } from './temp-folder.ts'

const tempFolder = tempFolders()
const writer = join(import.meta.dir, 'second-process.ts')

function start(task: string, folder: string) {
  return Bun.spawn([process.execPath, writer, task, folder], { stdout: 'pipe', stderr: 'inherit' })
}

/** Resolves when the process has printed something: it is at work. */
async function firstWord(child: ReturnType<typeof start>): Promise<string> {
  const { value } = await child.stdout.getReader().read()
  return new TextDecoder().decode(value).trim()
}

test('a data directory is for one server at a time', () => {
  const folder = tempFolder()
  const lock = lockDataDirectory(folder)
  expect(() => lockDataDirectory(folder)).toThrow(
    `another kist serve is using this data directory: ${folder}`,
  )
  lock.release()
  lockDataDirectory(folder).release()
})

test('the lock of a process that was killed is free', async () => {
  const folder = tempFolder()
  const child = start('lock', folder)
  expect(await firstWord(child)).toBe('locked')
  expect(() => lockDataDirectory(folder)).toThrow('another kist serve')
  child.kill('SIGKILL')
  await child.exited
  lockDataDirectory(folder).release()
})

test('a directory that cannot be locked is another error', () => {
  expect(() => lockDataDirectory(join(tempFolder(), 'none'))).toThrow('cannot lock the data directory')
})

test('two processes that write at the same time lose nothing of each other', async () => {
  const folder = tempFolder()
  const store = await openMetadata({ path: join(folder, 'kist.db') })
  const account = await addAccount(store)
  const file = await addFile(store, account.id)
  const child = start('write', folder)
  expect(await firstWord(child)).toBe('writing')
  const own = Array.from({ length: 200 }, async () => {
    await countDownload(store, file.id, NOON)
    await addUpload(store, account.id)
  })
  await Promise.all(own)
  expect(await child.exited).toBe(0)
  expect((await store.files.find(file.id))?.downloads).toBe(400)
  expect((await store.accounts.find(account.id))?.storageReserved).toBe(400 * 25)
  await expectCleanLedgers(store)
  await store.close()
})

test('what was acknowledged before a kill is there, and the database is sound', async () => {
  const folder = tempFolder()
  const store = await openMetadata({ path: join(folder, 'kist.db') })
  await addFile(store, (await addAccount(store)).id)
  await store.close()
  const child = start('acknowledge', folder)
  const acknowledged: number[] = []
  let text = ''
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk)
    acknowledged.push(...text.split('\n').slice(0, -1).map(Number))
    text = text.slice(text.lastIndexOf('\n') + 1)
    if (acknowledged.length >= 50) child.kill('SIGKILL')
  }
  const after = await openMetadata({ path: join(folder, 'kist.db') })
  const [file] = await after.objects.page(0, 1)
  const downloads = (await after.files.find(file?.id ?? 0))?.downloads ?? 0
  expect(downloads).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0)
  await after.close()
  const sqlite = new Database(join(folder, 'kist.db'))
  expect(sqlite.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  sqlite.close()
})
