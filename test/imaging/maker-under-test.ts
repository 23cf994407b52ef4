/** A real maker of previews, with its process, for the tests of one file. */
import { afterAll, beforeAll } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import type { PreviewMaker } from '../../src/core/preview-maker.ts'
import { type PictureProcess, startPictureProcess } from '../../src/imaging/picture-process.ts'
import { createPreviewMaker, type PreviewMakerOptions } from '../../src/imaging/preview-maker.ts'

export interface RealMaker extends PreviewMaker {
  /** Those that were started, in order. */
  processes: PictureProcess[]
}

export function createRealMaker(directory: string, options: Partial<PreviewMakerOptions> = {}): RealMaker {
  const processes: PictureProcess[] = []
  const maker = createPreviewMaker({
    start() {
      const started = startPictureProcess(directory)
      processes.push(started)
      return started
    },
    maxPixels: 50_000_000,
    spoolDirectory: directory,
    clock: systemClock,
    log: silentLog,
    ...options,
  })
  return { ...maker, processes }
}

/** One for all tests of a file. */
export function makerUnderTest(options: Partial<PreviewMakerOptions> = {}): () => RealMaker {
  let maker: RealMaker | null = null
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'kist-maker-'))
    maker = createRealMaker(directory, options)
  })
  afterAll(async () => {
    await maker?.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return () => maker as RealMaker
}
