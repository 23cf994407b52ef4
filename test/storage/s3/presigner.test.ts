import { describe, expect, test } from 'bun:test'
import { GetObjectCommand, PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { presigner, type SignableRequest, type SignerOptions } from '../../../src/storage/s3/presigner.ts'

const NOW = new Date('2030-05-06T07:08:09Z')
const KEY = 'ab/cd/abcd0000000000000000000000000001'
const BASE = {
  region: 'eu-central-1',
  bucket: 'some-bucket',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}

const ADDRESSES = [
  { endpoint: 'http://127.0.0.1:7480', forcePathStyle: true },
  { endpoint: 'https://s3.example.com', forcePathStyle: true },
  { endpoint: 'https://s3.example.com', forcePathStyle: false },
  { endpoint: 'https://s3.example.com:8443', forcePathStyle: false },
  { endpoint: 'https://example.com/store/s3/', forcePathStyle: true },
]

const sdkOf = (options: typeof BASE & (typeof ADDRESSES)[number]): S3Client =>
  new S3Client({
    ...options,
    credentials: options,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })

/** The parts of a URL whatever the order of its query; the SDK adds `x-id`, which it also signs. */
const partsOf = (url: string) => {
  const { origin, pathname, searchParams } = new URL(url)
  return { origin, pathname, query: Object.fromEntries(searchParams) }
}

const NAME = `attachment; filename="a b.txt"; filename*=UTF-8''a%20b%C3%A9!'()*.txt`

const sample = (more: Partial<SignableRequest> = {}): SignableRequest => ({
  method: 'GET',
  key: KEY,
  expiresIn: 900,
  ...more,
})

describe('URLs that we sign', () => {
  for (const address of ADDRESSES) {
    const options = { ...BASE, ...address }
    const signer: SignerOptions = { ...options, now: () => NOW }
    const target = { Bucket: options.bucket, Key: KEY }
    const how = `${address.endpoint}, ${address.forcePathStyle ? 'path' : 'host'} style`

    test(`a part's is the SDK's, signature included (${how})`, async () => {
      const command = new UploadPartCommand({
        ...target,
        UploadId: '2~a/b+c=d ü',
        PartNumber: 17,
        ContentLength: 12_345,
      })
      const theirs = await getSignedUrl(sdkOf(options), command, {
        expiresIn: 900,
        signingDate: NOW,
        unhoistableHeaders: new Set(),
        signableHeaders: new Set(['content-length', 'host']),
      })
      const query = { partNumber: '17', uploadId: '2~a/b+c=d ü', 'x-id': 'UploadPart' }
      const headers = { 'content-length': '12345' }
      const ours = presigner(signer)(sample({ method: 'PUT', query, headers }))
      expect(partsOf(ours)).toEqual(partsOf(theirs))
    })

    test(`an object's is the SDK's, with the name it is saved under (${how})`, async () => {
      const command = new GetObjectCommand({ ...target, ResponseContentDisposition: NAME })
      const theirs = await getSignedUrl(sdkOf(options), command, { expiresIn: 60, signingDate: NOW })
      const query = {
        'response-content-disposition': NAME,
        'x-amz-checksum-mode': 'ENABLED',
        'x-id': 'GetObject',
      }
      const { 'x-amz-checksum-mode': _, ...plain } = query
      const asked = new URL(theirs).searchParams.has('x-amz-checksum-mode') ? query : plain
      expect(partsOf(presigner(signer)(sample({ query: asked, expiresIn: 60 })))).toEqual(partsOf(theirs))
    })
  }

  test('headers are signed by their names in order and their values without needless spaces', async () => {
    const options = { ...BASE, ...(ADDRESSES[0] as (typeof ADDRESSES)[number]) }
    const command = new PutObjectCommand({
      Bucket: options.bucket,
      Key: KEY,
      ContentType: 'text/plain',
      ContentDisposition: 'attachment',
    })
    const theirs = await getSignedUrl(sdkOf(options), command, {
      expiresIn: 900,
      signingDate: NOW,
      signableHeaders: new Set(['content-type', 'content-disposition', 'host']),
    })
    const headers = { 'content-type': ' text/plain ', 'content-disposition': 'attachment' }
    const query = { 'x-id': 'PutObject' }
    const ours = presigner({ ...options, now: () => NOW })(sample({ method: 'PUT', headers, query }))
    expect(partsOf(ours)).toEqual(partsOf(theirs))
  })

  test('the day is that of the store, also when it changes between two', () => {
    const times = [new Date('2030-01-01T23:59:59Z'), new Date('2030-01-02T00:00:00Z')]
    const options = { ...BASE, ...(ADDRESSES[0] as (typeof ADDRESSES)[number]) }
    const moving = presigner({ ...options, now: () => times.shift() ?? NOW })
    const fresh = presigner({ ...options, now: () => new Date('2030-01-02T00:00:00Z') })
    expect(moving(sample())).toContain('20300101%2Feu-central-1')
    expect(moving(sample())).toBe(fresh(sample()))
  })

  test('nothing lasts longer than the seven days the store takes', () => {
    const options = { ...BASE, ...(ADDRESSES[0] as (typeof ADDRESSES)[number]) }
    const url = presigner({ ...options, now: () => NOW })(sample({ expiresIn: 10_000_000 }))
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('604800')
  })
})
