/** Values kept by name. */

export interface SettingStore {
  find(name: string): Promise<string | null>
  /** Stores the value unless the name has one; returns the one stored. */
  findOrCreate(name: string, value: string): Promise<string>
  put(name: string, value: string): Promise<void>
  /** Fine when the name has none. */
  remove(name: string): Promise<void>
}
