/** Which upload sessions a page of this browser works on: two pages on one would hinder each other. */
const nameOf = (session: string): string => `kist upload ${session}`

/**
 * Until it is released, or the page is gone. Null: another page works on it. Where the browser has no locks, as on
 * plain HTTP, everybody gets it.
 */
export function claim(session: string): Promise<(() => void) | null> {
  if (!navigator.locks) return Promise.resolve(() => {})
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(nameOf(session), { ifAvailable: true }, (lock) =>
        lock ? new Promise<void>((release) => resolve(release)) : resolve(null),
      )
      .catch(reject)
  })
}

/** Whether a page works on a session. */
export async function claims(): Promise<(session: string) => boolean> {
  const held = new Set((await navigator.locks?.query())?.held?.map(({ name }) => name))
  return (session) => held.has(nameOf(session))
}

/** Resolves when no page works on a session any more: it has been closed, or is done with it. */
export async function whenFree(session: string): Promise<void> {
  await navigator.locks?.request(nameOf(session), { mode: 'shared' }, () => undefined)
}
