import { expect, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import { diskFault, isMissing, isTaken, onExisting, sourceFault } from '../../src/storage/disk-faults.ts'
import { expectFault } from '../contract/storage-tools.ts'

const system = (code: string): Error =>
  Object.assign(new Error('ENOSPC: a text that must not matter'), { code })

test('a full disk, a quota and a file-size limit are storage_full, with the cause for the log', () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
    const error = system(code)
    const fault = diskFault(error)
    expect(fault).toBeInstanceOf(Fault)
    expect(fault).toMatchObject({ code: 'storage_full', cause: error })
  }
})

test('other errors of the disk stay what they are', () => {
  for (const error of [system('EIO'), system('EACCES'), new Error('ENOSPC'), 'ENOSPC', null, undefined])
    expect(diskFault(error)).toBe(error)
})

test('an aborted body is client_gone by its name or code, a Fault stays itself', () => {
  expect(sourceFault(new DOMException('x', 'AbortError'))).toMatchObject({ code: 'client_gone' })
  for (const code of ['ABORT_ERR', 'ECONNRESET', 'EPIPE'])
    expect(sourceFault(system(code))).toMatchObject({ code: 'client_gone' })
  const stalled = new Fault('upload_stalled')
  expect(sourceFault(stalled)).toBe(stalled)
  const defect = new TypeError('aborted')
  expect(sourceFault(defect)).toBe(defect)
})

test('a missing file is the Fault asked for, and nothing else is', async () => {
  const missing = () => new Fault('upload_not_found')
  await expectFault(
    'upload_not_found',
    onExisting(missing, () => Promise.reject(system('ENOENT'))),
  )
  await expectFault(
    'storage_full',
    onExisting(missing, () => Promise.reject(system('ENOSPC'))),
  )
  await expect(onExisting(missing, () => Promise.reject(system('EACCES')))).rejects.toMatchObject({
    code: 'EACCES',
  })
  expect(['ENOENT', 'ENOTDIR', 'EIO'].map((code) => isMissing(system(code)))).toEqual([true, true, false])
  expect(isTaken(system('EEXIST'))).toBe(true)
})
