/** Short news at the edge of the page, read out by screen readers; some can be taken back. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Icon } from './icons.tsx'

interface Toast {
  id: number
  text: string
  bad: boolean
  undo: (() => void) | null
}

let toasts: Toast[] = []
let next = 1
let show: (toasts: Toast[]) => void = () => {}

const SHORT_MS = 6000
const LONG_MS = 12_000

const change = (to: Toast[]): void => {
  toasts = to
  show(toasts)
}
const drop = (id: number): void => change(toasts.filter((one) => one.id !== id))

let lastUndo: (() => void) | null = null

/** Once: what has been taken back is not offered again. */
function takeBack(undo: () => void): void {
  if (lastUndo === undo) lastUndo = null
  change(toasts.filter((one) => one.undo !== undo))
  undo()
}

/** Takes back what was done last, also when its news have gone. False when there is nothing. */
export function undoLast(): boolean {
  if (!lastUndo) return false
  takeBack(lastUndo)
  return true
}

/** `undo` is offered for a while. */
export function toast(text: string, { bad = false, undo }: { bad?: boolean; undo?: () => void } = {}): void {
  const id = next++
  if (undo) lastUndo = undo
  change([...toasts.slice(-3), { id, text, bad, undo: undo ?? null }])
  setTimeout(() => drop(id), bad || undo ? LONG_MS : SHORT_MS)
}

export function Toasts() {
  const [shown, setShown] = useState(toasts)
  useEffect(() => {
    show = setShown
    return () => {
      show = () => {}
    }
  }, [])
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    // Anew each time: above a dialog that has been opened since.
    if (shown.length === 0) return
    box.current?.hidePopover()
    box.current?.showPopover()
  }, [shown])
  const news = shown.at(-1)
  return (
    <>
      {/* There before anything is said, since readers say only what changes in what they know; the pile itself
          comes and goes. */}
      <div class="hidden" role="status">
        {news?.bad ? '' : news?.text}
      </div>
      {news?.bad && (
        <div key={news.id} class="hidden" role="alert">
          {news.text}
        </div>
      )}
      <div ref={box} class="toasts" popover="manual">
        {shown.map(({ id, text, bad, undo }) => (
          <div key={id} class={bad ? 'toast bad' : 'toast'}>
            <span>{text}</span>
            {undo && (
              <button type="button" onClick={() => takeBack(undo)}>
                Undo
              </button>
            )}
            <button type="button" class="plain" aria-label="Close this message" onClick={() => drop(id)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
    </>
  )
}
