/** The header is made in core, because stores keep it with the bytes too. */
export { contentDisposition, type DispositionType } from '../core/disposition.ts'
