/**
 * What the browser remembers of uploads that are not finished: which file it was, and leave to read it again
 * where there is such a thing. Without this storage uploads go on all the same, with more questions.
 */
export interface RememberedFile {
  lastModified: number
  handle: FileSystemFileHandle | null
  /** Id of the file whose place it takes. */
  replaces: number | null
}

const STORE = 'uploads'

function open(): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    if (!('indexedDB' in window)) return resolve(null)
    const request = indexedDB.open('kist', 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    // Private windows may have none.
    request.onerror = () => resolve(null)
  })
}

async function change(work: (store: IDBObjectStore) => void): Promise<void> {
  const database = await open()
  if (!database) return
  await new Promise<void>((resolve) => {
    const transaction = database.transaction(STORE, 'readwrite')
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => resolve()
    work(transaction.objectStore(STORE))
  })
  database.close()
}

export const remember = (session: string, file: RememberedFile): Promise<void> =>
  change((store) => store.put(file, session))

export const forget = (session: string): Promise<void> => change((store) => store.delete(session))

export async function recall(): Promise<Map<string, RememberedFile>> {
  const database = await open()
  const found = new Map<string, RememberedFile>()
  if (!database) return found
  await new Promise<void>((resolve) => {
    const cursor = database.transaction(STORE).objectStore(STORE).openCursor()
    cursor.onerror = () => resolve()
    cursor.onsuccess = () => {
      const at = cursor.result
      if (!at) return resolve()
      found.set(String(at.key), at.value as RememberedFile)
      at.continue()
    }
  })
  database.close()
  return found
}
