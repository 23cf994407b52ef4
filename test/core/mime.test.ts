import { describe, expect, test } from 'bun:test'
import { mimeTypeByExtension, sniffMimeType } from '../../src/core/mime.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))

describe('by its first bytes', () => {
  test.each<[string, string]>([
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['GIF89a', 'image/gif'],
    ['GIF87a', 'image/gif'],
    ['RIFF\x00\x00\x00\x00WEBPVP8 ', 'image/webp'],
    ['%PDF-1.7', 'application/pdf'],
    ['\x1f\x8b\x08', 'application/gzip'],
    ["7z\xbc\xaf'\x1c", 'application/x-7z-compressed'],
    ['Rar!\x1a\x07\x01\x00', 'application/vnd.rar'],
    ['fLaC\x00', 'audio/flac'],
  ])('%j is %s, whatever the name says', (head, type) => {
    for (const extension of ['', 'html', 'txt', 'exe'])
      expect(sniffMimeType(bytes(head), extension)).toBe(type)
  })

  test.each([
    '',
    '\x89PN',
    '\xff\xd8',
    'GIF7',
    'RIFF\x00\x00\x00\x00WAVE',
    '%PDF',
    ' %PDF-',
    'RIFFxxxxWEB',
    '12345678WEBP',
  ])('%j is nothing known, so the name decides', (head) => {
    expect(sniffMimeType(bytes(head), 'txt')).toBe('text/plain')
    expect(sniffMimeType(bytes(head), '')).toBe('application/octet-stream')
  })

  test('markup is never found by its bytes', () => {
    for (const head of ['<!doctype html><script>', '<svg xmlns="…">', '<?xml version="1.0"?>'])
      expect(sniffMimeType(bytes(head), 'bin')).toBe('application/octet-stream')
  })
})

describe('by its extension', () => {
  test.each<[string, string | null]>([
    ['pdf', 'application/pdf'],
    ['PDF', 'application/pdf'],
    ['svg', 'image/svg+xml'],
    ['jpeg', 'image/jpeg'],
    ['htm', 'text/html'],
    ['', null],
    ['xyz', null],
    ['.pdf', null],
    ['constructor', null],
    ['__proto__', null],
    ['toString', null],
  ])('%j is %p', (extension, type) => {
    expect(mimeTypeByExtension(extension)).toBe(type)
    if (type === null) expect(sniffMimeType(new Uint8Array(), extension)).toBe('application/octet-stream')
  })

  test('every kind the uploader shows is known', () => {
    const shown =
      'xml yaml aac mp3 mpeg ogg gif jpeg jpg png svg tiff ico wbmp webp csv html md txt mp4 webm avi'
    for (const extension of shown.split(' '))
      expect([extension, mimeTypeByExtension(extension)]).toEqual([
        extension,
        expect.stringMatching(/^[a-z]+\/\S+$/),
      ])
  })
})
