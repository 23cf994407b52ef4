/** A file of every kind that pages show, and what is seen of it there. */
import type { NewSiteFile } from './binary-site.ts'
import { HELLO_ZIP, pdf, wav, webm } from './media.ts'
import { pictureOf } from './pictures.ts'

export interface FileKind {
  make(): Promise<NewSiteFile> | NewSiteFile
  /** Of its page. */
  seen: string
  /** True once the bytes have been read. */
  isShown?: string
}

export const text = (content: string): Uint8Array => new TextEncoder().encode(content)

/** Seconds: long enough for the end of it not to be asked for at first. */
const LONG_SOUND = 240

export const FILE_KINDS = {
  picture: {
    make: async () => ({ name: 'a.jpg', bytes: await pictureOf('jpeg', 640, 480), type: 'image/jpeg' }),
    seen: '.stage.picture img',
    isShown: 'document.querySelector(".stage img").naturalWidth > 0',
  },
  video: {
    make: async () => ({ name: 'a.webm', bytes: await webm(), type: 'video/webm' }),
    seen: '.stage.video video',
  },
  audio: {
    make: () => ({ name: 'a.wav', bytes: wav(LONG_SOUND), type: 'audio/wav' }),
    seen: '.stage.audio audio',
    isShown: `document.querySelector("audio").duration === ${LONG_SOUND}`,
  },
  document: {
    make: () => ({ name: 'a.pdf', bytes: pdf('Hello visitor'), type: 'application/pdf' }),
    seen: '.stage.pdf button',
  },
  Markdown: {
    make: () => ({
      ...{ name: 'a.md', type: 'text/markdown' },
      bytes: text('# Title\n\nSome *text* and `code`.\n\n- one\n'),
    }),
    seen: '.stage.text .markdown em:has-text("text")',
  },
  code: {
    make: () => ({
      ...{ name: 'a.ts', type: 'text/plain' },
      bytes: text('export const answer: number = 42 // why\n'),
    }),
    seen: '.stage.text .hljs-keyword:has-text("export")',
  },
  archive: {
    make: () => ({ name: 'a.zip', bytes: HELLO_ZIP, type: 'application/zip' }),
    seen: '.stage.archive tbody tr:has-text("hello.txt")',
  },
  other: {
    make: () => ({ name: 'a.bin', bytes: new Uint8Array(2000) }),
    seen: '.title .kind svg',
  },
} as const satisfies Record<string, FileKind>

export type FileKindName = keyof typeof FILE_KINDS
export const FILE_KIND_NAMES = Object.keys(FILE_KINDS) as FileKindName[]
