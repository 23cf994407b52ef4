/** The thread that hashes passwords, one after the other. */
import type { PasswordAnswer, PasswordJob } from './passwords.ts'

declare const self: Worker

const PARAMETERS = { algorithm: 'argon2id', memoryCost: 19 * 1024, timeCost: 2 } as const

function work(job: PasswordJob): string | boolean {
  if (job.kind === 'hash') return Bun.password.hashSync(job.password, PARAMETERS)
  return Bun.password.verifySync(job.password, job.hash)
}

self.onmessage = (event: MessageEvent<PasswordJob>) => {
  const answer: PasswordAnswer = { id: event.data.id }
  try {
    answer.result = work(event.data)
  } catch (error) {
    answer.error = error instanceof Error ? error.name : 'unknown'
  }
  self.postMessage(answer)
}
