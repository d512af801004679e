import {expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'

function build(inputs: string): string {
  return `      - uses: docker/build-push-action@v6\n        with:\n          ${inputs.replaceAll('; ', '\n          ')}\n`
}

const loaded = build('context: .; load: true; tags: acme/app:test')
const pushed = build('context: .; push: true; tags: acme/app:main')

function codes(steps: string): readonly string[] {
  const text = `on: push\njobs:\n  image:\n    steps:\n${steps}`
  const {remarks} = convertWorkflow(text, {action: 'tagboat/tagboat@v1'})
  return remarks
    .filter(({code}) => code === 'built-twice' || code === 'labels-added')
    .map(({code, place}) => `${code} ${place.line}`)
}

test.each([
  {name: 'built again', steps: `${loaded}${pushed}`, expected: ['built-twice 5', 'labels-added 10']},
  {
    name: 'has its own target',
    steps: `${build('context: .; load: true; target: test; tags: acme/app:test')}${pushed}`,
    expected: ['labels-added 11'],
  },
  {
    name: 'is pushed by a script',
    steps: `${loaded}      - run: docker push acme/app:test\n`,
    expected: ['labels-added 5'],
  },
  {name: 'is only tested', steps: `${loaded}      - run: docker run acme/app:test\n`, expected: []},
])('an image that is loaded and $name', ({steps, expected}) => {
  expect(codes(steps)).toEqual(expected)
})

test('labels that the build names are not called missing', () => {
  const steps = build('context: .; push: true; tags: acme/app:main; labels: org.opencontainers.image.title=App')
  const text = `on: push\njobs:\n  image:\n    steps:\n${steps}`
  const [remark] = convertWorkflow(text, {action: 'tagboat/tagboat@v1'}).remarks
  expect(remark?.message).toContain('`labels` does not name')
})
