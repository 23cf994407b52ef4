/** The API documentation: a valid OpenAPI document of all routes, and a page that works without a network. */
import { type AnyElysia, Elysia } from 'elysia'
import styles from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import script from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }

export interface DocumentationOptions {
  title: string
  version: string
  description: string
  tags: Array<{ name: string; description: string }>
  /** OpenAPI security schemes by the name routes use in `detail.security`. */
  securitySchemes: Record<string, object>
}

const hidden = { detail: { hide: true } } as const

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API documentation</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/swagger/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/swagger/swagger-ui.js"></script>
<script src="/swagger/start.js"></script>
</body>
</html>
`

const START = `const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()
window.ui = SwaggerUIBundle({
  url: '/swagger/json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
})
`

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

const asset = (type: string) => ({
  'content-type': `${type}; charset=utf-8`,
  'cache-control': 'public, max-age=3600',
  'x-content-type-options': 'nosniff',
})

/** A file inside the executable, read once it is asked for. */
const embedded = (path: string, type: string) => async (): Promise<Response> =>
  new Response(await Bun.file(path).bytes(), { headers: asset(type) })

/** `/swagger` and what it loads, all from this server; `root` is the application whose routes are shown. */
export function documentation(options: DocumentationOptions, root: () => AnyElysia): AnyElysia {
  let cached: { routes: number; text: string } | null = null
  // What makes the document is large and seldom wanted, so it is loaded by the first who asks.
  const text = async (): Promise<string> => {
    const { openApiDocument } = await import('./openapi-document.ts')
    const routes = root().routes.length
    if (cached?.routes !== routes) cached = { routes, text: JSON.stringify(openApiDocument(root(), options)) }
    return cached.text
  }
  return new Elysia()
    .get('/swagger', () => new Response(PAGE, { headers: PAGE_HEADERS }), hidden)
    .get('/swagger/swagger-ui.js', embedded(script, 'text/javascript'), hidden)
    .get('/swagger/swagger-ui.css', embedded(styles, 'text/css'), hidden)
    .get('/swagger/start.js', () => new Response(START, { headers: asset('text/javascript') }), hidden)
    .get(
      '/swagger/json',
      async () => new Response(await text(), { headers: { 'content-type': 'application/json' } }),
      hidden,
    )
}
