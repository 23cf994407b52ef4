/** What the generator of the API documentation leaves wrong, put right, so that the document validates. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** Keys of schemas only the framework understands. */
const FOREIGN = new Set(['$id', 'elysiaMeta', 'nullable'])
/** Under these keys stand names somebody chose, not keywords. */
const NAMED = new Set([
  'properties',
  'patternProperties',
  'schemas',
  '$defs',
  'responses',
  'headers',
  'paths',
])
/** Under these keys stands data that only looks like a schema. */
const OPAQUE = new Set(['example', 'examples', 'default', 'const', 'enum', 'value'])
const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'])

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A new document; the given one may hold functions, symbols and undefined, which JSON has not. */
export function normaliseDocument(document: object): JsonObject {
  const plain = JSON.parse(JSON.stringify(document)) as JsonObject
  const models = new Set(Object.keys(objectAt(objectAt(plain, 'components'), 'schemas')))
  const walked = walk(plain, models) as JsonObject
  const paths = Object.entries(objectAt(walked, 'paths')).map(([path, item]) => [path, normaliseItem(item)])
  return { ...walked, paths: withUniqueIds(Object.fromEntries(paths) as JsonObject) }
}

const objectAt = (parent: JsonObject, key: string): JsonObject => {
  const value = parent[key]
  return isObject(value) ? value : {}
}

function walk(value: Json, models: Set<string>): Json {
  if (Array.isArray(value)) return value.map((item) => walk(item, models))
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([key]) => !FOREIGN.has(key))
  return asKeyword(
    Object.fromEntries(entries.map(([key, child]) => [key, walkChild(key, child, models)])),
    models,
  )
}

function walkChild(key: string, child: Json, models: Set<string>): Json {
  if (OPAQUE.has(key)) return child
  if (!NAMED.has(key) || !isObject(child)) return walk(child, models)
  return Object.fromEntries(Object.entries(child).map(([name, named]) => [name, walk(named, models)]))
}

/** References to models by bare name, dates, and numbers that are also accepted as text in a query. */
function asKeyword(schema: JsonObject, models: Set<string>): JsonObject {
  const reference = schema.$ref
  if (typeof reference === 'string' && models.has(reference))
    return { $ref: `#/components/schemas/${reference}` }
  if (schema.type === 'Date') return { ...schema, type: 'string', format: 'date-time' }
  const number = numberOrText(schema.anyOf)
  if (number === null) return schema
  const { anyOf: _, ...rest } = schema
  return { ...rest, ...number }
}

function numberOrText(anyOf: Json | undefined): JsonObject | null {
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return null
  const choices = anyOf.filter(isObject)
  const number = choices.find(({ type }) => type === 'integer' || type === 'number' || type === 'boolean')
  const text = choices.find(({ type, format }) => type === 'string' && TEXT_FORMS.has(String(format)))
  return number && text ? number : null
}

const TEXT_FORMS = new Set(['integer', 'numeric', 'boolean'])

/** Keeps what OpenAPI calls an operation, and gives each answer the description it must have. */
function normaliseItem(item: Json): JsonObject {
  const operations = Object.entries(isObject(item) ? item : {}).filter(([method]) => METHODS.has(method))
  return Object.fromEntries(operations.map(([method, operation]) => [method, normaliseOperation(operation)]))
}

function normaliseOperation(operation: Json): JsonObject {
  const given = isObject(operation) ? operation : {}
  const responses = Object.entries(objectAt(given, 'responses'))
  const described = responses.map(([status, response]) => [status, describe(status, response)])
  const some = described.length > 0 ? Object.fromEntries(described) : { 200: { description: 'OK' } }
  return { ...given, responses: some as JsonObject }
}

/** An answer without a body has no content at all. */
function describe(status: string, response: Json): JsonObject {
  const { content, ...rest } = isObject(response) ? response : {}
  const hasContent = isObject(content) && Object.values(content).every(isObject)
  const description = rest.description ?? (status === '200' ? 'OK' : `Status ${status}`)
  return { ...rest, description, ...(hasContent ? { content } : {}) }
}

/** The generator names operations after method and path, which two paths may share. */
function withUniqueIds(paths: JsonObject): JsonObject {
  const seen = new Map<string, number>()
  for (const operation of Object.values(paths).flatMap((item) => Object.values(item as JsonObject))) {
    if (!isObject(operation) || typeof operation.operationId !== 'string') continue
    const id = operation.operationId.replace(/[^A-Za-z0-9]/g, '')
    const count = (seen.get(id) ?? 0) + 1
    seen.set(id, count)
    operation.operationId = count === 1 ? id : `${id}${count}`
  }
  return Object.fromEntries(
    Object.entries(paths).filter(([, item]) => Object.keys(item as JsonObject).length > 0),
  )
}
