import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {parse, stringify} from 'yaml'
import {actProgram, copyParts, makeUserRepository, runAct, runnersHere, type ActResult} from '../../testing/act.ts'
import {readFiles, readIndex, readManifest} from '../../testing/image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {projectRoot} from '../../testing/runner.ts'
import {busyboxDirectory} from '../../testing/sample.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const workflowFile = path.join('.github', 'workflows', 'publish.yml')
let registry: Registry
let scratch: string
let act: string

interface WorkflowStep {
  readonly id?: string
  readonly uses?: string
  readonly run?: string
}

interface Workflow {
  readonly jobs: Readonly<
    Record<
      'plan' | 'stage' | 'promote',
      {
        readonly steps: readonly WorkflowStep[]
        readonly strategy?: object
        readonly outputs: Readonly<Record<string, string>>
      }
    >
  >
}

beforeAll(async () => {
  ;[registry, scratch, act] = await Promise.all([
    startRegistry({login}),
    mkdtemp(path.join(tmpdir(), 'tagboat-workflow-')),
    actProgram(),
  ])
  await makeUserRepository(path.join(scratch, 'repository'), {
    parts: ['sample'],
    workflow: path.join(import.meta.dirname, 'caller.yml'),
  })
  await makeActionRepository(path.join(scratch, 'tagboat'))
}, 600_000)

afterAll(async () => {
  await Promise.all([registry.stop(), rm(scratch, {recursive: true, force: true})])
})

async function readWorkflow(): Promise<Workflow> {
  return parse(await readFile(path.join(projectRoot, workflowFile), 'utf8')) as Workflow
}

async function makeActionRepository(directory: string): Promise<void> {
  await copyParts(['action.yml', 'stage', 'promote', 'dist'], directory)
  await mkdir(path.join(directory, path.dirname(workflowFile)), {recursive: true})
  await writeFile(path.join(directory, workflowFile), stringify(forAct(await readWorkflow())))
}

/**
 * Adapts the workflow to act. GitHub merges the outputs of the jobs of a matrix and drops empty ones. act evaluates all of
 * them after the first job (https://github.com/nektos/act/issues/981), so each job outputs the others as expressions.
 */
function forAct(workflow: Workflow): Workflow {
  const {stage} = workflow.jobs
  const others = Object.entries(stage.outputs)
    .filter(([name]) => name.startsWith('digest-'))
    .map(([name, value]) => `[[ ${name} == "digest-$INDEX" ]] || echo '${name}=${literal(value)}' >>"$GITHUB_OUTPUT"\n`)
  const steps = stage.steps.map((step) =>
    step.id === 'digest' ? {...step, run: [step.run, ...others].join('')} : step,
  )
  return {
    ...workflow,
    jobs: {...workflow.jobs, stage: {...stage, steps, strategy: {...stage.strategy, 'max-parallel': 1}}},
  }
}

/** Expression whose value is an expression. */
function literal(expression: string): string {
  return `\${{ '${expression}' }}`
}

/** Replacements for actions that cannot be downloaded. */
async function standIns(): Promise<readonly string[]> {
  const {stage} = (await readWorkflow()).jobs
  const buildx = stage.steps.flatMap(({uses = ''}) => (uses.startsWith('docker/') ? [uses] : []))
  const folder = path.join(scratch, 'stand-in')
  await mkdir(folder, {recursive: true})
  const steps = [{run: 'exit 1', shell: 'bash'}]
  await writeFile(path.join(folder, 'action.yml'), stringify({name: 'stand-in', runs: {using: 'composite', steps}}))
  return buildx.flatMap((uses) => ['--local-repository', `${uses}=${folder}`])
}

