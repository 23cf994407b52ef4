/**
 * Imported before everything else: libraries read NODE_ENV when they load, and answer with stack traces and
 * source code unless it says production. Whatever the environment says is replaced.
 */
Object.assign(process.env, { NODE_ENV: 'production' })
