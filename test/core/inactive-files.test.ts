/** What becomes of files nobody fetches, and of what is remembered of downloads. */
import { expect, test } from 'bun:test'
import { countDownload } from '../contract/metadata-store/records.ts'
import { coresUnderTest, principalOf } from './core-under-test.ts'
import { trafficStage } from './traffic-under-test.ts'
import { upload } from './upload-steps.ts'

const open = coresUnderTest()
const DAY = 86_400

test('a file of an account goes to the trash when its package gives up on it, and away with the trash', async () => {
  const product = await open()
  const { core, clock, metadata } = product
  const [ann, bob] = [await product.account('ann', 'Free'), await product.account('bob', 'Gold')]
  const forgotten = (await upload(product, principalOf(ann), 30)).fileId
  const fetched = (await upload(product, principalOf(ann), 30)).fileId
  const others = (await upload(product, principalOf(bob), 30)).fileId
  const status = async (id: number) => (await metadata.files.find(id))?.status ?? 'gone'
  clock.advance(10 * DAY)
  expect(await core.sweeper.sweep()).toMatchObject({ trashed: 0 })
  await core.packages.set('Free', { days_to_keep_inactive_files: '9' })
  await countDownload(metadata, fetched, clock.now())
  expect(await core.sweeper.sweep()).toMatchObject({ trashed: 0 })
  clock.advance(3600)
  expect(await core.sweeper.sweep()).toMatchObject({ trashed: 1 })
  expect(await Promise.all([forgotten, fetched, others].map(status))).toEqual(['trashed', 'active', 'active'])
  expect((await metadata.accounts.find(ann.id))?.storageUsed).toBe(60)
  clock.advance(30 * DAY + 1)
  expect(await core.sweeper.sweep()).toMatchObject({ trash: 1, trashed: 1 })
  expect(await Promise.all([forgotten, fetched, others].map(status))).toEqual(['gone', 'trashed', 'active'])
  expect(await product.problems()).toEqual([])
})

test('more of them than a round holds are done within a few rounds, not one an hour', async () => {
  const product = await open()
  const ann = await product.account('ann', 'Free')
  const { fileId } = await upload(product, principalOf(ann), 1)
  for (let count = 0; count < 130; count++) await product.core.files.copy(ann, fileId, null)
  await product.core.packages.set('Free', { days_to_keep_inactive_files: '1' })
  product.clock.advance(2 * DAY)
  expect(await product.core.sweeper.sweep()).toMatchObject({ trashed: 100 })
  expect(await product.core.sweeper.sweep()).toMatchObject({ trashed: 31 })
})

test('a used-up file is kept as long as a download of it can be gone on with, then removed with its bytes', async () => {
  const { product, file, guest, begin, fetch } = await trafficStage(await open())
  const film = await file(1000, 1)
  const first = await begin(guest(), film)
  first.end({ bytes: 300, completed: false })
  expect(await product.core.sweeper.sweep()).toMatchObject({ files: 0, objects: 0 })
  await product.core.traffic.flush()
  const restarted = await product.restart()
  product.clock.advance(5 * 3600)
  expect(await restarted.sweeper.sweep()).toMatchObject({ files: 0, objects: 0 })
  await fetch(guest(), film, 300)
  await product.core.traffic.flush()
  expect(await product.core.sweeper.sweep()).toMatchObject({ files: 1, objects: 1 })
  const song = await file(1000, 1)
  await begin(guest(), song)
  product.clock.advance(7 * 3600)
  expect(await product.core.sweeper.sweep()).toMatchObject({ files: 0 })
  expect(await product.problems()).toEqual([])
})

test('single downloads are forgotten after two days, days of a file after ninety', async () => {
  const { product, file, guest, fetch } = await trafficStage(await open())
  const film = await file(1000)
  const { core, clock, metadata } = product
  await fetch(guest(), film)
  await core.traffic.flush()
  const days = () => metadata.traffic.days(film.id, '2030-01-01')
  const usage = async () => (await metadata.traffic.usage(guest(), new Date(0))).downloads
  clock.advance(2 * DAY)
  await core.sweeper.sweep()
  expect([await usage(), await days()]).toMatchObject([1, [{ downloads: 1 }]])
  clock.advance(1)
  await core.sweeper.sweep()
  expect([await usage(), await days()]).toMatchObject([0, [{ downloads: 1 }]])
  clock.advance(88 * DAY)
  await core.sweeper.sweep()
  expect(await days()).toHaveLength(1)
  clock.advance(DAY)
  await core.sweeper.sweep()
  expect(await days()).toEqual([])
})
