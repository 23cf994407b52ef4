/** What is on its way in: how far, how fast, how long still. */
import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { currentMe } from '../app/session.ts'
import { confirmDialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { counted, size, span } from '../parts/words.ts'
import { chooseAgain, loadUnfinished, reopen } from './earlier.ts'
import {
  cancelAll,
  cancelUpload,
  canRetry,
  clearDone,
  onUploads,
  pace,
  pauseUpload,
  resumeUpload,
  retryFailed,
  startOver,
  type UploadItem,
  uploads,
} from './queue.ts'

/** What needs somebody comes first, then what moves; what is done is of the past. */
const RANKS: Record<UploadItem['state'], number> = {
  ...{ failed: 0, asking: 0, checking: 1, uploading: 1, paused: 1, waiting: 2, done: 3 },
}
const ranked = (items: readonly UploadItem[]): UploadItem[] =>
  items.toSorted((one, other) => RANKS[one.state] - RANKS[other.state])

/** More than these nobody reads. */
const MOST_SHOWN = 200

const WORDS: Record<UploadItem['state'], string> = {
  waiting: 'Waiting',
  uploading: 'Uploading',
  paused: 'Paused',
  asking: 'Choose the file again to go on',
  checking: 'Comparing it with what has arrived',
  failed: 'Failed',
  done: 'Done',
}

function Choose({ item }: { item: UploadItem }) {
  const input = useRef<HTMLInputElement>(null)
  const ask = (): void => void (item.handle ? reopen(item) : input.current?.click())
  return (
    <>
      <button type="button" class="small" onClick={ask}>
        {item.handle ? 'Go on' : 'Choose file'}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        data-again={item.name}
        onChange={({ currentTarget: { files } }) => {
          const file = files?.[0]
          if (file) void chooseAgain(item, file)
        }}
      />
    </>
  )
}

function Actions({ item }: { item: UploadItem }) {
  const { state, name } = item
  const button = (text: string, icon: 'pause' | 'play', act: (item: UploadItem) => void) => (
    <button type="button" class="plain" aria-label={`${text} ${name}`} onClick={() => act(item)}>
      <Icon name={icon} />
    </button>
  )
  return (
    <span class="acts">
      {state === 'asking' && !item.newer && <Choose item={item} />}
      {(state === 'uploading' || state === 'waiting') && button('Pause', 'pause', pauseUpload)}
      {state === 'paused' && button('Resume', 'play', resumeUpload)}
      {item.newer && (
        <button type="button" class="small" onClick={() => void startOver(item)}>
          Upload it anew
        </button>
      )}
      {state === 'failed' && item.file && button('Try again', 'play', resumeUpload)}
      <button
        type="button"
        class="plain"
        aria-label={`${state === 'done' ? 'Remove from the list:' : 'Cancel'} ${name}`}
        onClick={() => void cancelUpload(item)}
      >
        <Icon name="close" />
      </button>
    </span>
  )
}

const Row = ({ item }: { item: UploadItem }) => (
  <li class={`upload ${item.state}`} data-state={item.state}>
    <span class="name">
      <bdi>{item.name}</bdi>
      <span class="facts">
        {item.problem ?? WORDS[item.state]} · {size(item.sent)} of {size(item.size)}
      </span>
    </span>
    <Actions item={item} />
    {item.state !== 'done' && item.state !== 'failed' && (
      <progress max={Math.max(1, item.size)} value={item.sent} aria-label={`Progress of ${item.name}`} />
    )}
  </li>
)

const MOVING: ReadonlyArray<UploadItem['state']> = ['uploading', 'waiting']

function summary(items: readonly UploadItem[]): string {
  const moving = items.filter(({ state }) => MOVING.includes(state))
  if (moving.length === 0) {
    const failed = items.filter(({ state }) => state === 'failed').length
    const done = items.filter(({ state }) => state === 'done').length
    const asking = items.filter(({ state }) => state === 'asking' || state === 'paused').length
    if (asking > 0) return `${counted(asking, 'upload')} to go on with`
    return failed > 0 ? `${counted(failed, 'upload')} failed` : `${counted(done, 'file')} uploaded`
  }
  const left = moving.reduce((sum, item) => sum + item.size - item.sent, 0)
  const speed = pace.speed()
  const time = speed > 0 ? `, ${size(speed)}/s, ${span(left / speed)} left` : ''
  return `${counted(moving.length, 'file')} to go${time}`
}

const cancelMany = (): void =>
  confirmDialog({
    title: 'Cancel all uploads?',
    text: 'Nothing is kept of what has not arrived as a whole.',
    action: 'Cancel all uploads',
    act: cancelAll,
  })

/** Closing the page would stop what moves; it can be gone on with, but nobody wants that by mistake. */
function useLeaveGuard(active: boolean): void {
  useEffect(() => {
    if (!active) return
    const guard = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', guard)
    return () => removeEventListener('beforeunload', guard)
  }, [active])
}

export function UploadDock() {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const [folded, setFolded] = useState(false)
  useEffect(() => onUploads(() => redraw(undefined)), [])
  useEffect(() => {
    if (currentMe())
      loadUnfinished().catch(() => toast('Unfinished uploads could not be looked up.', { bad: true }))
  }, [])
  const items = uploads()
  const moving = items.some(({ state }) => MOVING.includes(state))
  useLeaveGuard(moving)
  if (items.length === 0) return null
  const text = summary(items)
  return (
    <section class={folded ? 'dock folded' : 'dock'} aria-label="Uploads">
      <div class="dock-head">
        <h2>{text}</h2>
        <span class="hidden" role="status">
          {moving ? 'Uploading' : text}
        </span>
        {canRetry() && (
          <button type="button" class="small second" onClick={retryFailed}>
            Try again
          </button>
        )}
        {items.filter(({ state }) => state !== 'done').length > 1 && (
          <button type="button" class="small second" onClick={cancelMany}>
            Cancel all
          </button>
        )}
        {items.some(({ state }) => state === 'done') && !moving && (
          <button type="button" class="small second" onClick={clearDone}>
            Clear
          </button>
        )}
        <button
          type="button"
          class="plain"
          aria-expanded={!folded}
          aria-label={folded ? 'Show the uploads' : 'Hide the uploads'}
          onClick={() => setFolded(!folded)}
        >
          <Icon name="chevron" />
        </button>
      </div>
      {!folded && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        <ul tabIndex={0} aria-label="Files being uploaded">
          {ranked(items)
            .slice(0, MOST_SHOWN)
            .map((item) => (
              <Row key={item.id} item={item} />
            ))}
          {items.length > MOST_SHOWN && <li class="soft">and {items.length - MOST_SHOWN} more</li>}
        </ul>
      )}
    </section>
  )
}
