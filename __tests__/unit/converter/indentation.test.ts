import {expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'

function convert(steps: string): string {
  const {text, remarks} = convertWorkflow(`on: push\njobs:\n    image:\n        steps:\n${steps}`, {
    action: 'tagboat/tagboat@v1',
  })
  expect(remarks.filter(({level}) => level !== 'note')).toEqual([])
  return text.slice(text.indexOf('steps:\n') + 7)
}

const meta = (env: string): string => `        -   uses: docker/metadata-action@v5
            id: meta
            env:
                DOCKER_METADATA_PR_HEAD_SHA: true
                NOTE: |
                    two
                    lines
            with:
                images: octocat/app
        -   uses: docker/build-push-action@v6
${env}            with:
                push: true
                tags: \${{ steps.meta.outputs.tags }}
                labels: \${{ steps.meta.outputs.labels }}
`
const more = `                DOCKER_METADATA_PR_HEAD_SHA: 'true'\n                NOTE: "two\\nlines\\n"\n`
const inputs = `            with:
                images: octocat/app
                tags: |
                    type=schedule
                    type=ref,event=branch
                    type=ref,event=tag
                    type=ref,event=pr
                context: git
                push: true
`

test.each([
  {name: 'in a block', env: '            env:\n                A: b\n', own: '                A: b\n'},
  {
    name: 'in a block of its own indentation',
    env: '            env:\n             # why\n             A: b\n',
    own: '             # why\n             A: b\n',
  },
  {
    name: 'in braces',
    env: '            env: {A: b, C: "no"}\n',
    own: "                A: b\n                C: 'no'\n",
  },
])('variables of the metadata follow those of the build $name', ({env, own}) => {
  const indent = /^ */.exec(own)?.[0] ?? ''
  expect(convert(meta(env))).toBe(
    `        -   uses: tagboat/tagboat@v1\n            env:\n${own}${more.replaceAll(/^ +/gm, indent)}${inputs}`,
  )
})

test('new lines have the indentation of the file', () => {
  expect(convert(meta(''))).toBe(`        -   uses: tagboat/tagboat@v1\n${inputs}            env:\n${more}`)
})

test('other steps decide how new inputs are indented', () => {
  const steps = `        - uses: docker/metadata-action@v5
          id: meta
          with:
              images: octocat/app
        - uses: docker/build-push-action@v6
          with: {push: true, tags: "\${{ steps.meta.outputs.tags }}"}
`
  expect(convert(steps)).toContain('          with:\n              images: octocat/app\n              tags: |\n')
})
