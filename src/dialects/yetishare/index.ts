/** YetiShare v2: `/api/v2`. GET is POST, letter case and a slash at the end of the path do not matter. */

import { Elysia } from 'elysia'
import { Fault } from '../../core/fault.ts'
import { networkOf } from '../../core/network.ts'
import type { PeerSource } from '../../http/client-address.ts'
import { type Dialect, pathOf } from '../../http/dialect.ts'
import { exchangeOf } from '../../http/exchange.ts'
import { toResponse } from '../../http/faults.ts'
import { readParameters } from '../../http/form.ts'
import type { TimeoutSetter } from '../../http/upload-body.ts'
import { accountActions } from './account.ts'
import type { Action, OpenAction, OpenCall, Payload } from './action.ts'
import { authorize, disableAccessToken } from './authorize.ts'
import { type Call, type CallDeps, identify, requiredOf, textOf } from './call.ts'
import { detailOf } from './docs.ts'
import { renderFault } from './faults.ts'
import { fileActions } from './file.ts'
import { folderActions } from './folder.ts'
import { importActions } from './import.ts'
import { uploadAction } from './upload.ts'
import { toDate } from './wire.ts'

const PREFIX = '/api/v2'

interface Context {
  request: Request
  server: (PeerSource & TimeoutSetter) | null
}

export function yetishare(deps: CallDeps): Dialect {
  const actions: Array<Action | OpenAction> = [
    authorize,
    disableAccessToken,
    ...accountActions,
    uploadAction(deps),
    ...fileActions,
    ...importActions,
    ...folderActions,
  ]
  const routes = new Elysia()
  const byPath = new Map(actions.map((action) => [action.path, action]))
  for (const action of actions) {
    const run = (context: Context) => answer(deps, action, context)
    routes.post(`${PREFIX}/${action.path}`, run, { parse: 'none', detail: detailOf(action) })
    routes.get(`${PREFIX}/${action.path}`, run, { detail: { hide: true } })
  }
  const anySpelling = (context: Context) => answer(deps, find(byPath, context.request), context)
  for (const path of [PREFIX, `${PREFIX}/*`])
    routes.all(path, anySpelling, { parse: 'none', detail: { hide: true } })
  return { name: 'yetishare', prefix: PREFIX, renderFault: renderFault(deps.now), routes }
}

/** Faults: route_not_found, method_not_allowed. */
function find(actions: Map<string, Action | OpenAction>, request: Request): Action | OpenAction {
  const path = pathOf(request)
    .slice(PREFIX.length + 1)
    .replace(/\/+$/, '')
    .toLowerCase()
  const action = actions.get(path)
  if (!action) {
    const [endpoint = '', ...method] = path.replace(/[^a-z0-9_/-]/g, '').split('/')
    const name = method.join('/') || 'index'
    throw new Fault(
      'route_not_found',
      `No method found within endpoint (${endpoint.slice(0, 50)}): ${name.slice(0, 50)}`,
    )
  }
  if (!['GET', 'HEAD', 'POST'].includes(request.method)) throw new Fault('method_not_allowed')
  return action
}

async function answer(
  deps: CallDeps,
  action: Action | OpenAction,
  { request, server }: Context,
): Promise<Response> {
  const ip = deps.browsers.address(request, server)
  const origin = deps.browsers.origin(request, server)
  const open = { core: deps.core, ip, origin, request, server }
  const payload = await ('run' in action ? runSignedIn(deps, action, open) : runOpen(deps, action, open))
  const body = { ...payload, _status: 'success', _datetime: toDate(deps.now()) }
  const response = toResponse({ status: 200, body })
  // A route of all methods is not known to the router as one of GET, so it keeps the body.
  return request.method === 'HEAD' ? new Response(null, response) : response
}

type Opened = Omit<OpenCall, 'parameters'>

async function runSignedIn(deps: CallDeps, action: Action, open: Opened): Promise<Payload> {
  const parameters = await readParameters(open.request)
  const { accountId } = action
  const caller = await identify(deps, { parameters, ip: open.ip, ...(accountId && { accountId }) })
  exchangeOf(open.request).actor = `user:${caller.account.id}`
  const call: Call = {
    ...open,
    caller,
    account: caller.actingAs,
    text: (name) => textOf(parameters, name),
    required: (name) => requiredOf(parameters, name),
  }
  return action.run(call)
}

/** An upload reads its form itself; signing in is limited by address. Faults: rate_limited. */
async function runOpen(deps: CallDeps, action: OpenAction, open: Opened): Promise<Payload> {
  if (action.path === 'file/upload') return action.runOpen({ ...open, parameters: {} })
  deps.limiter.take([{ key: `yetishare/authorize/${networkOf(open.ip)}`, limit: deps.signInPerMinute }])
  return action.runOpen({ ...open, parameters: await readParameters(open.request) })
}
