/** Fingers and mice on a picture: one moves or swipes, two pinch. */

interface Point {
  x: number
  y: number
}

export interface Gestures {
  isZoomed(): boolean
  move(by: Point): void
  /** `at` is a point of the stage. */
  pinch(factor: number, at: Point): void
  swipe(side: 'prev' | 'next'): void
}

/** Pixels of a swipe: long enough to be meant, and mostly sideways. */
const SWIPE = 60

export function followPointers(stage: HTMLElement, image: HTMLElement, gestures: Gestures): void {
  const down = new Map<number, Point>()
  let start: Point | null = null
  const pointOf = (event: PointerEvent): Point => {
    const box = stage.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  image.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse' && event.button !== 0) return
    down.set(event.pointerId, pointOf(event))
    start = down.size === 1 ? pointOf(event) : null
    image.setPointerCapture(event.pointerId)
  })
  image.addEventListener('pointermove', (event) => {
    const before = down.get(event.pointerId)
    if (!before) return
    const now = pointOf(event)
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1]
    down.set(event.pointerId, now)
    if (other)
      gestures.pinch(distance(now, other) / Math.max(1, distance(before, other)), between(now, other))
    else if (gestures.isZoomed()) gestures.move({ x: now.x - before.x, y: now.y - before.y })
  })
  image.addEventListener('pointerup', (event) => {
    const end = pointOf(event)
    const isAlone = down.size === 1
    down.delete(event.pointerId)
    if (start && isAlone && event.pointerType !== 'mouse' && !gestures.isZoomed()) swipe(start, end, gestures)
    start = null
  })
  image.addEventListener('pointercancel', (event) => {
    down.delete(event.pointerId)
    start = null
  })
}

function swipe(start: Point, end: Point, gestures: Gestures): void {
  const [x, y] = [end.x - start.x, end.y - start.y]
  if (Math.abs(x) >= SWIPE && Math.abs(x) > 2 * Math.abs(y)) gestures.swipe(x > 0 ? 'prev' : 'next')
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y)
const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
