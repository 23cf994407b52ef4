/** A button with a list of things to do: by mouse, by touch, by arrow keys. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
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
    choices()[0]?.focus()
    const away = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', away)
    return () => document.removeEventListener('pointerdown', away)
  }, [open])
  const close = (): void => {
    setOpen(false)
    button.current?.focus()
  }
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
      {open && <MenuList label={label} head={head} items={items} close={close} />}
    </div>
  )
}

interface ListProps {
  label: string
  head?: string | undefined
  items: MenuItem[]
  close(): void
}

const MenuList = ({ label, head, items, close }: ListProps) => (
  <div class="choices">
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
