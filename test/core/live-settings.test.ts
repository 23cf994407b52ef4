import { expect, test } from 'bun:test'
import { openLiveSettings } from '../../src/core/live-settings.ts'
import { coresUnderTest, faultOf, guest } from './core-under-test.ts'

const open = coresUnderTest()
const CONFIGURED = { registration: true, uploads: true, guestUploads: true, imports: true, notice: '' }

test('the configuration holds until something is changed, and again when it is given back', async () => {
  const { metadata } = await open()
  const live = await openLiveSettings(metadata, CONFIGURED)
  expect(live.now).toEqual(CONFIGURED)
  await live.change({ registration: false, notice: '  Moving\n house ' })
  expect(live.now).toEqual({ ...CONFIGURED, registration: false, notice: 'Moving house' })
  expect(live.changed()).toEqual(['registration', 'notice'])
  await live.change({ registration: null, notice: '' })
  expect(live.now).toEqual(CONFIGURED)
  expect(live.changed()).toEqual(['notice'])
})

test('what was changed holds after a restart', async () => {
  const { metadata } = await open()
  await (await openLiveSettings(metadata, CONFIGURED)).change({ imports: false })
  const again = await openLiveSettings(metadata, CONFIGURED)
  expect(again.now.imports).toBe(false)
  expect(again.changed()).toEqual(['imports'])
})

test('a bad value changes nothing, also not what came before it', async () => {
  const { metadata } = await open()
  const live = await openLiveSettings(metadata, CONFIGURED)
  const bad = [{ notice: 'x'.repeat(501) }, { uploads: 'no' }, { colour: 'red' }, { notice: 1 }] as object[]
  for (const change of bad) await faultOf(live.change({ registration: false, ...change }), 'invalid')
  expect(live.now).toEqual(CONFIGURED)
})

test('uploads, guests, imports and registration follow at once', async () => {
  const { core, account } = await open()
  const ann = await account('ann')
  const content = {
    ...{ name: 'a.txt', leastSize: 1, mimeType: null, folderId: null, source: 'direct' as const },
    uploadedIp: null,
  }
  const upload = () => core.ingest.receive(ann, content, new Blob(['x']).stream())
  await core.live.change({ uploads: false, guestUploads: false, imports: false, registration: false })
  await faultOf(upload(), 'uploads_disabled')
  await faultOf(core.imports.add(ann, { urlBase64: '', folderId: null }), 'imports_disabled')
  expect(core.registration.isOpen).toBe(false)
  expect(() => core.uploads.requireEnabled()).toThrow()
  await core.live.change({ uploads: null })
  await upload()
  expect(() => core.uploads.requireAllowed(guest)).toThrow('Authentication required.')
})
