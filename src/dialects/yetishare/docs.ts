/** What the API documentation says of an action. */
import type { Fault, FaultCode } from '../../core/fault.ts'
import { type DocumentedResponses, faultResponses, jsonResponse } from '../../http/openapi.ts'
import type { Action, OpenAction } from './action.ts'
import { REAUTHENTICATE, renderFault } from './faults.ts'

const EXAMPLE_TIME = new Date('2026-11-22T01:30:00Z')
const DATETIME = '2026-11-22 01:30:00'
const SIGNED_IN = { access_token: 'From /authorize', account_id: 'From /authorize' }

const text = (description: string) => ({ type: 'string' as const, description })

function bodyOf(action: Action | OpenAction) {
  const own = action.docs.parameters ?? {}
  const parameters = 'run' in action ? { ...SIGNED_IN, ...own } : own
  const isUpload = Object.hasOwn(parameters, 'upload_file')
  const properties = Object.fromEntries(
    Object.entries(parameters).map(([name, description]) => [
      name,
      name === 'upload_file' ? { ...text(description), format: 'binary' } : text(description),
    ]),
  )
  const schema = { type: 'object' as const, properties }
  const type = isUpload ? 'multipart/form-data' : 'application/x-www-form-urlencoded'
  return { required: true, content: { [type]: { schema } } }
}

/** Errors come with status 200 too, so they stand beside the success. */
function refusals(action: Action | OpenAction): string {
  const common =
    'run' in action
      ? ['Please provide the access_token param.', 'Please provide the account_id param.', REAUTHENTICATE]
      : []
  const all = [...common, ...(action.docs.errors ?? [])]
  if (all.length === 0) return ''
  return `\n\nErrors (HTTP 200, \`_status\` is \`error\`):\n${all.map((message) => `- ${message}`).join('\n')}`
}

const FAILURES: FaultCode[] = ['rate_limited', 'body_too_large', 'method_not_allowed', 'internal']
const render = renderFault(() => EXAMPLE_TIME)
/** In the same words whatever the action. */
const wordFault = (fault: Fault) => render(fault, new Request('http://localhost/api/v2/authorize'))

export function detailOf(action: Action | OpenAction) {
  const { summary, description = '', example } = action.docs
  const success = { ...example, _status: 'success', _datetime: DATETIME }
  const failures: DocumentedResponses = faultResponses(wordFault, FAILURES)
  return {
    tags: ['yetishare'],
    summary,
    description: `${description}${description ? ' ' : ''}GET works as POST does.${refusals(action)}`,
    security: [],
    requestBody: bodyOf(action),
    responses: { 200: jsonResponse('Done', { type: 'object' }, success), ...failures },
  }
}
