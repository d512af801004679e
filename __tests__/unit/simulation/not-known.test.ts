import {describe, expect, test} from '@jest/globals'
import {simulatedText, tagsOfText as tags} from '../../../testing/simulated-tags.ts'
import type {SimulatedStep, WorkflowOptions} from '../../../src/simulation/workflow/simulated-workflow.ts'

/** Workflow with the steps, in a job. */
function workflow(steps: string): string {
  return `on: [push, pull_request]\nenv: {KNOWN: a}\njobs:\n  image:\n    steps:\n${steps.replaceAll(/^/gm, '      ')}`
}

/** State and unknown values of the last step of Tagboat. */
async function last(text: string, options: Partial<WorkflowOptions> = {}): Promise<Partial<SimulatedStep>> {
  const {steps} = await simulatedText(text, {event: 'push'}, options)
  const {state, unknown} = steps.at(-1) ?? {}
  return {...(state && {state}), ...(unknown && {unknown})}
}

const tagboat = (input: string): string => `- uses: tagboat/tagboat@v1\n  with:\n    ${input}`

describe('a variable', () => {
  const writer = '- run: echo "V=$(cat VERSION)" >> "$GITHUB_ENV"\n'
  const reader = tagboat('tags: a/b:${{ env.V }}')
  const unknown = {state: 'unknown', unknown: [{input: 'tags', names: ['env.V']}]}

  test.each([
    {name: 'that a script writes', text: workflow(writer + reader)},
    {name: 'that another script may write', text: workflow(`- run: ./version.sh\n${reader}`)},
    {name: 'that an action may write', text: workflow(`- uses: someone/version@v1\n${reader}`)},
    {
      name: 'that a script writes without its name',
      text: workflow(`- run: cat variables >> $GITHUB_ENV\n${tagboat('tags: a/b:${{ env.KNOWN }}')}`),
      expected: {state: 'unknown', unknown: [{input: 'tags', names: ['env.KNOWN']}]},
    },
    ...['docker/metadata-action@v6', 'tagboat/tagboat@v1'].map((uses) => ({
      name: `that ${uses} exports`,
      text: workflow(`- uses: ${uses}\n${tagboat('tags: type=raw,value=${{ env.DOCKER_METADATA_OUTPUT_VERSION }}')}`),
      expected: {state: 'unknown', unknown: [{input: 'tags', names: ['env.DOCKER_METADATA_OUTPUT_VERSION']}]},
    })),
    {name: 'that a tool may set up', text: workflow(`- uses: actions/setup-java@v5\n${reader}`)},
    {name: 'of a part of a job', text: reader},
    {
      name: 'of the workflow that a script writes again',
      text: workflow(`- run: echo "KNOWN=b" >> $GITHUB_ENV\n${tagboat('tags: a/b:${{ env.KNOWN }}')}`),
      expected: {state: 'unknown', unknown: [{input: 'tags', names: ['env.KNOWN']}]},
    },
    {
      name: 'of docker/metadata-action that a script writes again',
      text: `env: {DOCKER_METADATA_SHORT_SHA_LENGTH: 7}\nsteps:\n- run: echo "DOCKER_METADATA_SHORT_SHA_LENGTH=9" >> $GITHUB_ENV\n${tagboat('tags: type=sha')}`,
      expected: {
        state: 'unknown',
        unknown: [{input: 'env.DOCKER_METADATA_SHORT_SHA_LENGTH', names: ['env.DOCKER_METADATA_SHORT_SHA_LENGTH']}],
      },
    },
  ])('$name is unknown', async ({text, expected = unknown}) => {
    expect(await last(text)).toEqual(expected)
  })

  test('that is given is known', async () => {
    expect(await tags(workflow(writer + reader), undefined, {env: {V: '1.0'}})).toEqual(['1.0'])
  })

  test.each([
    {name: 'before the script', text: workflow(tagboat('tags: a/b:x${{ env.V }}') + `\n${writer}`), expected: ['x']},
    {
      name: 'after a checkout',
      text: workflow(`- uses: actions/checkout@v5\n${tagboat('tags: a/b:x${{ env.V }}')}`),
      expected: ['x'],
    },
    {
      name: 'that docker/metadata-action does not export',
      text: workflow(`- uses: docker/metadata-action@v6\n${tagboat('tags: a/b:x${{ env.V }}')}`),
      expected: ['x'],
    },
    {
      name: 'of a script that does not run',
      text: workflow(
        `- run: echo "V=1" >> $GITHUB_ENV\n  if: github.event_name == 'schedule'\n${tagboat('tags: a/b:x${{ env.V }}')}`,
      ),
      expected: ['x'],
    },
    {
      name: 'that the script does not name',
      text: workflow(writer + tagboat('tags: a/b:${{ env.KNOWN }}')),
      expected: ['a'],
    },
    {name: 'of the step itself', text: workflow(`${writer}${reader}\n  env: {V: own}`), expected: ['own']},
  ])('$name is known', async ({text, expected}) => {
    expect(await tags(text)).toEqual(expected)
  })
})

