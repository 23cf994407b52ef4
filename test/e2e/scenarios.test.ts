/** What a user does in a browser, in Chromium, on the compiled binary: with files in every kind of store. */
import { describe } from 'bun:test'
import { browserSite } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { STORES } from '../support/site-stores.ts'
import { SCENARIOS } from './scenarios/all.ts'

for (const store of STORES) {
  const isHere = CHROMIUM !== null && store.isHere
  if (!isHere)
    process.stdout.write(`NOT TESTED in a browser, which is missing or the store is: ${store.name}\n`)
  describe.skipIf(!isHere)(`a user in Chromium, with files in ${store.name}`, () => {
    const site = browserSite({ store })
    for (const scenario of SCENARIOS) scenario(site)
  })
}
