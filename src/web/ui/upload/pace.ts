/** How fast bytes go, over the last seconds. */
export interface Pace {
  moved(bytes: number): void
  /** Bytes per second. */
  speed(): number
}

const WINDOW_MS = 8000

export function createPace(now: () => number = () => performance.now()): Pace {
  let steps: Array<{ at: number; bytes: number }> = []
  const recent = (): void => {
    const since = now() - WINDOW_MS
    steps = steps.filter(({ at }) => at >= since)
  }
  return {
    moved(bytes) {
      if (bytes > 0) steps.push({ at: now(), bytes })
      if (steps.length > 2000) recent()
    },
    speed() {
      recent()
      const first = steps[0]
      if (!first) return 0
      const seconds = Math.max(1, (now() - first.at) / 1000)
      return steps.reduce((sum, { bytes }) => sum + bytes, 0) / seconds
    },
  }
}
