/** The small picture of a file in a grid; one that a busy server has not made yet appears when it is there. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/** What browsers ask for in pictures: each kind is made by itself. */
const KINDS = 'image/avif,image/webp,*/*;q=0.8'
/** Seconds until it is asked for again, at least; then nobody waits any more. */
const WAITS = [2, 4, 8, 16, 30, 60]
/** Addresses that come but are no picture to the browser are not asked for without end. */
const MOST_LOADS = 3
/** Questions under way at the same time, of the whole page: the server makes a picture for each. */
const MOST_ASKED = 2

/** Of these the server has said that there is none. */
const never = new Set<string>()

let asked = 0
const turns: Array<() => void> = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (asked >= MOST_ASKED) await new Promise<void>((resolve) => turns.push(resolve))
  asked++
  try {
    return await work()
  } finally {
    asked--
    turns.shift()?.()
  }
}

/** Resolves while it is on the screen; rejects when it is gone. */
function whenSeen(element: Element, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return
      observer.disconnect()
      resolve()
    })
    observer.observe(element)
    signal.addEventListener('abort', () => {
      observer.disconnect()
      reject(signal.reason)
    })
  })
}

function wait(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}

interface Answer {
  is: 'there' | 'later' | 'never'
  /** Seconds. */
  after: number
}

async function ask(address: string, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted()
  const response = await fetch(address, { method: 'HEAD', headers: { accept: KINDS }, signal }).catch(
    () => null,
  )
  signal.throwIfAborted()
  const after = Number(response?.headers.get('retry-after') ?? 0) || 0
  if (response?.ok) return { is: 'there', after }
  const mayCome = response === null || response.status >= 500 || response.status === 429
  return { is: mayCome ? 'later' : 'never', after }
}

/** True when it has come; false when it never will, or nobody should wait any longer. Throws when aborted. */
async function insist(address: string, element: Element, signal: AbortSignal): Promise<boolean> {
  for (const pause of WAITS) {
    await whenSeen(element, signal)
    const { is, after } = await inTurn(() => ask(address, signal))
    if (is === 'there') return true
    if (is === 'never') {
      never.add(address)
      return false
    }
    await wait(Math.max(pause, after), signal)
  }
  return false
}

export interface ThumbnailProps {
  slug: string
  /** Instead of it, while there is none. */
  children: ComponentChildren
}

export function Thumbnail({ slug, children }: ThumbnailProps) {
  const address = `/~preview/${slug}/thumb`
  const [loads, setLoads] = useState(0)
  const [missing, setMissing] = useState(never.has(address))
  const box = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    if (!missing || never.has(address) || loads >= MOST_LOADS || !box.current) return
    const gone = new AbortController()
    insist(address, box.current, gone.signal).then(
      (has) => {
        if (!has) return
        setLoads(loads + 1)
        setMissing(false)
      },
      () => {}, // It is out of the page: whoever comes back to it asks anew.
    )
    return () => gone.abort()
  }, [missing, loads, address])
  if (missing)
    return (
      <span ref={box} class="no-picture">
        {children}
      </span>
    )
  return (
    <img
      src={loads === 0 ? address : `${address}?again=${loads}`}
      alt=""
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => setMissing(true)}
    />
  )
}
