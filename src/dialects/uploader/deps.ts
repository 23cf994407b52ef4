/** What the uploader's routes are given. */

import type { Core } from '../../core/core.ts'
import type { Fault } from '../../core/fault.ts'
import type { Limiter } from '../../core/limiter.ts'
import { networkOf } from '../../core/network.ts'
import type { BrowserSessions } from '../../http/browser.ts'
import type { PeerSource } from '../../http/client-address.ts'
import type { Reply } from '../../http/dialect.ts'
import type { SendFile } from '../../http/download.ts'

export interface UploaderDeps {
  core: Core
  browsers: BrowserSessions
  limiter: Limiter
  /** Per minute and address. */
  uploadsPerMinute: number
  signInPerMinute: number
  /** Largest file in bytes. */
  maxFileSize: number
  sendFile: SendFile
  /** How the site words a fault as a page. */
  renderPage(fault: Fault, request: Request): Reply
}

/** Counts one request of a network. Fault: rate_limited, in the uploader's words. */
export function limit(
  { browsers, limiter }: UploaderDeps,
  bucket: string,
  perMinute: number,
  { request, server }: { request: Request; server: PeerSource },
): void {
  const message = `Rate limit exceeded: ${perMinute} per 1 minute`
  const network = networkOf(browsers.address(request, server))
  limiter.take([{ key: `uploader/${bucket}/${network}`, limit: perMinute, message }])
}
