/** What bounds an upload: size, quota, kind of file, switches, the disk. Whatever is refused leaves nothing. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestApp, type TestApp } from '../../support/app.ts'
import { sampleBytes } from '../../support/upload.ts'
import { type FormPart, filePart, form, textPart, textParts } from './forms.ts'
import { type Member, member, post, refusal, scenario, sendForm, success } from './scenario.ts'

const QUOTA = 'This upload would exceed your storage quota.'
const KiB = 1024
const MiB = 1024 * KiB

/** Fields before the file, and behind it. */
const bothWays = (fields: object, file: FormPart): FormPart[][] => [
  [...textParts(fields), file],
  [file, ...textParts(fields)],
]
const fileOf = (size: number, name = 'b.bin'): FormPart => filePart(name, sampleBytes(size))

describe('a package', () => {
  const given = scenario()
  /** Somebody whose package has these limits. */
  const limited = async (limits: Record<string, string>): Promise<Member> => {
    await given.app.core.packages.add('Small', limits)
    return given.member('cid-coe', { packageName: 'Small' })
  }
  const used = async ({ account }: Member) => {
    const ledger = (await given.app.metadata.accounts.ledgers()).find(
      ({ accountId }) => accountId === account.id,
    )
    expect(ledger?.storageUsed).toBe(ledger?.filesTotal ?? -1)
    return ledger?.storageUsed
  }

  test('bounds one file, with its limit in the message', async () => {
    const cid = await limited({ max_upload_size: '100000' })
    for (const parts of bothWays(cid.credentials, fileOf(100_001)))
      expect(refusal(await given.send(parts))).toBe('File received is larger than permitted. (max 100000)')
    for (const parts of bothWays(cid.credentials, fileOf(5 * MiB)))
      expect(refusal(await given.send(parts))).toBe('File received is larger than permitted. (max 100000)')
    expect([await given.objects(), await used(cid)]).toEqual([0, 0])
    for (const parts of bothWays(cid.credentials, fileOf(100_000))) success(await given.send(parts))
    expect([await given.objects(), await used(cid)]).toEqual([2, 200_000])
  })

  test('bounds all files: what fits exactly is taken, one byte more is not', async () => {
    const cid = await limited({ max_storage_bytes: '100000' })
    await cid.upload('a.bin', sampleBytes(60_000))
    for (const parts of bothWays(cid.credentials, fileOf(40_001)))
      expect(refusal(await given.send(parts))).toBe(QUOTA)
    for (const parts of bothWays(cid.credentials, fileOf(5 * MiB)))
      expect(refusal(await given.send(parts))).toBe(QUOTA)
    expect([await given.objects(), await used(cid)]).toEqual([1, 60_000])
    await cid.upload('b.bin', sampleBytes(40_000))
    expect(refusal(await given.send([...textParts(cid.credentials), filePart('c', 'x')]))).toBe(QUOTA)
    expect([await given.objects(), await used(cid)]).toEqual([2, 100_000])
  })

  test('is never exceeded by thirty uploads at once', async () => {
    const cid = await limited({ max_storage_bytes: '100000' })
    const forms = Array.from(
      { length: 30 },
      (_, index) => bothWays(cid.credentials, fileOf(9000))[index % 2] ?? [],
    )
    const answers = await Promise.all(forms.map((parts) => given.send(parts)))
    const taken = answers.filter(({ json }) => json._status === 'success')
    expect(taken).toHaveLength(11)
    for (const answer of answers.filter(({ json }) => json._status === 'error'))
      expect(refusal(answer)).toBe(QUOTA)
    expect([await given.objects(), await used(cid)]).toEqual([11, 99_000])
  })

  test('counts trash until it is purged, and copies like files', async () => {
    const cid = await limited({ max_storage_bytes: '100000' })
    const { file_id } = await cid.upload('a.bin', sampleBytes(50_000))
    await cid.must('file/copy', { file_id, copy_to_folder_id: '' })
    expect([await given.objects(), await used(cid)]).toEqual([1, 100_000])
    expect(refusal(await cid.call('file/copy', { file_id, copy_to_folder_id: '' }))).toBe(QUOTA)
    await cid.must('file/delete', { file_id })
    expect(await used(cid)).toBe(100_000)
    expect(refusal(await given.send([...textParts(cid.credentials), filePart('c', 'x')]))).toBe(QUOTA)
    given.app.clock.advance(31 * 86_400)
    await given.app.core.sweeper.sweep()
    expect([await given.objects(), await used(cid)]).toEqual([1, 50_000])
    success(await given.post('authorize', cid.keys))
  })

  test('is never exceeded by thirty copies at once', async () => {
    const cid = await limited({ max_storage_bytes: '100000' })
    const { file_id } = await cid.upload('a.bin', sampleBytes(9000))
    const copy = () => cid.call('file/copy', { file_id, copy_to_folder_id: '0' })
    const answers = await Promise.all(Array.from({ length: 30 }, copy))
    expect(answers.filter(({ json }) => json._status === 'success')).toHaveLength(10)
    expect([await given.objects(), await used(cid)]).toEqual([1, 99_000])
  })

  test('of the owner counts, not that of the admin who acts for them', async () => {
    const cid = await limited({ max_storage_bytes: '1000' })
    const fields = { ...given.admin.credentials, account_id: cid.credentials.account_id }
    for (const parts of bothWays(fields, fileOf(1001))) expect(refusal(await given.send(parts))).toBe(QUOTA)
    success(await given.send([...textParts(fields), fileOf(1000)]))
    expect(await used(cid)).toBe(1000)
  })

  test('may allow no uploads at all', async () => {
    const cid = await limited({ can_upload: '0' })
    for (const parts of bothWays(cid.credentials, fileOf(10)))
      expect(refusal(await given.send(parts))).toBe('Your package does not allow uploads.')
    expect(await given.objects()).toBe(0)
  })
})

