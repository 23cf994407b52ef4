/** What is done to entries, in calls of a size the server takes; what could not be done is said. */
import type { BatchAnswer, EntryRef } from '../../wire/entries.ts'
import { LARGEST_BATCH } from '../../wire/entries.ts'
import { api, messageOf, refreshMe } from '../app/session.ts'
import { toast } from '../parts/toasts.tsx'
import { counted } from '../parts/words.ts'

export type Deed = 'move' | 'copy' | 'trash' | 'restore' | 'purge' | 'visibility'

const watchers = new Set<() => void>()
const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('kist changes') : null

/** Milliseconds for which what is shown is taken for true, when the window is looked at again. */
const FRESH_MS = 15_000
let freshAt = 0
/** Another tab has changed something while nobody looked at this one. */
let isStale = false

/** Called whenever something has changed that lists may show. */
export function onChange(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

function renew(): void {
  freshAt = performance.now()
  isStale = false
  for (const watcher of watchers) watcher()
  void refreshMe()
}

/** Tells the lists of this tab and of the others. */
export function changed(): void {
  renew()
  tabs?.postMessage('changed')
}

const isSeen = (): boolean => document.visibilityState === 'visible'

/** What has been changed elsewhere is there as soon as somebody looks. Returns the end of it. */
export function followOthers(): () => void {
  freshAt = performance.now()
  const stop = new AbortController()
  const { signal } = stop
  const look = (): void => {
    if (isSeen() && (isStale || performance.now() - freshAt > FRESH_MS)) renew()
  }
  const hear = (): void => {
    isStale = true
    look()
  }
  tabs?.addEventListener('message', hear, { signal })
  document.addEventListener('visibilitychange', look, { signal })
  addEventListener('focus', look, { signal })
  return () => stop.abort()
}

/** All of them; failures of single entries are gathered. Throws CallError when the server refuses as a whole. */
export async function perform(deed: Deed, items: EntryRef[], more: object = {}): Promise<BatchAnswer> {
  const whole: BatchAnswer = { done: 0, failed: [] }
  try {
    for (let start = 0; start < items.length; start += LARGEST_BATCH) {
      const some = items.slice(start, start + LARGEST_BATCH)
      const answer = await api<BatchAnswer>('POST', `/web/entries/${deed}`, { items: some, ...more })
      whole.done += answer.done
      whole.failed.push(...answer.failed)
      if (start + LARGEST_BATCH < items.length) toast(`${start + some.length} of ${items.length} …`)
    }
  } finally {
    changed()
  }
  return whole
}

const DONE: Record<Deed, string> = {
  move: 'moved',
  copy: 'copied',
  trash: 'moved to the trash',
  restore: 'restored',
  purge: 'deleted for good',
  visibility: 'changed',
}

const entries = (count: number): string => counted(count, 'entry', 'entries')

/** Says what became of it. True when all went well. */
export function report(deed: Deed, { done, failed }: BatchAnswer, undo?: () => void): boolean {
  if (done > 0) toast(`${entries(done)} ${DONE[deed]}.`, undo ? { undo } : {})
  const [first] = failed
  if (first) toast(`${entries(failed.length)} could not be ${DONE[deed]}: ${first.message}`, { bad: true })
  return failed.length === 0
}

/** Performs and reports; failures too. */
export async function performed(
  deed: Deed,
  items: EntryRef[],
  more: object = {},
  undo?: () => void,
): Promise<void> {
  try {
    report(deed, await perform(deed, items, more), undo)
  } catch (error) {
    toast(messageOf(error), { bad: true })
  }
}

/** In which folder an entry is. */
export type PlaceOf = (entry: EntryRef) => number | null

/** Each to where it was. */
async function putBack(deed: 'restore' | 'move', items: EntryRef[], places: Map<EntryRef, number | null>) {
  const groups = Map.groupBy(items, (item) => places.get(item) ?? null)
  for (const [folderId, group] of groups) await performed(deed, group, { folderId, whenTaken: 'number' })
}

const placesOf = (items: EntryRef[], placeOf: PlaceOf): Map<EntryRef, number | null> =>
  new Map(items.map((item) => [item, placeOf(item)]))

/** Can be taken back: the entries go to where they were. */
export function trashEntries(items: EntryRef[], placeOf: PlaceOf): Promise<void> {
  const places = placesOf(items, placeOf)
  return performed('trash', items, {}, () => void putBack('restore', items, places))
}

/** Asks about names that are taken there. */
async function moveOrAsk(items: EntryRef[], folderId: number | null): Promise<BatchAnswer> {
  const answer = await perform('move', items, { folderId, whenTaken: 'refuse' })
  const taken = answer.failed.filter((one) => one.taken)
  if (taken.length === 0) return answer
  const { askAboutTaken } = await import('../parts/taken.tsx')
  const [first] = taken
  const more = taken.length > 1 ? ` It is so with ${entries(taken.length)} in all.` : ''
  const said = await askAboutTaken({
    text: `${first?.message}${more}`,
    replacing: taken.every(({ type }) => type === 'file') ? 'What is replaced goes to the trash.' : null,
  })
  const others = answer.failed.filter((one) => !one.taken)
  if (said === null || said === 'skip') return { done: answer.done, failed: others }
  const whenTaken = said === 'both' ? 'number' : 'replace'
  const again = taken.map(({ type, id }) => ({ type, id }))
  const rest = await perform('move', again, { folderId, whenTaken })
  return { done: answer.done + rest.done, failed: [...others, ...rest.failed] }
}

/** Can be taken back; what is in the way of a name stays unless whoever moves says otherwise. */
export async function moveEntries(items: EntryRef[], to: number | null, placeOf: PlaceOf): Promise<void> {
  const places = placesOf(items, placeOf)
  try {
    report('move', await moveOrAsk(items, to), () => void putBack('move', items, places))
  } catch (error) {
    toast(messageOf(error), { bad: true })
  }
}
