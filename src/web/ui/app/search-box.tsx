/** Search among one's own files, while typing. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { navigate, usePlace } from './router.tsx'

const WAIT_MS = 120

export function SearchBox() {
  const { path, query } = usePlace()
  const asked = path === '/files/search' ? (query.get('q') ?? '') : ''
  const [text, setText] = useState(asked)
  const timer = useRef(0)
  useEffect(() => {
    setText(asked)
  }, [asked])
  const change = (value: string): void => {
    setText(value)
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => {
      const isSearching = location.pathname === '/files/search'
      if (value.trim() !== '') navigate(`/files/search?q=${encodeURIComponent(value)}`, isSearching)
      else if (isSearching) navigate('/files', true)
    }, WAIT_MS)
  }
  return (
    <form class="finder" role="search" onSubmit={(event) => event.preventDefault()}>
      <Icon name="search" />
      <input
        id="finder"
        type="search"
        aria-label="Search your files"
        placeholder="Search your files"
        value={text}
        maxLength={200}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </form>
  )
}
