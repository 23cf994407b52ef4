/** Where a picture is on its stage, and how large. Numbers only. */

export interface View {
  /** 1 fits the stage. */
  scale: number
  /** Pixels by which its corner is moved. */
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export const FITTED: View = { scale: 1, x: 0, y: 0 }
export const LARGEST = 16

const between = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)

/** What is seen stays on the stage: no edge of the box comes inside it. */
export function within({ scale, x, y }: View, stage: Size): View {
  if (scale <= 1) return FITTED
  return {
    scale,
    x: between(x, stage.width * (1 - scale), 0),
    y: between(y, stage.height * (1 - scale), 0),
  }
}

/** Larger or smaller by a factor around a point of the stage, which keeps its place. */
export function zoomed(view: View, factor: number, at: { x: number; y: number }, stage: Size): View {
  const scale = between(view.scale * factor, 1, LARGEST)
  const grown = scale / view.scale
  return within({ scale, x: at.x - (at.x - view.x) * grown, y: at.y - (at.y - view.y) * grown }, stage)
}

export const moved = (view: View, by: { x: number; y: number }, stage: Size): View =>
  within({ ...view, x: view.x + by.x, y: view.y + by.y }, stage)
