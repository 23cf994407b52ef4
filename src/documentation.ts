/** What the API documentation says about the whole. */
import type { DocumentationOptions } from './http/documentation.ts'
import { VERSION } from './version.ts'

export const DOCUMENTATION: DocumentationOptions = {
  title: 'Kist',
  version: VERSION,
  description: 'The APIs of this file host. All of them work on one set of accounts and files.',
  tags: [
    { name: 'nating', description: 'Personal tokens, resumable uploads in parts, signed download links' },
    { name: 'yetishare', description: 'YetiShare v2: access tokens, files, folders, fetching from a URL' },
    { name: 'uploader', description: 'File Uploader: anonymous or signed-in uploads, deletion keys' },
    { name: 'flamenet', description: 'Flamenet Files: API keys, share links, presigned downloads' },
    { name: 'parts', description: 'Where the bytes of parts are sent' },
    { name: 'web', description: 'Signing in with a browser' },
  ],
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', description: 'A personal API token, `fyu_…`' },
    apiToken: {
      type: 'apiKey',
      in: 'header',
      name: 'X-API-Token',
      description: 'The same token in a header of its own',
    },
    uploaderToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From /api/login' },
    flamenetKey: { type: 'http', scheme: 'bearer', description: 'An API key, `fn_…`' },
    flamenetQuery: { type: 'apiKey', in: 'query', name: 'api_key', description: 'The same key in the query' },
    cookie: {
      type: 'apiKey',
      in: 'cookie',
      name: 'kist_session',
      description:
        'A signed-in browser; `__Host-kist_session` behind TLS. What changes something needs `X-CSRF-Token`.',
    },
  },
}
