import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../../src/converter/conversion.ts'

function convert(
  inputs: readonly string[],
  {labels = '', env = '', tags = '${{ steps.meta.outputs.tags }}'} = {},
): Conversion {
  const lines = inputs.map((line) => `          ${line}\n`).join('')
  const text = `on: push
jobs:
  image:
    steps:
      - uses: docker/metadata-action@v6
        id: meta
${env}        with:
          images: acme/app
${labels}      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${tags}
${lines}`
  return convertWorkflow(text, {action: 'tagboat/tagboat@v1'})
}

function linesOf({text}: Conversion, name: string): readonly string[] {
  const found = new RegExp(String.raw`^ {10}${name}:(?: \|\n(?<block>(?: {12}.*\n)+)| (?<line>.*)\n)`, 'm').exec(text)
  const {block, line = ''} = found?.groups ?? {}
  return block?.trim().split(/\n\s*/) ?? (line === '' ? [] : [line])
}

function orderRemarks({remarks}: Conversion): readonly number[] {
  return remarks.filter(({code}) => code === 'label-order').map(({place}) => place.line)
}

const output = (name: string): string => `\${{ steps.meta.outputs.${name} }}`

describe('a label before those of the metadata', () => {
  test('that the metadata has too is removed', () => {
    const result = convert([
      'labels: |',
      '  org.opencontainers.image.title=first',
      '  a=b',
      `  ${output('labels')}`,
      '  org.opencontainers.image.url=last',
    ])
    expect(linesOf(result, 'labels')).toEqual(['a=b', 'org.opencontainers.image.url=last'])
    expect(orderRemarks(result)).toEqual([15])
  })

  test('that the metadata has by its input is removed', () => {
    const labels = '          labels: |\n            a=meta\n'
    const result = convert(['labels: |', '  a=first', '  b=first', `  ${output('labels')}`], {labels})
    expect(linesOf(result, 'labels')).toEqual(['a=meta', 'b=first'])
    expect(orderRemarks(result)).toEqual([17])
  })

  test('whose name is not known is noted', () => {
    const result = convert(['labels: |', '  ${{ matrix.label }}', `  ${output('labels')}`])
    expect(linesOf(result, 'labels')).toEqual(['${{ matrix.label }}'])
    expect(orderRemarks(result)).toEqual([15])
  })
})

describe('an annotation before those of the metadata', () => {
  const annotations = ['manifest:org.opencontainers.image.title=a', 'index:org.opencontainers.image.title=b', 'c=d']
  const written = ['annotations: |', ...annotations.map((line) => `  ${line}`), `  ${output('annotations')}`]

  test('is removed if it has the same level', () => {
    const result = convert(written)
    expect(linesOf(result, 'annotations')).toEqual(annotations.slice(1))
    expect(orderRemarks(result)).toEqual([15, 16])
  })

  test('is noted if the levels of the metadata are others', () => {
    const env = '        env: {DOCKER_METADATA_ANNOTATIONS_LEVELS: index}\n'
    const result = convert(written, {env})
    expect(linesOf(result, 'annotations')).toEqual(annotations)
    expect(orderRemarks(result)).toEqual([16, 17])
  })
})

describe('braces of a build', () => {
  test('stay what they are', () => {
    const result = convert([
      'build-args: |',
      '  A={{version}}',
      '  B={{.Version}}',
      '  C=${{ github.sha }}{{{branch}}}',
    ])
    expect(linesOf(result, 'build-args')).toEqual([
      String.raw`A=\{{version}}`,
      'B={{.Version}}',
      String.raw`C=${'$'}{{ github.sha }}{\{{branch}}}`,
    ])
  })

  test('stay what they are in labels and annotations', () => {
    const result = convert(['labels: a={{.Version}}', 'annotations: "b={{version}}"'])
    expect(linesOf(result, 'labels')).toEqual([String.raw`a=\{{.Version}}`])
    expect(linesOf(result, 'annotations')).toEqual([String.raw`b=\{{version}}`])
  })

  test('behind a backslash are refused', () => {
    const {remarks, changed} = convert([String.raw`labels: a=\{{version}}`])
    expect(changed).toBe(false)
    expect(remarks.map(({code, place}) => [code, place.line])).toEqual([['braces', 14]])
  })
})

describe('the version of the metadata', () => {
  test('is an expression in labels and annotations', () => {
    const version = output('version')
    const result = convert([`labels: a=${version}`, 'annotations: |', `  ${output('annotations')}`, `  b=${version}`])
    expect(linesOf(result, 'labels')).toEqual(['a={{meta.version}}'])
    expect(linesOf(result, 'annotations')).toEqual(['b={{meta.version}}'])
    expect(result.text).not.toContain('dry-run')
  })

  test('is that of a dry run if the tags are others', () => {
    const result = convert([`labels: |`, `  ${output('labels')}`, `  a=${output('version')}`], {tags: 'acme/app:main'})
    expect(linesOf(result, 'labels')).toEqual([`a=${output('version')}`])
    expect(result.text).toContain('dry-run: true')
  })
})