async function release(testCommands: string): Promise<ActResult> {
  const variables = {
    REGISTRY: registry.host,
    TAGBOAT_BUSYBOX: busyboxDirectory(),
    BUILDER: process.env['BUILDX_BUILDER'] ?? 'default',
    OUTPUTS_FILE: path.join(scratch, 'outputs'),
    TEST: testCommands,
  }
  return runAct(act, {
    scratch,
    repository: path.join(scratch, 'repository'),
    args: [
      ...runnersHere(['small-machine', 'amd64-machine', 'arm64-machine']),
      '--local-repository',
      `tagboat/tagboat@v1=${path.join(scratch, 'tagboat')}`,
      ...(await standIns()),
      ...Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}=${value}`]),
    ],
    secrets: {REGISTRY_PASSWORD: login.password},
  })
}

describe('a workflow that calls the reusable workflow', () => {
  test('tags nothing when the test of a platform fails', async () => {
    const {exitCode, log} = await release('case $IMAGE_LINUX_ARM64 in ?*) exit 3 ;; esac')
    expect(log).toContain('[test-failed]')
    expect(log).not.toContain('Run Main Promote')
    expect(log).not.toContain('read the outputs')
    expect(exitCode).toBe(1)
    expect(await registry.tags('team/app')).toEqual([])
  })

  test('stages each platform on its runner, and promotes once', async () => {
    const {exitCode, log} = await release('')
    expect(log.match(/Success - Main Stage/g)).toHaveLength(2)
    expect(log.match(/Success - Main Promote/g)).toHaveLength(1)
    expect(exitCode).toBe(0)
    const outputs = JSON.parse(await readFile(path.join(scratch, 'outputs'), 'utf8')) as Record<string, string>
    const {digest = 'no digest'} = outputs
    expect(outputs).toMatchObject({pushed: 'true', version: '1.2.3', image: `${registry.host}/team/app@${digest}`})
    expect(outputs['tags']?.split(' ')).toContain(`${registry.host}/team/app:1.2.3`)
    for (const tag of ['1.2.3', '1.2', '1', 'latest']) {
      expect((await registry.manifest('team/app', tag))?.digest).toBe(digest)
    }
    const {manifests} = await readIndex({registry, repository: 'team/app', reference: digest})
    expect(manifests.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'arm64', 'unknown', 'unknown'])
    const [image] = manifests
    const {annotations} = await readManifest({registry, repository: 'team/app', reference: image?.digest ?? ''})
    expect(annotations).toMatchObject({'com.example.crew': 'three'})
    const proofs = manifests.slice(0, 2).map(async ({digest: reference}) => {
      return (await readFiles({registry, repository: 'team/app', reference})).get('www/proof.txt')
    })
    expect(await Promise.all(proofs)).toEqual([
      'version=1.2.3\nplatform=linux/amd64\nmachine=x86_64\n',
      'version=1.2.3\nplatform=linux/arm64\nmachine=aarch64\n',
    ])
  })
})

describe('a release that the reusable workflow has published', () => {
  test('is built on no runner when the run is repeated, and has the same outputs', async () => {
    const published = (await registry.manifest('team/app', '1.2.3'))?.digest
    const {exitCode, log} = await release('exit 3')
    expect(exitCode).toBe(0)
    expect(log.match(/Success - Main Stage/g)).toHaveLength(2)
    expect(log).not.toContain('docker buildx build')
    expect(log.match(/Success - Main Promote/g)).toHaveLength(1)
    const outputs = JSON.parse(await readFile(path.join(scratch, 'outputs'), 'utf8')) as Record<string, string>
    expect(outputs).toMatchObject({digest: published, pushed: 'false', version: '1.2.3'})
  })

  test('is refused before the builds if the version now belongs to another commit', async () => {
    const published = (await registry.manifest('team/app', '1.2.3'))?.digest
    await moveTag(path.join(scratch, 'repository'))
    const {exitCode, log} = await release('')
    expect(exitCode).toBe(1)
    expect(log).toContain('[tag-taken]')
    expect(log).not.toContain('docker buildx build')
    expect(log).not.toContain('Run Main Promote')
    expect((await registry.manifest('team/app', '1.2.3'))?.digest).toBe(published)
  })
})

/** Adds a commit to a repository, and moves the Git tag of the release to it. */
async function moveTag(cwd: string): Promise<void> {
  const person = ['-c', 'user.name=A Sailor', '-c', 'user.email=sailor@example.com', '-c', 'commit.gpgSign=false']
  await promisify(execFile)('git', [...person, 'commit', '--quiet', '--allow-empty', '--message', 'Another'], {cwd})
  await promisify(execFile)('git', ['tag', '--force', 'v1.2.3'], {cwd})
}

describe('the input platforms', () => {
  /** Runs the job `plan`, and returns its outputs or its log. */
  async function plan(platforms: string): Promise<unknown> {
    const {steps} = (await readWorkflow()).jobs.plan
    const script = steps.find(({id}) => id === 'legs')?.run ?? 'exit 99'
    const file = path.join(scratch, 'github-output')
    await writeFile(file, '')
    const env = {...process.env, PLATFORMS: platforms, GITHUB_OUTPUT: file}
    try {
      await promisify(execFile)('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {env})
    } catch (error) {
      return (error as {readonly stdout: string}).stdout.trim()
    }
    const [, legs = '', joined = ''] = /^legs=(.*)\nplatforms=(.*)\n$/.exec(await readFile(file, 'utf8')) ?? []
    return {legs: JSON.parse(legs) as unknown, platforms: joined}
  }

  const amd64 = {index: 0, platform: 'linux/amd64', name: 'linux-amd64', runner: 'ubuntu-24.04'}
  const arm64 = {index: 1, platform: 'linux/arm64', name: 'linux-arm64', runner: 'ubuntu-24.04-arm'}

  test.each([
    {
      name: 'without labels use runners of GitHub',
      text: 'linux/amd64\nlinux/arm64\n',
      expected: {legs: [amd64, arm64], platforms: 'linux/amd64,linux/arm64'},
    },
    {
      name: 'have custom labels, with blanks and comments',
      text: '\n  # fast\r\n linux/arm64 = big , self-hosted\n\nlinux/arm/v7=pi',
      expected: {
        legs: [
          {...arm64, index: 0, runner: ['big', 'self-hosted']},
          {index: 1, platform: 'linux/arm/v7', name: 'linux-arm-v7', runner: 'pi'},
        ],
        platforms: 'linux/arm64,linux/arm/v7',
      },
    },
  ])('$name', async ({text, expected}) => {
    expect(await plan(text)).toEqual(expected)
  })

  test.each([
    {name: 'an empty list', text: '\n', message: 'is empty'},
    {name: 'a word', text: 'arm64', message: '"arm64"'},
    {name: 'no label', text: 'linux/arm64=', message: 'linux/arm64 has no runner label'},
    {name: 'an invalid label', text: 'linux/arm64="x"', message: 'or an invalid one'},
    {
      name: 'a platform without a hosted runner',
      text: 'linux/s390x',
      message: 'linux/s390x has no hosted runner of GitHub',
    },
    {
      name: 'a platform that is listed twice',
      text: 'linux/amd64\nlinux/amd64=big',
      message: 'linux/amd64 is listed twice',
    },
    {
      name: 'too many',
      text: Array.from({length: 11}, (_, at) => `linux/cpu${at}=x`).join('\n'),
      message: 'the list has 11 platforms',
    },
  ])('$name: refused', async ({text, message}) => {
    const printed = await plan(text)
    expect(printed).toEqual(expect.stringMatching(/^::error title=tagboat::platforms: /))
    expect(printed).toContain(message)
  })
})
