/** Where somebody goes who has signed in. */

/**
 * The address of a place of this site, as absolute as `origin` (that of the page); the file manager for whatever leads
 * elsewhere. Judged by what a browser makes of it, which ignores tabs and line ends and takes `\` for `/`.
 */
export function placeOfOurs(to: string | null, origin: string): string {
  const place = to?.startsWith('/') && URL.canParse(to, origin) ? new URL(to, origin) : null
  return place?.origin === origin ? place.href : `${origin}/files`
}
