/**
 * Moves files by Uppy on upload sessions. A session is opened before Uppy has its file, so that the parts are
 * those of the session, and so that Uppy goes on with it: what fails is then tried again and never thrown away.
 */
import AwsS3 from '@uppy/aws-s3'
import Uppy, { type UppyFile } from '@uppy/core'
import type { CompletedFile, CreatedUpload, PartTarget, UploadPart, UploadView } from '../../wire/uploads.ts'
import { MOST_TARGETS } from '../../wire/uploads.ts'
import { api, CallError, messageOf } from '../app/session.ts'
import type { Engine, EngineEvents, UploadItem } from './queue.ts'

/** Parts on their way at the same time, of all files together. */
const PARTS_AT_ONCE = 6
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000, 60_000]
/** Part URLs are good for six hours. */
const TARGET_MS = 5 * 3_600_000

type Meta = { item: number }
type Body = Record<string, string>
type MovedFile = UppyFile<Meta, Body>

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Resolves when there may be a connection again. */
const online = (): Promise<void> =>
  new Promise((resolve) => addEventListener('online', () => resolve(), { once: true }))

/** Tried again while nobody says no: without a connection, and when the server is not itself. */
async function stubborn<T>(attempt: () => Promise<T>): Promise<T> {
  for (const pause of RETRY_MS) {
    try {
      return await attempt()
    } catch (error) {
      if (error instanceof CallError && error.status < 500 && error.status !== 429) throw error
      if (!navigator.onLine) await online()
      else await wait(Math.max(pause, error instanceof CallError ? (error.retryAfter ?? 0) * 1000 : 0))
    }
  }
  return attempt()
}

/** One session while this page works on it. */
interface Work {
  item: UploadItem
  session: UploadView
  targets: Map<number, PartTarget>
  targetsAt: number
  /** URLs are being asked for. */
  signing: Promise<void> | null
  /** What this page knows to have arrived. */
  parts: Map<number, UploadPart>
  /** Nothing can have arrived before. */
  isNew: boolean
  uppyId: string | null
}

const partCount = ({ size, partSize }: UploadView): number => Math.ceil(size / partSize)
const partLength = ({ size, partSize }: UploadView, number: number): number =>
  Math.min(partSize, size - (number - 1) * partSize)

/** The URLs of this part and those after it that have not arrived. */
async function signFrom(work: Work, number: number): Promise<void> {
  const numbers: number[] = []
  const last = partCount(work.session)
  for (let next = number; next <= last && numbers.length < MOST_TARGETS; next++)
    if (!work.parts.has(next)) numbers.push(next)
  const path = `/web/uploads/${work.session.id}/sign`
  const { targets } = await stubborn(() => api<{ targets: PartTarget[] }>('POST', path, { numbers }))
  work.targetsAt = performance.now()
  for (const target of targets) work.targets.set(target.number, target)
}

/** Each URL is handed out once: who comes again gets a new one. */
async function targetOf(work: Work, number: number): Promise<PartTarget> {
  if (performance.now() - work.targetsAt > TARGET_MS) work.targets.clear()
  while (!work.targets.has(number)) {
    work.signing ??= signFrom(work, number).finally(() => {
      work.signing = null
    })
    await work.signing
  }
  const target = work.targets.get(number) as PartTarget
  work.targets.delete(number)
  return target
}

async function arrivedParts(work: Work): Promise<UploadPart[]> {
  if (!work.isNew) {
    const path = `/web/uploads/${work.session.id}/parts`
    const { parts } = await stubborn(() => api<{ parts: UploadPart[] }>('GET', path))
    for (const part of parts)
      if (part.size === partLength(work.session, part.number)) work.parts.set(part.number, part)
  }
  work.isNew = false
  return [...work.parts.values()]
}

/** What a browser has of a file is of no use once the file has been changed or removed. */
async function isReadable(file: File | null): Promise<boolean> {
  try {
    await file?.slice(0, 1).arrayBuffer()
    return file !== null
  } catch {
    return false
  }
}

/** An answer that says no to a part; everything else is the way to the server. */
function isRefusal(error: object): boolean {
  const source = 'source' in error ? (error.source as { status?: number } | null) : null
  const status = source?.status ?? 0
  return status >= 400 && status < 500
}

const complete = (work: Work): Promise<CompletedFile> =>
  stubborn(() =>
    api<CompletedFile>('POST', `/web/uploads/${work.session.id}/complete`, {
      parts: [...work.parts.values()],
      replaces: work.item.replaces,
    }),
  )

