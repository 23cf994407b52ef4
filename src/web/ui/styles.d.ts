/** Styles are bundled; a script only says that it wants them. */
declare module '*.css' {}
