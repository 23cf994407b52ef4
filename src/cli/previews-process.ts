/** The process that makes pictures for a server: started by it, never by hand. */
import { servePictures } from '../imaging/preview-child.ts'
import type { Command } from './command.ts'
import { releaseProgramPages } from './unneeded-pages.ts'

export const command: Command = {
  action: {
    about: 'Makes previews for a running server, which starts it by itself.',
    async run() {
      const output = Bun.stdout.writer()
      const requests = Bun.stdin.stream()
      await servePictures({
        requests,
        async write(bytes) {
          output.write(bytes)
          await output.flush()
        },
        loaded: slimDown,
      })
      // A thread may still be at work on a picture nobody waits for, and would not be stopped by an orderly end.
      process.kill(process.pid, 'SIGKILL')
      return 0
    },
  },
}

/** What loading needed is not there beside a picture. */
function slimDown(): void {
  try {
    releaseProgramPages()
  } catch {
    // It makes pictures all the same, with some more memory.
  }
}
