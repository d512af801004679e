import {describe, expect, test} from '@jest/globals'
import {limitMetadata, limitPlan, maxOutputBytes} from '../../../src/report/output-limit.ts'

const bytesOf = (text: string): number => Buffer.byteLength(text)

describe('metadata', () => {
  const digest = {'containerimage.digest': 'sha256:1', 'buildx.build.ref': 'a/b/c'}

  test('that fits is unchanged', () => {
    const text = JSON.stringify(digest, undefined, 2)
    expect(limitMetadata(text)).toEqual({text, omitted: []})
    expect(limitMetadata('')).toEqual({text: '', omitted: []})
  })

  test('that fits without white space is complete', () => {
    const value = {...digest, list: Array.from({length: 5000}, () => 1)}
    const {text, omitted} = limitMetadata(JSON.stringify(value, undefined, 2))
    expect(JSON.parse(text)).toEqual(value)
    expect({omitted, fits: bytesOf(text) <= maxOutputBytes}).toEqual({omitted: [], fits: true})
  })

  test('loses its largest fields, and as few as possible', () => {
    const small = {'buildx.build.warnings': 'w'}
    const value = {
      ...digest,
      ...small,
      'buildx.build.provenance/linux/amd64': 'ä'.repeat(maxOutputBytes),
      'buildx.build.provenance/linux/arm64': 'b'.repeat(maxOutputBytes),
    }
    const {text, omitted} = limitMetadata(JSON.stringify(value))
    expect(JSON.parse(text)).toEqual({...digest, ...small})
    expect(omitted).toEqual(['buildx.build.provenance/linux/amd64', 'buildx.build.provenance/linux/arm64'])
  })

  test('whose digest alone is too long is empty', () => {
    expect(limitMetadata(JSON.stringify({'containerimage.digest': 'x'.repeat(maxOutputBytes)}))).toEqual({
      text: '',
      omitted: ['containerimage.digest'],
    })
  })
})

describe('a plan', () => {
  const tag = (index: number): object => ({reference: `user/app:${index}`, text: 'x'.repeat(200)})
  const plan = {version: '1', tags: [tag(0)], skippedRules: [{}], labels: ['a=b'], annotations: ['manifest:a=b']}
  const long = 'c'.repeat(maxOutputBytes)

  test.each([
    {name: 'is unchanged if it fits', given: {}, omitted: []},
    {name: 'loses annotations first', given: {annotations: [long]}, omitted: ['annotations']},
    {name: 'then labels', given: {labels: [long]}, omitted: ['annotations', 'labels']},
    {
      name: 'then the rules without a tag',
      given: {skippedRules: [{text: long}]},
      omitted: ['annotations', 'labels', 'skippedRules'],
    },
  ])('$name', ({given, omitted}) => {
    const whole = {...plan, ...given}
    const {text, ...rest} = limitPlan(whole)
    expect(rest).toEqual({omitted})
    const without = Object.fromEntries(omitted.map((name) => [name, []]))
    expect(JSON.parse(text)).toEqual({...whole, ...without, ...(omitted.length > 0 && {omitted})})
  })

  test('then the last tags, and as few as possible', () => {
    const tags = Array.from({length: 1000}, (_, index) => tag(index))
    const {text, omitted} = limitPlan({...plan, tags})
    const parsed = JSON.parse(text) as {readonly tags: readonly object[]}
    expect(omitted).toContain('tags')
    expect(parsed).toMatchObject({version: '1', omitted, tags: tags.slice(0, parsed.tags.length)})
    expect(bytesOf(text)).toBeLessThanOrEqual(maxOutputBytes)
    expect(bytesOf(text)).toBeGreaterThan(maxOutputBytes - 500)
  })
})
