/** What the API can do, as data: a path, who may, what is documented, and the few lines that do it. */
import type { Call, Parameters } from './call.ts'

export interface ActionDocs {
  summary: string
  description?: string
  /** Beside access_token and account_id: what each parameter means. */
  parameters?: Record<string, string>
  /** Sentences the action can refuse with, beside those every action has. */
  errors?: readonly string[]
  example: object
}

/** The payload of a success; the envelope is put around it. */
export type Payload = { response?: string; data?: unknown; original_file?: unknown; new_file?: unknown }

export interface Action {
  /** Below `/api/v2/`, lower case. */
  path: string
  accountId?: 'own' | 'optional' | 'target'
  docs: ActionDocs
  run(call: Call): Promise<Payload>
}

/** An action that finds out itself who calls. */
export interface OpenAction {
  path: string
  docs: ActionDocs
  runOpen(call: OpenCall): Promise<Payload>
}

export type OpenCall = Pick<Call, 'core' | 'ip' | 'origin' | 'request' | 'server'> & {
  parameters: Parameters
}
