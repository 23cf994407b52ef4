/** How fast something goes: over the last seconds, so that it neither jumps nor lags. */

const WINDOW = 5000

/** Given what has been sent and when (milliseconds), the bytes per second; 0 while nobody can say. */
export function createMeter(): (sent: number, now: number) => number {
  const seen: Array<{ sent: number; now: number }> = []
  return (sent, now) => {
    seen.push({ sent, now })
    while (seen.length > 2 && (seen[1]?.now ?? now) < now - WINDOW) seen.shift()
    const [first] = seen
    const elapsed = first ? now - first.now : 0
    return elapsed < 500 || !first ? 0 : Math.max(0, ((sent - first.sent) * 1000) / elapsed)
  }
}
