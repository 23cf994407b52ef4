/** Attributes by which an element says that what is dropped on it goes into a folder, or into the trash. */
export interface DropSpot {
  'data-drop': string
  'data-name': string
}

/** `id` null for the topmost folder. */
export const dropInto = (id: number | null, name: string): DropSpot => ({
  'data-drop': id === null ? 'top' : String(id),
  'data-name': name,
})

export const DROP_INTO_TRASH: DropSpot = { 'data-drop': 'trash', 'data-name': 'Trash' }
