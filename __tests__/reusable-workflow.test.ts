import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {leftOut, notPromoted} from '../scripts/documentation/reusable-workflow.ts'
import type {ActionName} from '../src/inputs/spec/action-names.ts'
import {defaultText, hasInput, inputNames, isInputName, specOf} from '../src/inputs/spec/all-inputs.ts'
import {hasOutput} from '../src/report/output-spec.ts'

interface Step {
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string>>
}

interface Job {
  readonly steps: readonly Step[]
  readonly outputs: Readonly<Record<string, string>>
  readonly permissions?: Readonly<Record<string, string>>
}

interface Workflow {
  readonly permissions?: unknown
  readonly on: {
    readonly workflow_call: Readonly<
      Record<
        'inputs' | 'secrets' | 'outputs',
        Readonly<Record<string, {readonly type?: string; readonly default?: string | number | boolean}>>
      >
    >
  }
  readonly jobs: Readonly<Record<'plan' | 'stage' | 'promote', Job>>
}

const file = path.join(import.meta.dirname, '..', '.github', 'workflows', 'publish.yml')
const {on, jobs, permissions} = parse(readFileSync(file, 'utf8')) as Workflow
const {inputs, secrets, outputs} = on.workflow_call
/** Inputs of the workflow that are not inputs of the actions. */
const ownInputs = ['runner', 'timeout-minutes']
const renamed: Readonly<Record<string, string>> = {'build-secrets': 'secrets'}
const offered = [...Object.keys(inputs), ...Object.keys(secrets)]

function givenTo(action: 'stage' | 'promote'): Readonly<Record<string, string>> {
  return jobs[action].steps.find(({uses}) => uses === `tagboat/tagboat/${action}@v1`)?.with ?? {}
}

function defaultOf(name: string): string {
  return isInputName(name) ? defaultText(name) : ''
}

function isForStages(name: string): boolean {
  return notPromoted.some((one) => one === name)
}

/** Inputs of an action that the workflow has. */
function inputsOf(action: ActionName): readonly string[] {
  const names = offered.map((name) => renamed[name] ?? name)
  return names.filter((name) => isInputName(name) && hasInput(action, name))
}

describe('the reusable workflow', () => {
  test.each(['stage', 'promote'] as const)('hands to %s every input that it has, and no other', (action) => {
    const given = action === 'promote' ? ['digests', ...inputsOf(action).filter((name) => !isForStages(name))] : []
    expect(Object.keys(givenTo(action)).sort()).toEqual([...(action === 'stage' ? inputsOf(action) : given)].sort())
  })

  test('runs no scanner beside the key of a signature', () => {
    expect(Object.keys(givenTo('promote')).filter((name) => name.startsWith('scan'))).toEqual([])
    expect(Object.keys(givenTo('stage'))).toEqual(expect.arrayContaining(['scan', 'scan-fail-on', 'scan-only-new']))
    expect(Object.keys(givenTo('stage')).filter((name) => name.startsWith('sign-'))).toEqual([])
  })

  test.each(['stage', 'promote'] as const)('hands each to %s as it was given', (action) => {
    const token = '${{ secrets.github-token || github.token }}'
    const wrong = Object.entries(givenTo(action)).filter(([name, value]) => {
      const from = Object.keys(renamed).find((one) => renamed[one] === name) ?? name
      const source = Object.hasOwn(secrets, from) ? 'secrets' : 'inputs'
      return value !== `\${{ ${source}.${from} }}`
    })
    expect(Object.fromEntries(wrong)).toEqual({
      platforms: action === 'stage' ? '${{ matrix.platform }}' : '${{ needs.plan.outputs.platforms }}',
      'github-token': token,
      ...(action === 'stage'
        ? {
            'cache-from': '${{ format(inputs.cache-from, matrix.name) }}',
            'cache-to': '${{ format(inputs.cache-to, matrix.name) }}',
          }
        : {digests: '${{ toJSON(needs.stage.outputs) }}'}),
    })
  })

  test('takes nothing that no action has', () => {
    const unknown = offered.filter((name) => !isInputName(renamed[name] ?? name))
    expect(unknown).toEqual(ownInputs)
  })

  test('has outputs of the promote, under their names', () => {
    const expected = Object.fromEntries(
      Object.keys(outputs).map((name) => [name, `\${{ steps.promote.outputs.${name} }}`]),
    )
    expect(jobs.promote.outputs).toEqual(expected)
    expect(Object.keys(outputs).filter((name) => !hasOutput('promote', name))).toEqual([])
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(['gates', 'signatures', 'signer']))
  })

  test('has the defaults of the action', () => {
    const wrong = Object.entries(inputs).filter(
      ([name, {default: value}]) =>
        value !== undefined && !['platforms', ...ownInputs].includes(name) && String(value) !== defaultOf(name),
    )
    expect(wrong).toEqual([])
  })

  test.each(Object.entries(leftOut))('lacks %s, since %s', (name, reason) => {
    expect(isInputName(name)).toBe(true)
    expect(reason.length).toBeGreaterThan(20)
    expect(offered.map((one) => renamed[one] ?? one)).not.toContain(name)
  })

  test('has every other input', () => {
    const all = new Set([...inputNames('stage'), ...inputNames('promote')])
    const missing = [...all].filter((name) => !inputsOf('stage').includes(name) && !inputsOf('promote').includes(name))
    expect(missing.sort()).toEqual(Object.keys(leftOut).sort())
  })

  test('takes secrets as secrets, and nothing else', () => {
    const all = [...inputNames('stage'), ...inputNames('promote')]
    const secret = new Set(all.filter((name) => specOf(name).secret === true && !Object.hasOwn(leftOut, name)))
    expect(
      Object.keys(secrets)
        .map((name) => renamed[name] ?? name)
        .sort(),
    ).toEqual([...secret].sort())
  })

  test('has inputs of the form that the action reads', () => {
    const wrong = Object.entries(inputs).filter(([name, {type}]) => {
      const form = isInputName(name) ? specOf(name).form : 'text'
      const expected = form === 'boolean' ? 'boolean' : form === 'integer' ? 'number' : 'string'
      return !ownInputs.includes(name) && type !== expected
    })
    expect(wrong).toEqual([])
  })
})

test('no job that builds gets all that the caller grants, such as ID tokens', () => {
  expect([permissions, jobs.promote.permissions, jobs.plan.permissions]).toEqual([undefined, undefined, undefined])
  expect(jobs.stage.permissions).toEqual({contents: 'read', packages: 'write'})
  expect(jobs.plan.steps.filter(({uses}) => uses !== undefined)).toEqual([])
})

describe('the right to ID tokens', () => {
  function check(sign: string, env: Readonly<Record<string, string>> = {}): readonly unknown[] {
    const script = jobs.plan.steps.find(({id}) => id === 'sign')?.run ?? 'exit 99'
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script]
    const {status, stdout} = spawnSync('bash', args, {env: {PATH: process.env['PATH'], SIGN: sign, ...env}})
    return [status, stdout.toString().split('. ')[0] ?? '']
  }

  test.each(['keyless', 'key, Keyless', 'key\n  keyless\r\n'])('is needed before the build: sign: %j', (sign) => {
    expect(check(sign)).toEqual([1, expect.stringMatching(/^::error title=tagboat::sign: keyless /)])
    expect(check(sign, {ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x.example'})).toEqual([0, ''])
  })

  test.each(['key', '# keyless\nkey', 'keyles'])('is not needed: sign: %j', (sign) => {
    expect(check(sign)).toEqual([0, ''])
  })
})