describe('a fact of the repository', () => {
  test.each([
    {input: 'version: file:package.json', unknown: [{input: 'version', names: ['file:package.json']}]},
    {input: 'tags: type=file,path=Chart.yaml', unknown: [{input: 'tags', names: ['file:Chart.yaml']}]},
    {
      input: '{version: auto, tags: "type=semver,pattern={{version}}"}',
      unknown: [{input: 'version', names: [expect.stringContaining('Git tags')]}],
    },
  ])('that $input needs is unknown', async ({input, unknown}) => {
    const text = input.startsWith('{') ? `with: ${input}` : input
    expect(await last(text)).toEqual({state: 'unknown', unknown})
  })

  test('that is given is known', async () => {
    const files = {'package.json': '{"version": "4.5.6"}'}
    const text = 'with: {version: "file:package.json", tags: "type=semver,pattern={{version}}"}'
    expect(await tags(text, undefined, {files})).toEqual(['4.5.6 latest'])
    const auto = 'with: {version: auto, tags: "type=semver,pattern={{version}}"}'
    expect(await tags(auto, undefined, {tagsOfCommit: ['v4.5.6']})).toEqual(['4.5.6 latest'])
    expect(await tags(auto, undefined, {tagsOfCommit: []})).toEqual(['nothing-to-tag'])
  })

  test.each([
    {before: '', expected: 'input-invalid'},
    {before: '- uses: actions/checkout@v5', expected: 'input-invalid'},
    {before: '- uses: docker/setup-buildx-action@v4', expected: 'input-invalid'},
    {before: '- uses: docker/build-push-action@v7', expected: 'input-invalid'},
    {before: '- uses: docker/build-push-action@v7\n  with: {outputs: "type=local,dest=dist"}', expected: 'unknown'},
    {before: '- run: npm pack', expected: 'unknown'},
    {before: '- uses: actions/download-artifact@v5', expected: 'unknown'},
    {before: '- uses: actions/cache@v4', expected: 'unknown'},
    {before: '- uses: actions/checkout@v5\n- uses: actions/checkout@v5\n  with: {path: next}', expected: 'unknown'},
  ])('does not exist if all files are given, unless a step may write it: $before', async ({before, expected}) => {
    const text = `${before}\n${tagboat('version: file:package.json')}`
    expect((await tags(text, undefined, {hasAllFiles: true})).at(-1)).toBe(expected)
  })
})

describe('a secret', () => {
  test.each([
    {input: 'images: ${{ secrets.DOCKERHUB_USERNAME }}/app', expected: '***/app'},
    {input: 'images: ${{ secrets.IMG }}', expected: '***'},
    {input: 'images: ${{ secrets.HOST_Z }}:5000/app', expected: '***:5000/app'},
    {input: 'tags: ${{ secrets.USER }}/app:${{ github.ref_name }}', expected: '***/app'},
  ])('in a name is not shown as a text: $input', async ({input, expected}) => {
    const {steps} = await simulatedText(input)
    expect(steps[0]?.result?.failure).toBeUndefined()
    expect(steps[0]?.result?.outputs['tags']).toContain(`${expected}:main`)
    expect(JSON.stringify(steps)).not.toMatch(/zq/)
  })

  test.each([
    {input: 'environment: ${{ secrets.STAGE }}', names: ['secrets.STAGE']},
    {input: 'tags: type=raw,value=${{ secrets.TAG_Z }}', names: ['secrets.TAG_Z']},
    {input: 'images: ${{ secrets.ID }}.dkr.ecr.eu-west-1.amazonaws.com/app', names: ['secrets.ID']},
    {input: "push: ${{ secrets.PUSH == 'true' }}", names: ['secrets.PUSH']},
    {input: "push: ${{ contains(secrets.LIST, 'app') }}", names: ['secrets.LIST']},
    {input: 'tags: a-${{ fromJSON(secrets.DATA).tag }}', names: ['secrets.DATA']},
  ])('that decides is unknown: $input', async ({input, names}) => {
    expect(await last(input)).toEqual({state: 'unknown', unknown: [{input: input.split(':', 1)[0], names}]})
  })

  const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
  test.each([
    {name: 'secrets', username: '${{ secrets.AWS_ACCESS_KEY_ID }}', names: ['secrets.AWS_ACCESS_KEY_ID']},
    {name: 'variables', username: '${{ vars.AWS_KEY }}', names: ['vars.AWS_KEY']},
  ])('of a login is not judged by its form: $name', async ({username, names}) => {
    const text = `with:\n  images: ${registry}/app\n  registry: ${registry}\n  username: ${username}\n  password: \${{ secrets.KEY }}`
    const {steps} = await simulatedText(text)
    expect(steps[0]?.result?.failure).toBeUndefined()
    expect(steps[0]?.result?.outputs['tag-names']).toContain('main')
    expect(steps[0]?.unknown.find(({input}) => input === 'username')?.names).toEqual(names)
  })

  test('of a login does not hide an error of another input', async () => {
    const text = `with:\n  images: ${registry}/app\n  registry: ${registry}\n  username: \${{ secrets.USER }}\n  password: \${{ secrets.KEY }}\n  platforms: linux/amd46x/y/z`
    expect(await tags(text)).toEqual(['input-invalid'])
  })

  test('that is given has its value', async () => {
    expect(await tags('tags: type=raw,value=${{ secrets.A }}', undefined, {values: {'secrets.A': 'one'}})).toEqual([
      'one',
    ])
  })
})
