/** The frame of the application: where you are, where you can go, and who you are. */
import { type ComponentType, Fragment } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { followOthers } from '../files/changes.ts'
import { DROP_INTO_TRASH, dropInto } from '../parts/drop-spot.ts'
import { Icon } from '../parts/icons.tsx'
import { Toasts } from '../parts/toasts.tsx'
import { UploadDock } from '../upload/dock.tsx'
import { AccountMenu } from './account-menu.tsx'
import { Link, usePlace } from './router.tsx'
import { type Matched, match } from './routes.ts'
import { SearchBox } from './search-box.tsx'
import { boot, currentMe } from './session.ts'

const NAV = [
  { to: '/files', text: 'Files', icon: 'folder', drop: dropInto(null, 'Files') },
  { to: '/shares', text: 'Shared links', icon: 'link' },
  { to: '/downloads', text: 'Downloads', icon: 'down' },
  { to: '/requests', text: 'File requests', icon: 'inbox' },
  { to: '/imports', text: 'Imports', icon: 'globe' },
  { to: '/trash', text: 'Trash', icon: 'trash', drop: DROP_INTO_TRASH },
] as const

const isIn = (path: string, to: string): boolean => path === to || path.startsWith(`${to}/`)

function Navigation({ path }: { path: string }) {
  return (
    <nav class="places" aria-label="Places">
      {NAV.map(({ to, text, icon, ...place }) => (
        <Link key={to} to={to} current={isIn(path, to)} drop={'drop' in place ? place.drop : undefined}>
          <Icon name={icon} />
          <span>{text}</span>
        </Link>
      ))}
    </nav>
  )
}

type Loaded = { page: ComponentType<{ params: string[] }> } | 'failed' | null

/** The page of a route, once its code is here. */
function Page({ matched }: { matched: Matched }) {
  const [loaded, setLoaded] = useState<{ of: Matched['route']; as: Loaded }>({ of: matched.route, as: null })
  const [tries, setTries] = useState(0)
  useEffect(() => {
    let gone = false
    matched.route.load().then(
      (module) => gone || setLoaded({ of: matched.route, as: { page: module.default } }),
      () => gone || setLoaded({ of: matched.route, as: 'failed' }),
    )
    return () => {
      gone = true
    }
  }, [matched.route, tries])
  const state = loaded.of === matched.route ? loaded.as : null
  if (state === null) return <p class="loading">Loading…</p>
  if (state === 'failed')
    return (
      <div class="notice" role="alert">
        <p>This page could not be loaded.</p>
        <button type="button" onClick={() => setTries(tries + 1)}>
          Try again
        </button>
      </div>
    )
  const View = state.page
  return <View params={matched.params} />
}

const NotFound = () => (
  <div class="notice">
    <h1>Not found</h1>
    <p>There is nothing at this address.</p>
    <Link to="/files">Your files</Link>
  </div>
)

/** A line of the administrators. */
const SiteNotice = () =>
  boot.notice === '' ? null : (
    <p class="site-notice" role="status">
      {boot.notice}
    </p>
  )

/** What is dropped where nobody takes it would take the place of this page, and end its uploads. */
function useNoStrayDrops(): void {
  useEffect(() => {
    const refuse = (event: DragEvent): void => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'none'
    }
    addEventListener('dragover', refuse)
    addEventListener('drop', refuse)
    return () => {
      removeEventListener('dragover', refuse)
      removeEventListener('drop', refuse)
    }
  }, [])
}

export function Shell() {
  useNoStrayDrops()
  useEffect(() => (currentMe() === null ? undefined : followOthers()), [])
  const { path } = usePlace()
  const matched = match(path)
  const title = matched?.route.title ?? 'Not found'
  useEffect(() => {
    document.title = `${title} · ${boot.siteName}`
  }, [title])
  const content = matched ? <Page matched={matched} /> : <NotFound />
  if (matched?.route.bare || currentMe() === null)
    return (
      <Fragment>
        <header class="bare">
          <a href="/">
            <Icon name="chest" /> {boot.siteName}
          </a>
        </header>
        <SiteNotice />
        <main class="bare">{content}</main>
        <Toasts />
      </Fragment>
    )
  return (
    <Fragment>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href="/" aria-label={boot.siteName}>
          <Icon name="chest" /> <span>{boot.siteName}</span>
        </a>
        <SearchBox />
        <AccountMenu />
      </header>
      <SiteNotice />
      <div class="frame">
        <Navigation path={path} />
        <main id="content" tabIndex={-1}>
          {content}
        </main>
      </div>
      <UploadDock />
      <Toasts />
    </Fragment>
  )
}
