/** A field that finds while one types. */
import { useEffect, useRef, useState } from 'preact/hooks'

const WAIT_MS = 200

/** The text as it was a moment ago, and the field. */
export function useFind(label: string) {
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  const timer = useRef(0)
  useEffect(() => {
    timer.current = window.setTimeout(() => setAsked(text), WAIT_MS)
    return () => clearTimeout(timer.current)
  }, [text])
  const field = (
    <input
      class="find"
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      maxLength={200}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  )
  return { asked, field }
}
