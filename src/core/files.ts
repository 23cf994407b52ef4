/** What users call files. */
import { Fault } from './fault.ts'
import type { MetadataStore } from './metadata.ts'
import type { FileRecord, Principal } from './model.ts'

export interface FileService {
  /** By numeric id or slug; only the owner's. Faults: unauthenticated (no account), file_not_found. */
  getOwn(principal: Principal, idOrSlug: string): Promise<FileRecord>
}

export function createFiles({ metadata }: { metadata: MetadataStore }): FileService {
  return {
    async getOwn(principal, idOrSlug) {
      if (!principal.account) throw new Fault('unauthenticated')
      const file = await findFile(metadata, idOrSlug)
      if (file?.accountId !== principal.account.id) throw new Fault('file_not_found')
      return file
    },
  }
}

/** Ten characters are a slug, even ten digits; ids are shorter or longer than that. */
async function findFile(metadata: MetadataStore, idOrSlug: string): Promise<FileRecord | null> {
  if (/^[0-9A-Za-z]{10}$/.test(idOrSlug)) {
    const bySlug = await metadata.files.findBySlug(idOrSlug)
    if (bySlug) return bySlug
  }
  return /^[1-9]\d{0,15}$/.test(idOrSlug) ? metadata.files.find(Number(idOrSlug)) : null
}
