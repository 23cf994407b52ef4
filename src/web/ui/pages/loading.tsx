/** Lists of a page: loaded, failed, empty, shown. */
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { messageOf } from '../app/session.ts'
import { onChange } from '../files/changes.ts'
import { type OnePage, type Paged, usePages } from '../parts/pages.tsx'

export interface Loading<T> {
  items: T[] | null
  problem: string | null
  again(): void
}

export function useLoading<T>(load: () => Promise<T[]>): Loading<T> {
  const [items, setItems] = useState<T[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const again = useCallback((): void => {
    load().then(
      (loaded) => {
        setItems(loaded)
        setProblem(null)
      },
      (error) => setProblem(messageOf(error)),
    )
  }, [])
  useEffect(again, [])
  useEffect(() => onChange(again), [])
  return { items, problem, again }
}

/** Likewise in pages, the newest first; begun anew when something has changed. */
export function useChangingPages<T>(load: (before: number | null) => Promise<OnePage<T>>): Paged<T> {
  const paged = usePages(load)
  useEffect(() => onChange(paged.again), [])
  return paged
}

export interface ListPageProps {
  title: string
  about: string
  loading: Pick<Loading<unknown>, 'items' | 'problem' | 'again'>
  /** Said when there is nothing. */
  empty: string
  tools?: ComponentChildren
  children: ComponentChildren
}

export const ListPage = ({ title, about, loading, empty, tools, children }: ListPageProps) => (
  <div class="list-page">
    <div class="head">
      <h1>{title}</h1>
      <p class="soft">{about}</p>
      {tools && <div class="tools">{tools}</div>}
    </div>
    {loading.problem !== null && (
      <div class="notice" role="alert">
        <p>{loading.problem}</p>
        <button type="button" onClick={loading.again}>
          Try again
        </button>
      </div>
    )}
    {loading.items === null && loading.problem === null && <p class="loading">Loading…</p>}
    {loading.items?.length === 0 && <p class="notice">{empty}</p>}
    {children}
  </div>
)
