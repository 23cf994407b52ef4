import { describe, expect, test } from 'bun:test'
import { fieldsOf, queryFields, textFields } from '../../src/http/fields.ts'
import { readParameters } from '../../src/http/form.ts'
import { END, formRequest, part } from './form-request.ts'

const post = (query: string, body: string, type: string) =>
  new Request(`http://localhost/${query}`, { method: 'POST', body, headers: { 'content-type': type } })

describe('fields', () => {
  test('of one name: the last counts, unless it is a list', () => {
    const pairs: Array<[string, unknown]> = [
      ['a', '1'],
      ['a', '2'],
      ['b[]', '1'],
      ['b[]', '2'],
      ['c', '1'],
      ['c[]', '2'],
    ]
    expect(fieldsOf(pairs)).toEqual({ a: '2', b: ['1', '2'], c: ['2'] })
  })

  test('of a list as long as a body can hold take no time', () => {
    const started = performance.now()
    const fields = fieldsOf(Array.from({ length: 260_000 }, (): [string, string] => ['a[]', '']))
    expect(fields.a).toHaveLength(260_000)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('of the query are read from any address', () => {
    expect(queryFields(new Request('http://localhost/x?a=1&b=x+y%26&c'))).toEqual({
      a: '1',
      b: 'x y&',
      c: '',
    })
    expect(queryFields(new Request('http://localhost/x'))).toEqual({})
    expect(queryFields(new Request('http://localhost/x?__proto__=1&%zz=%'))).toEqual({ '%zz': '%' })
  })

  test('as text are what a form would have said', () => {
    const fields = { n: 5, t: true, f: false, z: null, list: ['a', 2], none: [], o: { a: 1 }, s: ' x ' }
    expect(textFields(fields)).toEqual({ n: '5', t: '1', f: '0', z: 'null', list: '2', s: ' x ' })
  })
})

describe('the parameters of a call', () => {
  test('come from the query of a GET', async () => {
    expect(await readParameters(new Request('http://localhost/?a=1&a=2'))).toEqual({ a: '2' })
  })

  test.each([
    ['application/x-www-form-urlencoded', 'a=body&b=2&b=3'],
    ['application/json', '{"a":"body","b":3}'],
    ['multipart/form-data; boundary=BB', part('name="a"', 'body') + part('name="b"', '3') + END],
    [
      'multipart/form-data; boundary="BB"',
      `--BB\nContent-Disposition: form-data; name=a\n\nbody\n${part('name="b"', '3', 'text/plain; charset=utf-8')}--BB--`.replaceAll(
        '\r',
        '',
      ),
    ],
  ])('come from query and body, and the body wins: %s', async (type, body) => {
    expect(await readParameters(post('?a=query&c=4', body, type))).toEqual({ a: 'body', b: '3', c: '4' })
  })

  test('in a form have no files among them', async () => {
    const body = part('name="f"; filename="x"', 'zzz') + part('name="a"', '1') + END
    expect(await readParameters(formRequest([body]))).toEqual({ a: '1' })
  })

  test('beside a broken body are those of the query', async () => {
    expect(await readParameters(post('?a=1', '{"a":', 'application/json'))).toEqual({ a: '1' })
    expect(
      await readParameters(post('?a=1', part('name="a"', '2'), 'multipart/form-data; boundary=BB')),
    ).toEqual({ a: '1' })
    expect(await readParameters(post('?a=1', '[1]', 'application/json'))).toEqual({ a: '1' })
  })

  test('are bounded', async () => {
    const body = `a=${'x'.repeat(1024 * 1024)}`
    const reading = readParameters(post('', body, 'application/x-www-form-urlencoded'))
    await expect(reading).rejects.toMatchObject({ code: 'body_too_large' })
  })
})
