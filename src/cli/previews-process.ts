/** The process that makes pictures for a server: started by it, never by hand. */
import { servePictures } from '../imaging/preview-child.ts'
import type { Command } from './command.ts'

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
      })
      // A thread may still be at work on a picture nobody waits for, and would not be stopped by an orderly end.
      process.kill(process.pid, 'SIGKILL')
      return 0
    },
  },
}
