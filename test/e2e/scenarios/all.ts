/** Everything a user does in a browser that has to do with files, wherever these are kept. */
import type { BrowserSite } from '../../support/browser-site.ts'
import { copying } from './copying.ts'
import { dropping } from './dropping.ts'
import { filePages } from './file-pages.ts'
import { fileRequest } from './file-request.ts'
import { folderTree } from './folder-tree.ts'
import { frontPage } from './front-page.ts'
import { keyboard } from './keyboard.ts'
import { lockedFolder } from './locked-folder.ts'
import { moving } from './moving.ts'
import { pausing } from './pausing.ts'
import { phone } from './phone.ts'
import { policy } from './policy.ts'
import { remoteImport } from './remote-import.ts'
import { secondFactor } from './second-factor.ts'
import { setUp } from './set-up.ts'
import { tokens } from './tokens.ts'
import { trash } from './trash.ts'
import { uploadAndShare } from './upload-and-share.ts'

/** Adds the tests of one scenario to the suite of the site. */
export type Scenario = (site: BrowserSite) => void

/** The set-up comes first: its link works as long as nobody is an administrator. */
export const SCENARIOS: readonly Scenario[] = [
  setUp,
  secondFactor,
  tokens,
  uploadAndShare,
  pausing,
  dropping,
  folderTree,
  moving,
  copying,
  trash,
  remoteImport,
  fileRequest,
  filePages,
  frontPage,
  lockedFolder,
  policy,
  keyboard,
  phone,
]
