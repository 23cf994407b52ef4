/** The OpenAPI document of an application's routes. */
import { toOpenAPISchema } from '@elysiajs/openapi'
import type { AnyElysia } from 'elysia'
import type { DocumentationOptions } from './documentation.ts'
import { isObject, type JsonObject, normaliseDocument } from './openapi-schema.ts'

const OPENAPI_VERSION = '3.1.2'

/** OpenAPI 3.1 of every route that is not hidden. */
export function openApiDocument(app: AnyElysia, options: DocumentationOptions): JsonObject {
  const { title, version, description, tags, securitySchemes } = options
  const { paths, components } = toOpenAPISchema(
    app,
    { staticFile: false },
    undefined,
    undefined,
    OPENAPI_VERSION,
  )
  mergeDetails(app, paths as unknown as Paths)
  return normaliseDocument({
    openapi: OPENAPI_VERSION,
    info: { title, version, description },
    servers: [{ url: '/' }],
    tags,
    paths,
    components: { ...components, securitySchemes },
  })
}

type Paths = Record<string, Record<string, JsonObject>>

/**
 * Where a route has schemas the generator forgets what `detail` says of answers and parameters. It comes
 * back here; what a schema says wins.
 */
function mergeDetails(app: AnyElysia, paths: Paths): void {
  for (const route of app.routes) {
    const detail: unknown = route.hooks?.detail
    const operation = paths[route.path.replace(/:([^/]+)/g, '{$1}')]?.[route.method.toLowerCase()]
    if (!isObject(detail) || !operation) continue
    if (isObject(detail.responses))
      operation.responses = { ...detail.responses, ...asObject(operation.responses) }
    if (Array.isArray(detail.parameters)) {
      operation.parameters = mergeParameters(detail.parameters, asArray(operation.parameters))
    }
  }
}

const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {})
const asArray = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : [])

/** One parameter per name and place; the described one wins over the generated one. */
function mergeParameters(described: unknown[], generated: JsonObject[]): JsonObject[] {
  const known = new Map(generated.map((item) => [`${item.in} ${item.name}`, item]))
  for (const item of asArray(described)) {
    const key = `${item.in} ${item.name}`
    known.set(key, { ...known.get(key), ...item })
  }
  return [...known.values()]
}
