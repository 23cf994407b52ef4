/** Items in the order of their latest news: to put, remove and look at the newest costs the same however many there are. */

export interface LatestFirst<Item> {
  readonly size: number
  /** To the front, wherever it was. */
  put(item: Item): void
  delete(item: Item): void
  /** The first, from the front on, that fits. */
  find(fits: (item: Item) => boolean): Item | null
}

interface Link<Item> {
  item: Item
  newer: Link<Item> | null
  older: Link<Item> | null
}

export function latestFirst<Item>(): LatestFirst<Item> {
  const links = new Map<Item, Link<Item>>()
  let newest: Link<Item> | null = null

  const remove = (item: Item): void => {
    const link = links.get(item)
    if (!link) return
    links.delete(item)
    if (link.newer) link.newer.older = link.older
    else newest = link.older
    if (link.older) link.older.newer = link.newer
  }
  return {
    get size() {
      return links.size
    },
    put(item) {
      remove(item)
      const link: Link<Item> = { item, newer: null, older: newest }
      if (newest) newest.newer = link
      newest = link
      links.set(item, link)
    },
    delete: remove,
    find(fits) {
      for (let link = newest; link; link = link.older) if (fits(link.item)) return link.item
      return null
    },
  }
}
