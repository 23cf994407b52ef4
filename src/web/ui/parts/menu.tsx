/** A button with a list of things to do: by mouse, by touch, by arrow keys. */
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Icon, type IconName } from './icons.tsx'

export interface MenuItem {
  text: string
  icon?: IconName
  act(): void
  bad?: boolean
}

export interface MenuProps {
  label: string
  class?: string
  items: MenuItem[]
  /** Text above the items. */
  head?: string
  children: ComponentChildren
  tabIndex?: number
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }

/** `close` gives the focus back, `leave` lets it go on. */
function onMenuKey(event: KeyboardEvent, all: HTMLElement[], close: () => void, leave: () => void): void {
  event.stopPropagation()
  if (event.key === 'Tab') leave()
  if (event.key === 'Escape') close()
  if (event.key === 'Tab' || event.key === 'Escape') return
  const at = all.indexOf(document.activeElement as HTMLElement)
  const to = event.key === 'Home' ? 0 : event.key === 'End' ? all.length - 1 : at + (STEPS[event.key] ?? 0)
  if (to === at) return
  event.preventDefault()
  all[(to + all.length) % all.length]?.focus()
}

export function Menu({ label, class: style, items, head, children, tabIndex }: MenuProps) {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const choices = () => [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
  useEffect(() => {
    if (!open) return
    choices()[0]?.focus({ preventScroll: true })
    const away = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', away)
    return () => document.removeEventListener('pointerdown', away)
  }, [open])
  const close = useCallback((): void => {
    setOpen(false)
    button.current?.focus({ preventScroll: true })
  }, [])
  const onKey = (event: KeyboardEvent): void => {
    if (open) onMenuKey(event, choices(), close, () => setOpen(false))
  }
  return (
    <div class="menu" ref={box} onKeyDown={onKey}>
      <button
        ref={button}
        type="button"
        class={style}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        tabIndex={tabIndex}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && <MenuList anchor={() => boxOf(button.current)} {...{ label, head, items, close }} />}
    </div>
  )
}

/** Where a menu belongs to: a button, or the point that was clicked. */
type Box = Pick<DOMRect, 'left' | 'right' | 'top' | 'bottom'>

const boxOf = (element: HTMLElement | null): Box | null => element?.getBoundingClientRect() ?? null

interface ListProps {
  anchor(): Box | null
  label: string
  head?: string | undefined
  items: MenuItem[]
  close(): void
}

const GAP = 4

/** Below the button, above it where there is no room; always inside the window. */
function place(list: HTMLElement, { left, right, top, bottom }: Box): void {
  const { offsetWidth: width, offsetHeight: height } = list
  const under = bottom + GAP + height <= innerHeight || top < innerHeight - bottom
  const isPoint = left === right
  const toTheLeft = right - width >= GAP && !(isPoint && left + width + GAP <= innerWidth)
  const x = toTheLeft ? right - width : Math.min(left, innerWidth - width - GAP)
  const gap = isPoint ? 0 : GAP
  const y = under ? bottom + gap : top - gap - height
  list.style.left = `${Math.max(GAP, x)}px`
  list.style.top = `${Math.max(GAP, Math.min(y, innerHeight - height - GAP))}px`
}

function MenuList({ anchor, label, head, items, close }: ListProps) {
  const list = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    // Above everything, so that no list that scrolls cuts it off.
    list.current?.showPopover()
    const box = anchor()
    if (list.current && box) place(list.current, box)
  }, [])
  useEffect(() => {
    const scrolled = (event: Event): void => {
      if (!list.current?.contains(event.target as Node)) close()
    }
    addEventListener('scroll', scrolled, { capture: true })
    addEventListener('resize', close)
    return () => {
      removeEventListener('scroll', scrolled, { capture: true })
      removeEventListener('resize', close)
    }
  }, [close])
  return (
    <div class="choices" ref={list} popover="manual">
      {head && <p>{head}</p>}
      <div role="menu" aria-label={label}>
        {items.map(({ text, icon, act, bad }) => (
          <button
            key={text}
            type="button"
            role="menuitem"
            tabIndex={-1}
            class={bad ? 'bad' : undefined}
            onClick={(event) => {
              event.stopPropagation()
              close()
              act()
            }}
          >
            {icon && <Icon name={icon} />}
            {text}
          </button>
        ))}
      </div>
    </div>
  )
}

export interface PointMenuProps {
  /** Of the window, in pixels. */
  at: { x: number; y: number }
  label: string
  items: MenuItem[]
  close(): void
}

/** A menu without a button: where somebody has clicked with the other button of the mouse. */
export function PointMenu({ at: { x, y }, label, items, close }: PointMenuProps) {
  const box = useRef<HTMLDivElement>(null)
  const choices = () => [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null
    choices()[0]?.focus({ preventScroll: true })
    const away = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) close()
    }
    document.addEventListener('pointerdown', away)
    return () => {
      document.removeEventListener('pointerdown', away)
      if (document.activeElement === document.body && before?.isConnected)
        before.focus({ preventScroll: true })
    }
  }, [])
  const anchor = (): Box => ({ left: x, right: x, top: y, bottom: y })
  return (
    <div ref={box} class="menu" onKeyDown={(event) => onMenuKey(event, choices(), close, close)}>
      <MenuList {...{ anchor, label, items, close }} />
    </div>
  )
}
