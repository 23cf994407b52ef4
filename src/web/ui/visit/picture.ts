/** A picture on its stage: wheel, pinch, double click and keys make it larger, dragging moves it. */
import { symbol } from '../symbol.ts'
import { insist } from './patience.ts'
import { followPointers } from './pointers.ts'
import { FITTED, moved, type View, zoomed } from './zoom.ts'

const STEP = 1.5
const PAN = 80

export function viewPicture(stage: HTMLElement | null): void {
  const image = stage?.querySelector('img')
  if (!stage) return
  followNeighbours(stage)
  if (!image) return
  insist(image, () => {
    const note = document.createElement('p')
    note.className = 'blank'
    note.textContent = 'This picture can not be shown. You can download it.'
    image.replaceWith(note)
    stage.querySelector('.tools')?.remove()
  })
  zoomable(stage, image)
}

function zoomable(stage: HTMLElement, image: HTMLImageElement): void {
  let view: View = FITTED
  const tools = toolbar(stage, image)
  const size = () => ({ width: stage.clientWidth, height: stage.clientHeight })
  const middle = () => ({ x: stage.clientWidth / 2, y: stage.clientHeight / 2 })
  const show = (next: View): void => {
    view = next
    image.style.transform = view.scale === 1 ? '' : `translate(${view.x}px,${view.y}px) scale(${view.scale})`
    stage.classList.toggle('zoomed', view.scale > 1)
    tools.output.textContent = `${Math.round(view.scale * 100)} %`
  }
  const zoom = (factor: number, at = middle()): void => show(zoomed(view, factor, at, size()))
  const place = (event: MouseEvent) => {
    const box = stage.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  stage.addEventListener(
    'wheel',
    (event) => {
      // Where nothing would become smaller the page scrolls on.
      if (view.scale === 1 && event.deltaY >= 0) return
      event.preventDefault()
      zoom(Math.exp(-event.deltaY / 300), place(event))
    },
    { passive: false },
  )
  stage.addEventListener('dblclick', (event) => {
    if (event.target === image) view.scale > 1 ? show(FITTED) : zoom(3, place(event))
  })
  followPointers(stage, image, {
    isZoomed: () => view.scale > 1,
    move: (by) => show(moved(view, by, size())),
    pinch: zoom,
    swipe: (side) => goTo(stage, side),
  })
  tools.larger.addEventListener('click', () => zoom(STEP))
  tools.smaller.addEventListener('click', () => zoom(1 / STEP))
  tools.fit.addEventListener('click', () => show(FITTED))
  addEventListener('resize', () => show(FITTED))
  document.addEventListener('keydown', (event) => {
    if (isElsewhere(event)) return
    const pan = PANS[event.key]
    if (event.key === '+' || event.key === '=') zoom(STEP)
    else if (event.key === '-') zoom(1 / STEP)
    else if (event.key === '0' || (event.key === 'Escape' && view.scale > 1)) show(FITTED)
    else if (pan && view.scale > 1) show(moved(view, pan, size()))
    else return
    event.preventDefault()
  })
}

const PANS: Record<string, { x: number; y: number }> = {
  ArrowLeft: { x: PAN, y: 0 },
  ArrowRight: { x: -PAN, y: 0 },
  ArrowUp: { x: 0, y: PAN },
  ArrowDown: { x: 0, y: -PAN },
}

/** Keys that are meant for something else. */
const isElsewhere = (event: KeyboardEvent): boolean =>
  event.ctrlKey ||
  event.metaKey ||
  event.altKey ||
  (event.target instanceof Element && event.target.closest('input, textarea, select') !== null)

const goTo = (stage: HTMLElement, side: 'prev' | 'next'): void =>
  stage.querySelector<HTMLAnchorElement>(`a.${side}`)?.click()

/** Arrows turn to the next picture as long as they have nothing to move. */
function followNeighbours(stage: HTMLElement): void {
  document.addEventListener('keydown', (event) => {
    if (isElsewhere(event) || event.defaultPrevented || stage.classList.contains('zoomed')) return
    if (event.key === 'ArrowLeft') goTo(stage, 'prev')
    if (event.key === 'ArrowRight') goTo(stage, 'next')
  })
}

function toolbar(stage: HTMLElement, image: HTMLImageElement) {
  const bar = document.createElement('div')
  bar.className = 'tools'
  bar.setAttribute('role', 'group')
  bar.setAttribute('aria-label', 'Picture')
  const button = (label: string, drawn: SVGElement | string): HTMLButtonElement => {
    const made = document.createElement('button')
    made.type = 'button'
    made.setAttribute('aria-label', label)
    made.title = label
    made.append(drawn)
    return made
  }
  const [smaller, larger] = [button('Smaller', symbol('smaller')), button('Larger', symbol('larger'))]
  const fit = button('Fit', symbol('fit'))
  const output = document.createElement('output')
  output.textContent = '100 %'
  bar.append(smaller, output, larger, fit)
  const { whole } = image.dataset
  if (whole !== undefined) bar.append(wholeButton(button('Show the original', 'Original'), image, whole))
  if (document.fullscreenEnabled) bar.append(fullScreen(button('Full screen', symbol('full')), stage))
  stage.append(bar)
  return { smaller, larger, fit, output }
}

/** Fetching the original is a download, so it is asked for. */
function wholeButton(button: HTMLButtonElement, image: HTMLImageElement, whole: string): HTMLButtonElement {
  button.addEventListener('click', () => {
    image.src = whole
    button.remove()
  })
  return button
}

function fullScreen(button: HTMLButtonElement, stage: HTMLElement): HTMLButtonElement {
  button.addEventListener('click', () => {
    // Rejects when the browser does not want to; then the page stays as it is.
    const change = document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()
    change.catch(() => button.remove())
  })
  return button
}
