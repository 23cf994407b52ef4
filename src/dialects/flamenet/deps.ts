/** What flamenet's routes are given. */
import type { Core } from '../../core/core.ts'
import type { Fault } from '../../core/fault.ts'
import type { Limiter } from '../../core/limiter.ts'
import type { BrowserSessions } from '../../http/browser.ts'
import type { PeerSource } from '../../http/client-address.ts'
import type { Reply } from '../../http/dialect.ts'
import type { SendFile } from '../../http/download.ts'
import type { TimeoutSetter } from '../../http/upload-body.ts'

export interface FlamenetDeps {
  core: Core
  browsers: BrowserSessions
  limiter: Limiter
  /** Per minute and key. */
  callsPerMinute: number
  /** Largest file in bytes. */
  maxFileSize: number
  sendFile: SendFile
  /** How the site words a fault as a page. */
  renderPage(fault: Fault, request: Request): Reply
  /** What `/files` is without a share token. */
  filesPage(visit: { request: Request; server: (PeerSource & TimeoutSetter) | null }): Promise<Response>
}
