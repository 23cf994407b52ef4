/** The thread that marks up text: what strangers wrote may take it long. */
import { codeHtml, markdownHtml } from './markup.ts'
import type { TextAnswer, TextJob } from './renderer.ts'

declare const self: Worker

self.onmessage = async ({ data }: MessageEvent<TextJob>) => {
  const answer: TextAnswer = { id: data.id, html: null }
  try {
    answer.html =
      data.kind === 'markdown' ? await markdownHtml(data.text) : codeHtml(data.text, data.language)
  } catch (error) {
    answer.error = String(error)
  }
  self.postMessage(answer)
}
