/** Copying of links, and handing them to the sharing of the device. */
import { copyField } from '../clipboard.ts'

const say = (text: string): void => {
  const status = document.querySelector<HTMLElement>('[data-copied]')
  if (status) status.textContent = text
}

async function copyFor(button: HTMLButtonElement, field: HTMLInputElement): Promise<void> {
  const words = 'Copy'
  const isCopied = await copyField(field)
  button.textContent = isCopied ? 'Copied' : 'Press Ctrl+C'
  say(isCopied ? 'Copied' : 'Selected: press Ctrl+C to copy')
  button.focus()
  setTimeout(() => {
    button.textContent = words
    say('')
  }, 2500)
}

export function offerCopies(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
    const field = document.getElementById(button.dataset.copy ?? '')
    if (!(field instanceof HTMLInputElement)) continue
    field.addEventListener('focus', () => field.select())
    button.addEventListener('click', () => void copyFor(button, field))
  }
  offerSharing(document.querySelector<HTMLButtonElement>('[data-share]'))
}

/** Telephones know where to send a link. */
function offerSharing(button: HTMLButtonElement | null): void {
  const link = document.querySelector<HTMLInputElement>('#share-link')
  if (!button || !link || typeof navigator.share !== 'function' || !matchMedia('(pointer: coarse)').matches)
    return
  button.hidden = false
  button.addEventListener('click', () => {
    // Rejects when the visitor changes his mind, which is no error.
    navigator.share({ title: document.title, url: link.value }).catch(() => say(''))
  })
}
