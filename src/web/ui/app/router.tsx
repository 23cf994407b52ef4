/** Addresses without loading a page anew. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { DropSpot } from '../parts/drop-spot.ts'

export interface Place {
  path: string
  query: URLSearchParams
}

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) })
const watchers = new Set<() => void>()
const tell = (): void => {
  for (const watcher of watchers) watcher()
}

const [entered] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
let returning = entered !== undefined && entered.type !== 'navigate'

/** This place has been seen before: the page was loaded anew, or the browser's buttons led here. */
export const isReturning = (): boolean => returning

addEventListener('popstate', () => {
  returning = true
  tell()
})

export function navigate(to: string, replace = false): void {
  returning = false
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  tell()
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here)
  useEffect(() => {
    const watcher = (): void => setPlace(here())
    watchers.add(watcher)
    return () => void watchers.delete(watcher)
  }, [])
  return place
}

/** A click that opens a new tab or window is the browser's. */
export const isPlainClick = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey

export interface LinkProps {
  to: string
  class?: string
  current?: boolean
  label?: string
  children: ComponentChildren
  tabIndex?: number
  /** What is dropped on it goes there. */
  drop?: DropSpot | undefined
}

/** To another place of this application. */
export function Link({ to, class: style, current = false, label, children, tabIndex, drop }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    if (!isPlainClick(event)) return
    event.preventDefault()
    navigate(to)
  }
  return (
    <a
      href={to}
      class={style}
      aria-label={label}
      tabIndex={tabIndex}
      aria-current={current ? 'page' : undefined}
      onClick={follow}
      draggable={false}
      {...drop}
    >
      {children}
    </a>
  )
}
