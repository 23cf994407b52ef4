/** How far lists were scrolled, for those who come back to them; until the tab is closed. */
const KEY = 'kist.scrolled'
/** Lists that are remembered. */
const MOST = 200

function kept(): Map<string, number> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Array<[string, number]>)
  } catch {
    // Not what this version writes.
    return new Map()
  }
}

const tops = kept()
addEventListener('pagehide', () => sessionStorage.setItem(KEY, JSON.stringify([...tops].slice(-MOST))))

export const scrolledTo = (list: string): number => tops.get(list) ?? 0

export function noteScrolled(list: string, top: number): void {
  tops.delete(list)
  if (top > 0) tops.set(list, top)
}
