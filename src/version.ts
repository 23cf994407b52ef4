/** What this program is. The build puts the commit in; a run from source has none. */
import { version } from '../package.json'

declare const KIST_COMMIT: string | undefined

export const VERSION: string = version
export const COMMIT: string = typeof KIST_COMMIT === 'string' ? KIST_COMMIT : 'from source'
