import { expect, test } from 'bun:test'
import { coresUnderTest, failOnce } from './core-under-test.ts'

const open = coresUnderTest()

test('what was done is found again, a hundred entries a page', async () => {
  const { core, account } = await open()
  const ann = await account('ann')
  for (let index = 0; index < 101; index++)
    await core.audit.note({ actor: ann, action: 'file.trashed', subject: `file ${index}`, ip: '192.0.2.1' })
  await core.audit.note({ actor: null, action: 'sign_in.failed', subject: 'bob' })
  const first = await core.audit.list(null)
  expect(first.entries).toHaveLength(100)
  expect(first.entries[0]).toMatchObject({ actorId: null, actorName: '', action: 'sign_in.failed', ip: null })
  const second = await core.audit.list(first.beforeId)
  expect(second.entries.map(({ subject }) => subject)).toEqual(['file 1', 'file 0'])
  expect(second.beforeId).toBeNull()
  expect((await core.audit.list(null, { actorId: ann.id })).entries[0]).toMatchObject({
    actorName: 'ann',
    subject: 'file 100',
  })
})

test('what cannot be noted is done all the same, and told to the log', async () => {
  const { core, metadata, log } = await open()
  failOnce(metadata.audit, 'add')
  await core.audit.note({ actor: null, action: 'package.changed', subject: 'Free' })
  expect(log.events).toEqual(['error audit_not_noted'])
})

test('after a year an entry is gone', async () => {
  const { core, clock } = await open()
  await core.audit.note({ actor: null, action: 'package.changed', subject: 'Free' })
  clock.advance(365 * 86_400)
  await core.sweeper.sweep()
  expect((await core.audit.list(null)).entries).toHaveLength(1)
  clock.advance(1)
  await core.sweeper.sweep()
  expect((await core.audit.list(null)).entries).toEqual([])
})
