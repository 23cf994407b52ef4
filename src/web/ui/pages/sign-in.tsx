/** Signing in. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { placeOfOurs } from '../app/destination.ts'
import { boot, messageOf } from '../app/session.ts'
import { Credentials } from './credentials.tsx'

interface Refusal {
  /** Name and password are right, and not enough. */
  needsCode: boolean
  message: string | null
}

/** Null when it went well. */
export async function signIn(said: object): Promise<Refusal | null> {
  const answer = await fetch('/web/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(said),
  }).catch(() => null)
  if (answer?.ok) return null
  const { code } = ((await answer?.json().catch(() => ({}))) ?? {}) as { code?: unknown }
  if (code === 'second_factor_required') return { needsCode: true, message: null }
  if (code === 'second_factor_wrong')
    return { needsCode: true, message: 'That code is not right, or it has been used.' }
  const message =
    answer?.status === 401
      ? // Nobody who does not know the password learns which of them it is.
        'Name and password do not fit, or the account is suspended.'
      : answer?.status === 429
        ? 'Too many attempts. Wait a minute.'
        : messageOf(null)
  return { needsCode: false, message }
}

/** Takes the focus when it appears: it is what is missing. */
export function CodeOfFactor() {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  return (
    <>
      <label for="code">Code of your authenticator, or a recovery code</label>
      <input id="code" name="code" ref={field} autocomplete="one-time-code" required maxLength={20} />
    </>
  )
}

export default function SignIn() {
  const [problem, setProblem] = useState<string | null>(null)
  const [needsCode, setNeedsCode] = useState(false)
  const submit = async (form: FormData): Promise<void> => {
    const refusal = await signIn(Object.fromEntries(form))
    if (refusal === null) {
      const to = new URLSearchParams(location.search).get('to')
      return location.assign(placeOfOurs(to, location.origin))
    }
    setNeedsCode(refusal.needsCode)
    setProblem(refusal.message)
  }
  return (
    <div class="card">
      <h1>Sign in</h1>
      <Credentials action="Sign in" problem={problem} submit={submit} after={needsCode && <CodeOfFactor />} />
      {boot.registration && (
        <p>
          No account yet? <a href="/register">Make one</a>
        </p>
      )}
    </div>
  )
}
