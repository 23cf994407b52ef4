/** A button with a list of things to do: by mouse, by touch, by arrow keys. */
import type { ComponentChildren, RefObject } from 'preact'
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
    if (!open) return
    event.stopPropagation()
    if (event.key === 'Tab') setOpen(false)
    if (event.key === 'Escape') close()
    if (event.key === 'Tab' || event.key === 'Escape') return
    const all = choices()
    const at = all.indexOf(document.activeElement as HTMLElement)
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? all.length - 1 : at + (STEPS[event.key] ?? 0)
    if (to === at) return
    event.preventDefault()
    all[(to + all.length) % all.length]?.focus()
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
      {open && <MenuList of={button} label={label} head={head} items={items} close={close} />}
    </div>
  )
}

interface ListProps {
  of: RefObject<HTMLButtonElement>
  label: string
  head?: string | undefined
  items: MenuItem[]
  close(): void
}

const GAP = 4

/** Below the button, above it where there is no room; always inside the window. */
function place(list: HTMLElement, button: HTMLElement): void {
  const { left, right, top, bottom } = button.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = list
  const under = bottom + GAP + height <= innerHeight || top < innerHeight - bottom
  const x = right - width >= GAP ? right - width : Math.min(left, innerWidth - width - GAP)
  const y = under ? bottom + GAP : top - GAP - height
  list.style.left = `${Math.max(GAP, x)}px`
  list.style.top = `${Math.max(GAP, Math.min(y, innerHeight - height - GAP))}px`
}

function MenuList({ of, label, head, items, close }: ListProps) {
  const list = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    // Above everything, so that no list that scrolls cuts it off.
    list.current?.showPopover()
    if (list.current && of.current) place(list.current, of.current)
  }, [of])
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
