import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../../src/converter/conversion.ts'
import {tagboatAction} from '../../../testing/workflow-corpus/compare.ts'
import {corpus} from '../../../testing/workflow-corpus/corpus.ts'

function refusals({remarks}: Conversion): readonly string[] {
  return remarks.filter(({level}) => level === 'refused').map(({code}) => code)
}

function convertTwice(text: string): {first: Conversion; second: Conversion} {
  const first = convertWorkflow(text, {action: tagboatAction})
  return {first, second: convertWorkflow(first.text, {action: tagboatAction})}
}

describe('a second conversion changes and refuses nothing', () => {
  test.each(corpus())('$name', ({text}) => {
    const {first, second} = convertTwice(text)
    expect({changed: second.changed, refusals: refusals(second)}).toEqual({changed: false, refusals: refusals(first)})
  })

  test('beside a tag that a script adds to an image', () => {
    const {first, second} = convertTwice(`on: push
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/login-action@v3
        with: {username: octocat, password: "\${{ secrets.TOKEN }}"}
      - run: docker pull octocat/base
      - uses: docker/build-push-action@v6
        with:
          push: true
          tags: octocat/app:main
      - run: docker buildx imagetools create -t octocat/app:stable octocat/app:main
`)
    expect(first.jobs).toEqual(new Map([['image', 'partial']]))
    expect(second).toMatchObject({changed: false, jobs: new Map([['image', 'nothing']])})
  })

  test('where a job only joins images by tag', () => {
    const {first} = convertTwice(`on: push
jobs:
  manifest:
    steps:
      - uses: docker/login-action@v3
      - run: docker manifest create octocat/app:main octocat/app:main-amd64 octocat/app:main-arm64
`)
    expect(first).toMatchObject({changed: false, remarks: [], jobs: new Map([['manifest', 'nothing']])})
  })
})
