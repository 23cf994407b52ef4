/** Signing in. */
import { useState } from 'preact/hooks'
import { boot, messageOf } from '../app/session.ts'
import { Credentials } from './credentials.tsx'

/** Only to places of ours. */
export function destination(): string {
  const to = new URLSearchParams(location.search).get('to') ?? '/files'
  return /^\/(?![/\\])/.test(to) ? to : '/files'
}

export default function SignIn() {
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (form: FormData): Promise<void> => {
    const answer = await fetch('/web/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: form.get('username'), password: form.get('password') }),
    }).catch(() => null)
    if (answer?.ok) return location.assign(destination())
    setProblem(
      answer?.status === 401
        ? 'Name and password do not fit.'
        : answer?.status === 429
          ? 'Too many attempts. Wait a minute.'
          : messageOf(null),
    )
  }
  return (
    <div class="card">
      <h1>Sign in</h1>
      <Credentials action="Sign in" problem={problem} submit={submit} />
      {boot.registration && (
        <p>
          No account yet? <a href="/register">Make one</a>
        </p>
      )}
    </div>
  )
}
