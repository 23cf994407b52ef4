/** A part of the application with pages of its own: a heading, the ways between them, panels. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Link, usePlace } from '../app/router.tsx'
import { messageOf } from '../app/session.ts'

let ids = 0
/** Of one element in the whole document; Preact's own begin anew in every dialog. */
export const useElementId = (): string => useState(() => `field-${++ids}`)[0]

export interface Section {
  to: string
  text: string
}

export interface AreaProps {
  title: string
  sections: Section[]
  children: ComponentChildren
}

export function Area({ title, sections, children }: AreaProps) {
  const { path } = usePlace()
  const tabs = useRef<HTMLElement>(null)
  useEffect(() => {
    const current = tabs.current?.querySelector('[aria-current]')
    current?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [path])
  return (
    <div class="list-page area">
      <div class="head">
        <h1>{title}</h1>
      </div>
      <nav class="tabs" aria-label={title} ref={tabs}>
        {sections.map(({ to, text }) => (
          <Link key={to} to={to} current={path === to}>
            {text}
          </Link>
        ))}
      </nav>
      <div class="panels">{children}</div>
    </div>
  )
}

export interface PanelProps {
  title: string
  about?: string
  tools?: ComponentChildren
  children?: ComponentChildren
}

export function Panel({ title, about, tools, children }: PanelProps) {
  const id = useElementId()
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {tools && <div class="tools">{tools}</div>}
      </div>
      {about !== undefined && <p class="soft">{about}</p>}
      {children}
    </section>
  )
}

export interface Answered<T> {
  value: T | null
  problem: string | null
  again(): void
}

/** What a call answers, anew whenever `of` changes; an answer that comes too late is dropped. */
export function useAnswer<T>(load: () => Promise<T>, of: string = ''): Answered<T> {
  const [value, setValue] = useState<T | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const turn = useRef(0)
  const again = (): void => {
    const mine = ++turn.current
    load().then(
      (loaded) => {
        if (mine !== turn.current) return
        setValue(loaded)
        setProblem(null)
      },
      (error) => mine === turn.current && setProblem(messageOf(error)),
    )
  }
  useEffect(() => {
    again()
    return () => void turn.current++
  }, [of])
  return { value, problem, again }
}

/** Stands where the answer will be, or says why there is none. */
export const Waiting = ({ value, problem, again }: Answered<unknown>) =>
  problem !== null ? (
    <div class="problem" role="alert">
      <p>{problem}</p>
      <button type="button" class="second small" onClick={again}>
        Try again
      </button>
    </div>
  ) : value === null ? (
    <p class="soft">Loading…</p>
  ) : null

export interface ActionFormProps {
  action: string
  bad?: boolean
  /** A failure is shown above the fields. */
  submit(form: FormData): Promise<void>
  children: ComponentChildren
}

/** Fields in the page, and what is done with them. */
export function ActionForm({ action, bad = false, submit, children }: ActionFormProps) {
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    setBusy(true)
    setProblem(null)
    try {
      await submit(new FormData(form))
    } catch (error) {
      setProblem(messageOf(error))
    }
    setBusy(false)
  }
  return (
    <form class="action" onSubmit={onSubmit}>
      {problem !== null && <p role="alert">{problem}</p>}
      {children}
      <button type="submit" class={bad ? 'danger' : undefined} disabled={busy}>
        {action}
      </button>
    </form>
  )
}

export interface FieldProps {
  label: string
  name: string
  type?: string
  value?: string | null
  required?: boolean
  autocomplete?: string
  first?: boolean
  min?: number
  max?: number
  about?: string
  pattern?: string
}

/** `min` and `max` are lengths. */
export function Field({ label, name, type = 'text', value, first = false, about, ...more }: FieldProps) {
  const id = useElementId()
  const { required = false, autocomplete = 'off', min, max, pattern } = more
  return (
    <div>
      <label for={id}>{label}</label>
      <input
        {...{ id, name, type, required, autocomplete }}
        defaultValue={value ?? ''}
        minLength={min}
        pattern={pattern}
        maxLength={max}
        data-first={first || undefined}
        aria-describedby={about === undefined ? undefined : `${id}-about`}
      />
      {about !== undefined && (
        <span class="facts" id={`${id}-about`}>
          {about}
        </span>
      )}
    </div>
  )
}

export const PasswordField = ({
  label = 'Your password',
  first = false,
}: {
  label?: string
  first?: boolean
}) => (
  <Field
    label={label}
    name="password"
    type="password"
    autocomplete="current-password"
    required
    first={first}
  />
)

export const CodeField = ({ first = false }: { first?: boolean }) => (
  <Field
    label="Code of your authenticator, or a recovery code"
    name="code"
    autocomplete="one-time-code"
    required
    first={first}
  />
)

export interface ChoiceProps {
  label: string
  name: string
  value: string
  options: Array<[value: string, text: string]>
}

export function Choice({ label, name, value, options }: ChoiceProps) {
  const id = useElementId()
  return (
    <div>
      <label for={id}>{label}</label>
      <select id={id} name={name} defaultValue={value}>
        {options.map(([option, text]) => (
          <option key={option} value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

export const textOf = (form: FormData, name: string): string => String(form.get(name) ?? '')