export function createEngine(events: EngineEvents): Engine {
  const works = new Map<number, Work>()
  const sizes = new WeakMap<Blob, number>()
  const uppy = new Uppy<Meta, Body>({ allowMultipleUploadBatches: true, autoProceed: false })
  const workOf = (file: MovedFile): Work => {
    const work = works.get(file.meta.item)
    if (!work) throw new Error('nobody works on this file')
    return work
  }
  uppy.use(AwsS3<Meta, Body>, {
    limit: PARTS_AT_ONCE,
    retryDelays: RETRY_MS,
    shouldUseMultipart: true,
    // Given the bytes and not the file, whatever its types say.
    getChunkSize: (data) => sizes.get(data as unknown as Blob) ?? 0,
    createMultipartUpload: () => Promise.reject(new Error('sessions are opened beforehand')),
    // Whether a session is given up is decided by the person alone.
    abortMultipartUpload: () => Promise.resolve(),
    listParts: async (file) =>
      (await arrivedParts(workOf(file))).map(({ number, etag, size }) => ({
        PartNumber: number,
        ETag: etag,
        Size: size,
      })),
    async signPart(file, { partNumber }) {
      const work = workOf(file)
      if (!(await isReadable(work.item.file))) loseFile(work)
      const { url } = await targetOf(work, partNumber)
      return { url, headers: {} }
    },
    async completeMultipartUpload(file, { parts }) {
      const work = workOf(file)
      for (const { PartNumber: number = 0, ETag: etag = '' } of parts)
        work.parts.set(number, { number, etag, size: partLength(work.session, number) })
      await complete(work)
      return {}
    },
  })
  uppy.on('s3-multipart:part-uploaded', (file, { PartNumber: number = 0, ETag: etag = '' }) => {
    const work = works.get((file as MovedFile).meta.item)
    work?.parts.set(number, { number, etag, size: partLength(work.session, number) })
  })
  uppy.on('upload-progress', (file, { bytesUploaded }) => {
    const work = file && works.get(file.meta.item)
    if (work) events.progress(work.item, bytesUploaded)
  })
  const release = (work: Work): void => {
    works.delete(work.item.id)
    if (work.uppyId !== null && uppy.getFile(work.uppyId)) uppy.removeFile(work.uppyId)
  }
  const loseFile = (work: Work): void => {
    release(work)
    events.fileLost(work.item)
    throw new Error('the file is not what it was')
  }
  uppy.on('upload-success', (file) => {
    const work = file && works.get(file.meta.item)
    if (!work) return
    release(work)
    events.done(work.item)
  })
  uppy.on('upload-error', (file, error) => {
    const work = file && works.get(file.meta.item)
    if (!work) return
    release(work)
    if (error instanceof CallError) events.failed(work.item, messageOf(error))
    else if (isRefusal(error)) events.failed(work.item, 'The server does not take it. Try again.')
    else events.interrupted(work.item)
  })
  return {
    async start(item) {
      try {
        const work = await openWork(item)
        if (item.cancelled) await api('DELETE', `/web/uploads/${work.session.id}`)
        if (item.cancelled || item.state !== 'uploading' || !item.file) return
        works.set(item.id, work)
        events.opened(item)
        sizes.set(item.file, work.session.partSize)
        work.uppyId = uppy.addFile({
          name: `${item.id} ${item.name}`,
          type: item.file.type,
          data: item.file,
          meta: { item: item.id },
          source: 'kist',
        })
        const known = { key: work.session.id, uploadId: work.session.id }
        uppy.setFileState(work.uppyId, { s3Multipart: known } as Partial<MovedFile>)
        void uppy.upload()
      } catch (error) {
        if (!(error instanceof CallError)) events.interrupted(item)
        else if (error.status === 429) events.putOff(item, messageOf(error))
        else events.failed(item, messageOf(error))
      }
    },
    pause(item) {
      const id = works.get(item.id)?.uppyId
      if (id && !uppy.getFile(id).isPaused) uppy.pauseResume(id)
    },
    resume(item) {
      const id = works.get(item.id)?.uppyId
      if (id && uppy.getFile(id).isPaused) uppy.pauseResume(id)
      else void this.start(item)
    },
    drop(item) {
      const work = works.get(item.id)
      if (work) release(work)
    },
  }
}

async function openWork(item: UploadItem): Promise<Work> {
  const isNew = item.session === null
  if (item.session === null) {
    const { name: filename, size, folderId, file } = item
    const wanted = { filename, size, folderId, mimeType: file?.type || null }
    const { upload, targets } = await api<CreatedUpload>('POST', '/web/uploads', wanted)
    item.session = upload
    item.targets = targets
  }
  const targets = new Map(item.targets.map((target) => [target.number, target]))
  item.targets = []
  const state = { signing: null, parts: new Map(), isNew, uppyId: null }
  return { item, session: item.session, targets, targetsAt: performance.now(), ...state }
}
