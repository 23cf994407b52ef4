/** Sizes and times as people read them. */

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB']

export function humanSize(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (unit < UNITS.length - 1 && value >= (unit === 0 ? 1024 : 1023.5)) {
    value /= 1024
    unit += 1
  }
  return `${unit > 0 && value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} ${UNITS[unit]}`
}

/** `8 s`, `3 min`, `2 h 5 min`. */
export function humanTime(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
