import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {UsageError} from '../../../src/cli/command-line.ts'
import {migrateCommand} from '../../../src/cli/migrate-command.ts'
import {planCommand} from '../../../src/cli/plan/plan-command.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'
import {planOf as plan, runOn as run} from '../../../testing/plan-of.ts'

const workflow = `on:
  push:
  release: {types: [released]}
  workflow_call: {inputs: {tag: {type: string, default: called}}}
  workflow_dispatch:
    inputs:
      channel: {type: choice, options: [stable, edge]}
      debug: {type: boolean}
jobs:
  image:
    steps:
      - id: publish
        uses: tagboat/tagboat@v1
        with: {tags: "a\${{ inputs.tag }}"}
`

describe('the options of tagboat plan', () => {
  test.each([
    {args: ['--repository', 'foo'], message: 'owner/name'},
    {args: ['--sha', 'xyz'], message: '--sha'},
    {args: ['--sha', '860c190'], message: '--sha 860c190: no checkout here has such a commit'},
    {args: ['--ref', ''], message: '--ref'},
    {args: ['--ref', 'refs/tags/'], message: '--ref'},
    {args: ['--ref', 'a b~^'], message: '--ref'},
    {args: ['--ref', 'a..b'], message: '--ref'},
    {args: ['--default-branch', ''], message: '--default-branch'},
    {args: ['--all-events', '--event', 'push'], message: 'exclude'},
    {args: ['--step', 'nosuch'], message: 'image › publish'},
    {args: ['--input', 'chanel=stable'], message: 'Did you mean channel?'},
    {args: ['--input', 'channel=nightly'], message: 'stable, edge'},
    {args: ['--input', 'debug=yes'], message: 'true or false'},
  ])('are refused with $args', async ({args, message}) => {
    const refusal: unknown = await plan(workflow, ...args).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(UsageError)
    expect(String(refusal)).toContain(message)
  })

  test('are accepted with valid values', async () => {
    const args = ['--repository', 'a/b', '--sha', '1'.repeat(40), '--step', 'publish', '--input', 'channel=edge']
    expect((await plan(workflow, ...args, '--event', 'dispatch')).exitCode).toBe(0)
  })
})

describe('values that only a run knows', () => {
  const text = `on: push
jobs:
  test: {outputs: {channel: "\${{ steps.x.outputs.y }}"}, steps: [{id: x, run: make}]}
  image:
    needs: test
    if: vars.GO == 'yes'
    steps:
      - {id: meta, run: ./tags}
      - id: publish
        uses: tagboat/tagboat@v1
        with:
          tags: |
            \${{ steps.meta.outputs.tag }}
            \${{ needs.test.outputs.channel }}
            \${{ secrets.NIGHTLY && 'nightly' }}
          build-args: A=\${{ steps.meta.outputs.arg }}
`
  const given = ['steps.meta.outputs.tag=a', 'needs.test.outputs.channel=b', 'vars.GO=yes'].flatMap((pair) => [
    '--value',
    pair,
  ])

  test('are named with their options', async () => {
    expect((await plan(text)).stdout).toContain('to plan with a value, add --var GO=VALUE\n')
    const {stdout} = await plan(text, '--var', 'GO=yes')
    expect(stdout).toContain('tags is not known: steps.meta.outputs.tag, needs.test.outputs.channel')
    expect(stdout).toContain(
      'add --value steps.meta.outputs.tag=VALUE --value needs.test.outputs.channel=VALUE --value steps.meta.outputs.arg=VALUE\n',
    )
  })

  test('are planned with', async () => {
    const {stdout} = await plan(text, ...given, '--json')
    const step = (JSON.parse(stdout) as {files: {events: {steps: object[]}[]}[]}).files[0]?.events[0]?.steps[0]
    expect(step).toMatchObject({
      state: 'planned',
      outputs: {'tag-names': 'a\nb\nnightly'},
      unknown: [
        {
          input: 'build-args',
          names: ['steps.meta.outputs.arg'],
          options: ['--value steps.meta.outputs.arg=VALUE'],
        },
      ],
    })
  })

  test.each([
    {path: 'a=b/VERSION', option: `--value '"file:a=b/VERSION"=VALUE'`},
    {path: "it's/VERSION", option: String.raw`--value 'file:it'\''s/VERSION=VALUE'`},
    {path: 'app/VERSION', option: '--value file:app/VERSION=VALUE'},
  ])('have an option that a shell passes on for the file $path', async ({path: file, option}) => {
    const step = `version: "file:${file}"\ntags: "type=semver,pattern={{version}}"\n`
    const missing = await plan(step)
    expect(missing.stdout).toContain(`, add ${option}\n`)
    const word = execFileSync('sh', ['-c', `printf %s ${option.replace('--value ', '')}`], {encoding: 'utf8'})
    const {stdout} = await plan(step, '--value', word.replace(/VALUE$/, '1.2.3'))
    expect(stdout).toMatch(/^ {4}1\.2\.3 /m)
  })

  test('have no options where the step is planned without them', async () => {
    expect((await plan(text, ...given)).stdout).not.toContain('to plan with a value')
  })

  test('can be a secret that does not exist', async () => {
    const {stdout} = await plan(text, ...given, '--value', 'secrets.NIGHTLY=')
    expect(stdout).not.toContain('nightly')
    expect(stdout).toMatch(/^ {4}b /m)
  })

  test.each([
    {name: 'steps.mta.outputs.tag', message: 'no step has the ID mta. Did you mean meta?'},
    {name: 'needs.tset.result', message: 'no job has the ID tset. Did you mean test?'},
    {name: 'github.ref', message: 'not github.ref'},
    {name: 'steps.meta.tag', message: 'not steps.meta.tag'},
    {name: 'inputs.nosuch', message: 'no input of the workflow is nosuch'},
  ])('are refused as $name', async ({name, message}) => {
    await expect(plan(text, '--value', `${name}=1`)).rejects.toThrow(message)
  })
})

