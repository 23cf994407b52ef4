/** What a caller asks for when an upload begins, judged in the order the nating API promises. */
import { Fault, invalid } from './fault.ts'
import { cleanFilename, cleanMimeType, refuseBlocked } from './filename.ts'
import type { FolderService } from './folders.ts'
import type { Package, Principal } from './model.ts'
import type { PackageService } from './packages.ts'
import { LARGEST_FILE } from './part-plan.ts'

export interface UploadRequest {
  filename: string
  /** Bytes; anything that is not a positive whole number is refused. Infinity: too large for a number. */
  size: number
  mimeType: string | null
  folderId: number | null
  /** Ignored when it is not 64 hex digits. */
  checksumSha256: string | null
  /** Bytes of a part instead of the configured ones, for a client that wants to lose less when it is cut off. */
  partSize?: number
}

export interface CheckedRequest extends UploadRequest {
  pkg: Package
}

interface Deps {
  packages: PackageService
  folders: FolderService
  /** Lower-case, without the dot. */
  blockedExtensions: ReadonlySet<string>
}

/** Faults: invalid (filename, size, folder_id), extension_refused, upload_refused, file_too_large. */
export async function checkUploadRequest(
  deps: Deps,
  by: Principal,
  request: UploadRequest,
): Promise<CheckedRequest> {
  const filename = cleanFilename(request.filename)
  const size = readSize(request.size)
  refuseBlocked(filename, deps.blockedExtensions)
  const pkg = await deps.packages.of(by.account)
  requireRoom(pkg, size)
  const folderId = await readFolder(deps.folders, by, request.folderId)
  const mimeType = cleanMimeType(request.mimeType)
  const checksumSha256 = readChecksum(request.checksumSha256)
  return { filename, size, mimeType, folderId, checksumSha256, partSize: request.partSize, pkg }
}

/** Faults: upload_refused, file_too_large; with `message` instead of their own. */
export function requireRoom(pkg: Package, size: number, message?: string): void {
  if (!pkg.canUpload) throw new Fault('upload_refused', message)
  if (pkg.maxUploadSize > 0 && size > pkg.maxUploadSize) throw new Fault('file_too_large', message)
}

function readSize(size: number): number {
  const isWhole = Number.isInteger(size) || size === Number.POSITIVE_INFINITY
  if (!isWhole || size <= 0) throw invalid('size', 'Upload size must be greater than zero.')
  if (size > LARGEST_FILE) throw new Fault('file_too_large')
  return size
}

async function readFolder(folders: FolderService, by: Principal, id: number | null): Promise<number | null> {
  if (id === null || id === 0) return null
  if (!by.account) throw invalid('folder_id', 'Guests cannot upload into private folders.')
  try {
    return (await folders.get(by.account, id)).id
  } catch (error) {
    if (error instanceof Fault && error.code === 'folder_not_found')
      throw invalid('folder_id', 'Folder not found.')
    throw error
  }
}

/** Lower-case hex, or null for anything that is not a SHA-256. */
export const readChecksum = (value: string | null): string | null =>
  value !== null && /^[0-9a-f]{64}$/i.test(value.trim()) ? value.trim().toLowerCase() : null
