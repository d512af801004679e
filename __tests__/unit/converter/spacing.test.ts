import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../../src/converter/conversion.ts'

const head = 'on: push\njobs:\n  image:\n    steps:\n'

function convert(steps: string): Conversion {
  return convertWorkflow(`${head}${steps}`, {action: 'tagboat/tagboat@v1'})
}

describe('the lines around removed steps', () => {
  const checkout = '      - uses: actions/checkout@v4\n'
  const buildx = '      - uses: docker/setup-buildx-action@v3\n'
  const build = (uses: string): string =>
    `      - uses: ${uses}\n        with:\n          context: .\n          push: true\n          tags: acme/app:main\n`
  const from = build('docker/build-push-action@v6')
  const to = build('tagboat/tagboat@v1')

  test.each([
    {name: 'before the first one', before: `${checkout}\n${buildx}${buildx}${from}`, after: `${checkout}\n${to}`},
    {name: 'around each', before: `${checkout}\n${buildx}\n${from}`, after: `${checkout}\n${to}`},
    {name: 'nowhere', before: `${checkout}${buildx}${from}`, after: `${checkout}${to}`},
    {name: 'behind it', before: `${checkout}${buildx}\n${from}`, after: `${checkout}\n${to}`},
    {name: 'before one at the end', before: `${checkout}${from}\n${buildx}`, after: `${checkout}${to}`},
  ])('a blank line $name', ({before, after}) => {
    expect(convert(before).text).toBe(`${head}${after}`)
  })

  test.each([
    ['# v6.1.0', false],
    ['# pin@v4', false],
    ['# tag=v3', false],
    ['# docker/build-push-action@v6.2', false],
    ['# version: 6', false],
    ['# do not update: needs BuildKit 0.12', true],
    ['# the last one of 2', true],
  ])('the comment %s behind an action: a remark is %s', (comment, isNoted) => {
    const {remarks} = convert(build(`docker/build-push-action@v6 ${comment}`))
    const noted = remarks.filter(({code}) => code === 'comment-dropped')
    expect(noted.map(({message}) => message.split('`')[1])).toEqual(isNoted ? [comment] : [])
  })

  test('a condition of a login that the build has too is not repeated', () => {
    const condition = "        if: github.event_name == 'push' && github.ref == 'refs/heads/main'\n"
    const login = `      - uses: docker/login-action@v3\n        if: github.event_name == 'push'\n        with:\n          username: acme\n          password: \${{ secrets.TOKEN }}\n`
    const {text} = convert(`${login}${from.replace('        with', `${condition}        with`)}`)
    expect(text).not.toContain('enable')
    expect(text).toContain('          username: acme\n          password: ${{ secrets.TOKEN }}\n')
  })
})
