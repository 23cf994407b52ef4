/** The wait before a download, where the package of the visitor has one. */

/** Seconds that an element says it has to wait, 0 without. */
export const waitOf = (element: HTMLElement): number => Number(element.dataset.wait ?? 0) || 0

/** Calls back when so many seconds have gone by, counted from when the page came. */
export function after(seconds: number, done: () => void): void {
  setTimeout(done, Math.max(0, seconds * 1000 - performance.now()))
}

const left = (seconds: number): number => Math.max(0, Math.ceil(seconds - performance.now() / 1000))

/** The button says how long it will be, and can be used when it is over. */
export function countDown(): void {
  const button = document.querySelector<HTMLAnchorElement>('a.button[data-wait]')
  if (!button) return
  const seconds = waitOf(button)
  const words = button.textContent ?? ''
  const refuse = (event: Event): void => event.preventDefault()
  button.setAttribute('aria-disabled', 'true')
  button.addEventListener('click', refuse)
  const tick = (): void => {
    const rest = left(seconds)
    button.textContent = rest > 0 ? `${words} in ${rest} s` : words
    if (rest > 0) return void setTimeout(tick, 250)
    button.removeAttribute('aria-disabled')
    button.removeEventListener('click', refuse)
    const note = document.querySelector<HTMLElement>('[data-left]')
    if (note) note.textContent = 'Ready'
  }
  tick()
}
