/** What nating's routes are given. */
import type { Core } from '../../core/core.ts'
import type { BrowserSessions } from '../../http/browser.ts'
import type { admission } from './admission.ts'

export interface NatingDeps {
  core: Core
  /** What clients see as storage_provider. */
  provider: string
  /** Who sends the bytes of downloads that go through us: a setting's name, opaque to clients. */
  delivery: string
  browsers: BrowserSessions
  admission: ReturnType<typeof admission>
}
