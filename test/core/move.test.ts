/** Objects on their way to another store; here two disks. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { moveObjects } from '../../src/core/move.ts'
import type { PreviewMaker } from '../../src/core/preview-maker.ts'
import { localDriver } from '../../src/storage/local/local-driver.ts'
import { coresUnderTest } from './core-under-test.ts'

const cores = coresUnderTest()
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3)
const maker: PreviewMaker = {
  make: async () => ({ bytes: new TextEncoder().encode('small'), width: 2, height: 1 }),
  async close() {},
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

test('pictures made of files move with them, and what is being written stays', async () => {
  const { core, account, metadata, storage, dir, clock } = await cores({ previewMaker: maker })
  const content = { name: 'a.jpg', leastSize: 1, mimeType: null, folderId: null, visibility: 1 as const }
  const { file } = await core.ingest.receive(
    await account('ann'),
    { ...content, source: 'api', uploadedIp: null },
    once(JPEG),
  )
  await core.previews.open({ slug: file.slug, size: 'thumb', avif: false, visitor: null, pass: null })
  const object = (await metadata.objects.page(0, 10))[0]?.key ?? ''
  const picture = (await metadata.previews.of(file.objectId))[0]?.key ?? ''
  const written = 'ff/ff/ffff0000000000000000000000000000'
  await metadata.objects.announce(written, clock.now())
  await storage.put(written, once(JPEG))

  await using stack = new AsyncDisposableStack()
  const to = stack.adopt(await localDriver({ dir: join(dir, 'there') }), (driver) => driver.close())
  const steps = await Array.fromAsync(moveObjects({ metadata, from: storage, to, keepSource: false }))
  expect(new Map(steps.map(({ key, outcome }) => [key, outcome]))).toEqual(
    new Map([
      [object, 'moved'],
      [picture, 'moved'],
      [written, 'left'],
    ]),
  )
  expect(await storage.head(picture)).toBeNull()
  expect(await new Response(await to.open(picture)).text()).toBe('small')
})