describe('the events of tagboat plan', () => {
  test('have a call of the workflow, with its inputs', async () => {
    const {stdout} = await plan(workflow, '--event', 'workflow_call')
    expect(stdout).toMatch(/^Call: push of refs\/heads\/main/)
    expect(stdout).toMatch(/^ {4}acalled /m)
    const {stdout: other} = await plan('on: push\njobs: {}', '--event', 'workflow_call')
    expect(other).toContain('does not run: `on` does not list workflow_call, only push')
  })

  test('have the activity of a release that the workflow lists', async () => {
    expect((await plan(workflow, '--event', 'release')).stdout).toMatch(/^ {4}a /m)
    const deleted = workflow.replace('[released]', '[deleted]')
    expect((await plan(deleted, '--event', 'release')).stdout).toContain('does not run')
  })
})

describe('a workflow for an activity that is not the usual one', () => {
  const labeled = (types: string): string =>
    `on: {pull_request: {types: ${types}}}\njobs:\n  image: {steps: [{uses: tagboat/tagboat@v1, with: {push: false, tags: "a-\${{ github.event.action }}"}}]}`

  test('is planned for the first of its types, and names it', async () => {
    const {stdout} = await plan(labeled('[labeled, unlabeled]'), '--event', 'pull-request')
    expect(stdout).toContain('\n  as `labeled`, the first of `types`\n')
    expect(stdout).toMatch(/^ {4}a-labeled /m)
    const {stdout: json} = await plan(labeled('[labeled]'), '--event', 'pull_request', '--json')
    expect(JSON.parse(json)).toMatchObject({files: [{events: [{activity: 'labeled'}]}]})
  })

  test('is planned for the usual one if it lists it', async () => {
    const {stdout} = await plan(labeled('[labeled, synchronize]'), '--event', 'pull-request')
    expect(stdout).not.toContain('as `')
    expect(stdout).toMatch(/^ {4}a-synchronize /m)
  })

  test('does not run for an activity that was chosen', async () => {
    expect((await plan(labeled('[closed]'), '--event', 'pull-request')).stdout).toContain('does not run')
    expect((await plan(labeled('[labeled]'), '--event', 'closed')).stdout).toContain('does not run')
    const payload = ['--event', 'pull_request', '--payload', 'a.yml']
    const json = '{"action": "opened", "on": {"pull_request": {"types": ["labeled"]}}, "jobs": {"a": {"steps": []}}}'
    expect((await plan(json, ...payload)).stdout).toContain('and this is opened')
  })
})

