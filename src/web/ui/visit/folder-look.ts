/** List or gallery: the choice of a visitor stays in his browser. */

const KEY = 'kist.folder-view'

/** Storage may be closed to us; then nothing is remembered. */
function recall(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function remember(look: string): void {
  try {
    localStorage.setItem(KEY, look)
  } catch {
    // The link works without it.
  }
}

/** An address that says nothing gets the look chosen last, before anything is seen twice. */
export function rememberLook(folder: HTMLElement | null): void {
  if (!folder) return
  const links = [...folder.querySelectorAll<HTMLAnchorElement>('[data-view]')]
  for (const link of links) link.addEventListener('click', () => remember(link.dataset.view ?? ''))
  if (new URLSearchParams(location.search).has('view')) return
  const wanted = links.find(({ dataset }) => dataset.view === recall())
  if (wanted && !wanted.hasAttribute('aria-current')) location.replace(wanted.href)
}