describe('the site', () => {
  const given = scenario({ config: { uploads: { blockedExtensions: ['exe', 'php'] } } })

  test.each(['a.exe', 'A.EXE', 'C:/x/b.php', 'a.txt.php', '.php', 'a.exe.', 'a.exe  '])(
    'refuses %s',
    async (name) => {
      for (const parts of bothWays(given.ann.credentials, fileOf(10, name)))
        expect(refusal(await given.send(parts))).toBe(
          'File could not be uploaded due to that file type being banned by the site admin',
        )
      expect(await given.objects()).toBe(0)
    },
  )

  test.each(['exe', 'a.exe.txt', 'php.html'])('takes %s', async (name) => {
    expect((await given.ann.upload(name, 'x')).name).toBe(name)
  })
})

describe('a site that takes no uploads', () => {
  const given = scenario({ config: { uploads: { enabled: false } } })

  test('says so, and works otherwise', async () => {
    for (const parts of bothWays(given.ann.credentials, fileOf(10)))
      expect(refusal(await given.send(parts))).toBe(
        'Uploading is currently disabled on the site, please try again later.',
      )
    expect(await given.objects()).toBe(0)
    await given.ann.must('folder/listing')
  })
})

const canMount = process.getuid?.() === 0 && process.platform === 'linux'
if (!canMount) process.stderr.write('SKIPPED: uploads to a full disk need root to mount a tmpfs\n')

describe.skipIf(!canMount)('a disk that is full', () => {
  let mountPoint = ''
  let app: TestApp
  let ann: Member
  const run = (...command: string[]): void => {
    const { exitCode, stderr } = Bun.spawnSync(command)
    if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr.toString()}`)
  }
  beforeEach(async () => {
    mountPoint = mkdtempSync(join(tmpdir(), 'kist-full-'))
    run('mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mountPoint)
    app = await createTestApp({ dir: join(mountPoint, 'data') })
    ann = await member(app, 'ann-lee')
  })
  afterEach(async () => {
    try {
      expect(await app.problems()).toEqual([])
    } finally {
      await app.close()
      // The database lets go of its file only when its statements are collected.
      run('umount', '--lazy', mountPoint)
      rmSync(mountPoint, { recursive: true })
    }
  })
  const objects = async () => (await Array.fromAsync(app.storage.list())).length
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(mountPoint)
    return bavail * bsize
  }
  const FULL = /does not have enough free capacity|storage is full/

  test('refuses what does not fit before and behind the credentials, keeps nothing and goes on', async () => {
    writeFileSync(join(mountPoint, 'ballast'), new Uint8Array(10 * MiB))
    const free = freeBytes()
    for (let time = 0; time < 3; time++) {
      for (const parts of bothWays(ann.credentials, fileOf(16 * MiB)))
        expect(refusal(await sendForm(app, parts))).toMatch(FULL)
    }
    expect(await objects()).toBe(0)
    expect(freeBytes()).toBeGreaterThan(free - MiB)
    success(await sendForm(app, [...textParts(ann.credentials), fileOf(MiB)]))
    rmSync(join(mountPoint, 'ballast'))
    success(await sendForm(app, [fileOf(16 * MiB), ...textParts(ann.credentials)]))
    expect(await objects()).toBe(2)
  })

  test('that fills up while a file arrives ends the upload and keeps nothing', async () => {
    const parts = [...textParts(ann.credentials), fileOf(12 * MiB), textPart('x', 'y')]
    const { body, type } = form(parts)
    let at = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at === 4 * MiB) writeFileSync(join(mountPoint, 'ballast'), new Uint8Array(14 * MiB))
        if (at >= body.length) controller.close()
        else controller.enqueue(body.subarray(at, at + MiB))
        at += MiB
      },
    })
    const answer = await app.request('POST', '/api/v2/file/upload', {
      headers: { 'content-type': type },
      body: stream,
    })
    expect(refusal(answer)).toMatch(FULL)
    expect(await objects()).toBe(0)
    success(await post(app, 'folder/listing', ann.credentials))
    rmSync(join(mountPoint, 'ballast'))
    success(await sendForm(app, parts))
  })
})