test('a file that is not valid does not hide the plan of another one', async () => {
  const {stdout, stderr, exitCode} = await run(planCommand, 'jobs: [', ['a.yml', '-'])
  expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
  expect(stderr).toMatch(/^a\.yml:1:\d+: .*\nstdin:1:\d+: /)
  await using directory = await temporaryDirectory()
  writeFileSync(path.join(directory.path, 'bad.yml'), 'jobs: [')
  const both = await run(planCommand, '- uses: tagboat/tagboat@v1', ['a.yml', path.join(directory.path, 'bad.yml')])
  expect(both).toMatchObject({stdout: expect.stringContaining('publish'), exitCode: 2})
  expect(both.stderr).toContain('bad.yml:1:')
  for (const option of [
    ['--input', 'a=b'],
    ['--value', 'steps.x.outputs.y=1'],
    ['--step', 'x'],
  ]) {
    expect((await plan('jobs: [', ...option)).stderr).toMatch(/^a\.yml:1:/)
  }
})

describe('the text of tagboat plan', () => {
  test('says that no step is one of Tagboat', async () => {
    expect((await plan('- uses: actions/checkout@v5')).stdout).toMatch(/has no step of Tagboat$/m)
    expect((await plan('- uses: docker/build-push-action@v6')).stdout).toContain('`tagboat migrate a.yml` converts')
    expect((await plan('- uses: tagboat/tagboat@v1')).stdout).not.toContain('has no step')
  })

  test('says that a stage pushes without tags', async () => {
    const {stdout} = await plan('- uses: tagboat/tagboat/stage@v1\n  with: {images: ghcr.io/a/b}')
    expect(stdout).toMatch(/^ {2}stage \(pushes by digest, without tags\)\n {4}yes: /m)
    expect((await plan('- uses: tagboat/tagboat@v1')).stdout).toMatch(/^ {2}publish\n {4}yes: /m)
  })

  test('says that a needed job fails', async () => {
    const text = `jobs:
  image: {steps: [{uses: tagboat/tagboat@v1, with: {tags: "a:b:c"}}]}
  deploy: {needs: image, steps: [{uses: tagboat/tagboat@v1}]}`
    expect((await plan(text)).stdout).toContain('a job that deploy needs fails')
  })

  test('warns that the token of a fork cannot push', async () => {
    const text = '- uses: tagboat/tagboat@v1\n  with: {push: true, images: ghcr.io/a/b, tags: a}'
    expect((await plan(text, '--event', 'fork')).stdout).toContain('the push fails')
    expect((await plan(text, '--event', 'pull-request')).stdout).not.toContain('the push fails')
  })

  test('has its errors in the order of the lines, at keys that do not exist', async () => {
    const text = '- uses: tagboat/tagboat@v1\n  with:\n    tags: |\n      type=nosuch\n    imagess: ghcr.io/a/b'
    const {stderr, exitCode} = await plan(text)
    expect(exitCode).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^a\.yml:4:7: tags: /),
      expect.stringMatching(/^a\.yml:5:5: imagess: unknown input\. Did you mean "images"\?$/),
    ])
  })
})

describe('tagboat migrate', () => {
  const text = '- uses: docker/build-push-action@v6\n  with: {push: true, tags: ghcr.io/a/b:edge}\n'
  test('converts standard input', async () => {
    const {stdout} = await run(migrateCommand, text, ['-'])
    expect(stdout).toContain('tagboat/tagboat@v1')
  })

  test.each([
    ['--write', '--check'],
    ['--diff', '--json'],
    ['--action', ''],
    ['--action', 'a/b'],
    ['--action', 'a/b@${{ x }}'],
  ])('refuses %s %s', async (...args) => {
    await expect(run(migrateCommand, text, ['a.yml', ...args])).rejects.toThrow(UsageError)
  })

  test.each(['./', 'a/b/publish@v1', 'a/b@0123456 # v1.2.3'])('writes the action %s', async (action) => {
    expect((await run(migrateCommand, text, ['a.yml', '--action', action])).stdout).toContain(`uses: ${action}`)
  })

  test('cannot write it', async () => {
    expect((await run(migrateCommand, 'jobs: [', ['-'])).stderr).toMatch(/^stdin:1:/)
    await expect(run(migrateCommand, text, ['-', '--write'])).rejects.toThrow(UsageError)
  })
})
