/** Lists that go back in time, a page more at a wish. */
import { useEffect, useState } from 'preact/hooks'
import { messageOf } from '../app/session.ts'

export interface Paged<T> {
  items: T[] | null
  problem: string | null
  /** Null when all is here. */
  more: (() => void) | null
  again(): void
  /** What is known to have changed, without asking for everything anew. */
  edit(change: (items: T[]) => T[]): void
}

export interface OnePage<T, Before extends string | number = number> {
  items: T[]
  /** Where the next one begins; null at the end. */
  before: Before | null
}

/** Of one page of the list at `path`, which may have a query. */
export function pageAddress(path: string, before: string | number | null): string {
  if (before === null) return path
  return `${path}${path.includes('?') ? '&' : '?'}before=${before}`
}

/** Begins anew when `of` is another. */
export function usePages<T, Before extends string | number = number>(
  load: (before: Before | null) => Promise<OnePage<T, Before>>,
  of = '',
): Paged<T> {
  const [items, setItems] = useState<T[] | null>(null)
  const [before, setBefore] = useState<Before | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [turn, setTurn] = useState(0)
  const take = async (from: Before | null, isStale: () => boolean): Promise<void> => {
    try {
      const page = await load(from)
      if (isStale()) return
      setItems((known) => (from === null ? page.items : [...(known ?? []), ...page.items]))
      setBefore(page.before)
      setProblem(null)
    } catch (error) {
      if (!isStale()) setProblem(messageOf(error))
    }
  }
  useEffect(() => {
    let gone = false
    void take(null, () => gone)
    return () => {
      gone = true
    }
  }, [of, turn])
  const more = before === null ? null : () => void take(before, () => false)
  return {
    ...{ items, problem, more },
    again: () => setTurn((last) => last + 1),
    edit: (change) => setItems((known) => known && change(known)),
  }
}

export const ShowMore = ({ more }: { more: (() => void) | null }) =>
  more === null ? null : (
    <button type="button" class="second" onClick={more}>
      Show more
    </button>
  )

type PageEndProps = Pick<Paged<unknown>, 'items' | 'problem' | 'more' | 'again'> & { empty: string }

/** Stands below a list, or where it will be. */
export const PageEnd = ({ items, problem, more, again, empty }: PageEndProps) => {
  if (problem !== null)
    return (
      <div class="problem" role="alert">
        <p>{problem}</p>
        <button type="button" class="second small" onClick={again}>
          Try again
        </button>
      </div>
    )
  if (items === null) return <p class="soft">Loading…</p>
  if (items.length === 0) return <p class="soft">{empty}</p>
  return <ShowMore more={more} />
}
