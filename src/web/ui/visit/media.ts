/** Films, sounds and documents: what the browser itself plays and shows. */
import { symbol } from '../symbol.ts'
import { after, waitOf } from './countdown.ts'

/** A way to say that something can not be shown, in the place where it would be. */
function explain(stage: HTMLElement, text: string): void {
  const note = document.createElement('p')
  note.className = 'blank'
  note.setAttribute('role', 'status')
  note.textContent = text
  stage.replaceChildren(note)
}

/** What has to wait gets its address when the wait is over; what can not be played says so. */
export function watchMedia(): void {
  for (const media of document.querySelectorAll<HTMLMediaElement>('.stage video, .stage audio')) {
    const stage = media.parentElement as HTMLElement
    const wait = waitOf(media)
    const source = media.getAttribute('src') ?? ''
    if (wait > 0) {
      media.removeAttribute('src')
      media.load()
      after(wait, () => {
        media.src = source
      })
    }
    media.addEventListener('error', () => {
      if (media.error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED && media.hasAttribute('src'))
        explain(stage, 'Your browser can not play this file. You can download it.')
    })
  }
}

/** Before anything of a film is there, browsers show a wheel that never stops: one large button says more. */
export function offerPlay(): void {
  for (const video of document.querySelectorAll<HTMLVideoElement>('.stage video')) {
    const button = document.createElement('button')
    const disc = document.createElement('span')
    button.type = 'button'
    button.className = 'play'
    button.setAttribute('aria-label', `Play ${video.getAttribute('aria-label') ?? ''}`)
    disc.append(symbol('play', 36))
    button.append(disc)
    video.controls = false
    video.after(button)
    button.addEventListener('click', () => {
      button.remove()
      video.controls = true
      video.focus()
      // Rejects when it can not be played, of which the error event tells.
      video.play().catch(() => {})
    })
  }
}

/**
 * Documents appear where the browser has a viewer of its own; elsewhere the link stays. Only when they are asked
 * for: that is a download, and a document may have a script that its viewer lets open dialogs.
 */
export function offerPdf(stage: HTMLElement | null): void {
  const button = stage?.querySelector('button')
  if (!stage || !button) return
  if (!navigator.pdfViewerEnabled) {
    button.style.visibility = 'hidden'
    return
  }
  const { source = '', name = '' } = stage.dataset
  after(waitOf(stage), () => {
    button.disabled = false
  })
  button.addEventListener('click', () => {
    const frame = document.createElement('iframe')
    frame.src = source
    frame.title = name
    stage.classList.add('shown')
    stage.replaceChildren(frame)
    frame.focus()
  })
}
