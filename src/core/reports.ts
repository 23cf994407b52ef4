/** Files that visitors ask the administrators to look at. */
import { type Clock, plusSeconds } from './clock.ts'
import type { DownloadService, Visitor } from './downloads.ts'
import { Fault, invalid } from './fault.ts'
import { printable } from './filename.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, FileRecord, Report, ReportReason, ReportResolution } from './model.ts'

const REPORT_REASONS: readonly ReportReason[] = ['illegal', 'copyright', 'malware', 'personal', 'other']

/** UTF-16 units that are kept of a message. */
export const LONGEST_REPORT = 2000
/** Of one address within 24 hours. */
const MOST_A_DAY = 20
const DAY_SECONDS = 86_400

export interface OpenReport {
  report: Report
  /** As it is now; null when it is gone for good. */
  file: FileRecord | null
}

export interface ReportService {
  /**
   * Of a file that the visitor may see. Saying it again while it waits changes nothing. Faults: those of
   * DownloadService.view, invalid (field `reason`), rate_limited (20 a day from one address).
   */
  report(visitor: Visitor, slug: string, said: { reason: string; message: string }): Promise<void>
  /** Those that wait, the oldest first. `afterId` for the next page, null at the end. */
  listOpen(
    afterId: number,
    limit: number,
  ): Promise<{ items: OpenReport[]; afterId: number | null; total: number }>
  /**
   * `trashed` moves the file to the trash of its owner and settles every report of it that waits; `dismissed`
   * settles this one. Faults: report_not_found.
   */
  resolve(by: Account, id: number, resolution: ReportResolution): Promise<Report>
}

interface Deps {
  metadata: Pick<MetadataStore, 'files' | 'reports'>
  downloads: Pick<DownloadService, 'view'>
  clock: Clock
}

export function createReports({ metadata, downloads, clock }: Deps): ReportService {
  const withFile = async (report: Report): Promise<OpenReport> => ({
    report,
    file: await metadata.files.find(report.fileId),
  })
  /** What is in the trash or gone already needs nothing. */
  const trash = async (fileId: number): Promise<void> => {
    const file = await metadata.files.find(fileId)
    if (file?.status === 'active') await metadata.files.trash(file.accountId, fileId, clock.now())
  }
  return {
    async report({ account, ip }, slug, said) {
      const { file } = await downloads.view(slug, account)
      const now = clock.now()
      const report = {
        ...{ fileId: file.id, slug: file.slug, fileName: file.name },
        ...{ reason: readReason(said.reason), message: readMessage(said.message) },
        ...{ accountId: account?.id ?? null, ip, createdAt: now },
      }
      await metadata.reports.add(report, { since: plusSeconds(now, -DAY_SECONDS), most: MOST_A_DAY })
    },
    async listOpen(afterId, limit) {
      const reports = await metadata.reports.open(afterId, limit)
      const items = await Promise.all(reports.map(withFile))
      const next = reports.length === limit ? (reports.at(-1)?.id ?? null) : null
      return { items, afterId: next, total: await metadata.reports.countOpen() }
    },
    async resolve(by, id, resolution) {
      const report = await metadata.reports.find(id)
      if (report?.resolvedAt !== null) throw new Fault('report_not_found')
      const resolved = { resolvedAt: clock.now(), resolvedBy: by.id, resolution }
      if (resolution === 'dismissed') {
        await metadata.reports.resolve(id, resolved)
        return report
      }
      await trash(report.fileId)
      if ((await metadata.reports.resolveFile(report.fileId, resolved)) === 0)
        throw new Fault('report_not_found')
      return report
    },
  }
}

function readReason(value: string): ReportReason {
  const reason = REPORT_REASONS.find((known) => known === value)
  if (reason === undefined) throw invalid('reason', 'Say what is wrong with the file.')
  return reason
}

/** Lines stay lines; other characters that steer a terminal or the direction of writing go. */
const readMessage = (value: string): string =>
  value
    .split(/\r\n|\r|\n/)
    .map(printable)
    .join('\n')
    .trim()
    .slice(0, LONGEST_REPORT)
    .toWellFormed()
