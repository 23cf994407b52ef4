/** Browsers as people call them. */
const BROWSERS: Array<[RegExp, string]> = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: Array<[RegExp, string]> = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

/** In a few words; what is not known as it says itself. */
export function deviceName(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'Unknown browser'
  const of = (names: Array<[RegExp, string]>) => names.find(([pattern]) => pattern.test(userAgent))?.[1]
  const known = [of(BROWSERS), of(SYSTEMS)].filter((name) => name !== undefined)
  return known.length > 0 ? known.join(' on ') : userAgent.slice(0, 60)
}
