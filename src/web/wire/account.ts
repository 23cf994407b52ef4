/** Who is signed in, and what the account may do. Sizes are bytes; 0 of a limit: none. */
export interface Me {
  account: { id: number; name: string; isAdmin: boolean; defaultVisibility: 0 | 1 | 2 }
  csrf: string
  package: {
    name: string
    canUpload: boolean
    maxUploadSize: number
    maxStorage: number
    concurrentUploads: number
    maxImports: number
  }
  usage: { stored: number; reserved: number }
  site: { name: string; origin: string }
}

/** What a page is given before it asks for anything. */
export interface Boot {
  siteName: string
  registration: boolean
  /** A line that every page shows; none when empty. */
  notice: string
  me: Me | null
}
