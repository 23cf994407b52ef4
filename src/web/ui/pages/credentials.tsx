/** The form with name and password. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

export interface CredentialsProps {
  action: string
  problem: string | null
  fresh?: boolean
  submit(form: FormData): Promise<void>
  children?: ComponentChildren
  /** Below the password. */
  after?: ComponentChildren
}

export function Credentials({ action, problem, fresh = false, submit, children, after }: CredentialsProps) {
  const [busy, setBusy] = useState(false)
  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    await submit(new FormData(event.currentTarget as HTMLFormElement))
    setBusy(false)
  }
  return (
    <form onSubmit={onSubmit}>
      {problem !== null && <p role="alert">{problem}</p>}
      <label for="username">User name</label>
      <input id="username" name="username" autocomplete="username" required autofocus maxLength={64} />
      {children}
      <label for="password">{fresh ? 'Password, 8 characters or more' : 'Password'}</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete={fresh ? 'new-password' : 'current-password'}
        required
        minLength={fresh ? 8 : undefined}
      />
      {after}
      <button type="submit" disabled={busy}>
        {action}
      </button>
    </form>
  )
}
