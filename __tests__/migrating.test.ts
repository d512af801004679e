import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {formatProblem, Problems} from '../src/inputs/problem.ts'
import {readInputs} from '../src/inputs/read.ts'
import {inputSpecs, laterInputs} from '../src/inputs/spec/spec.ts'

const text = readFileSync(path.join(import.meta.dirname, '..', 'docs', 'migrating.md'), 'utf8')

/** Inputs and outputs that a table may name. */
const known = new Set<string>([...Object.keys(inputSpecs), ...laterInputs, 'image', 'images', 'tag-names', 'tags'])

interface Step {
  /** Action of the step, or undefined for a step with commands. */
  readonly uses?: string
  readonly with?: Readonly<Record<string, string | boolean>>
}

/** The steps of Tagboat in the examples, in order. */
function steps(): readonly Step[] {
  return [...text.matchAll(/```yaml\n(.*?)```/gs)].flatMap(([, yaml = '']) => {
    const block = parse(yaml) as readonly Step[] | {readonly steps?: readonly Step[]}
    const found = 'steps' in block ? (block.steps ?? []) : Array.isArray(block) ? (block as readonly Step[]) : []
    return found.filter(({uses}) => uses?.startsWith('tagboat/') === true)
  })
}

/** The actions of an example, without their versions. */
function usesIn(yaml: string): readonly string[] {
  return (parse(yaml) as readonly Step[]).flatMap(({uses}) => uses?.split('@')[0] ?? [])
}

/** The rows of all tables with an input, variable or output of another action: first and second cell. */
function rows(): readonly (readonly [string, string])[] {
  return [...text.matchAll(/^\| `([^`]+)` +\| ([^|]+?) +\|/gm)].map(([, name = '', here = '']) => [name, here])
}

/** Inputs in the README of each action. */
const peers = {
  'docker/metadata-action': `context images tags flavor labels annotations sep-tags sep-labels sep-annotations bake-target
    github-token`,
  'docker/build-push-action': `add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to call
    cgroup-parent context file github-token labels load network no-cache no-cache-filters outputs platforms provenance pull
    push sbom secret-envs secret-files secrets shm-size ssh tags target ulimit`,
  'docker/login-action': 'registry username password registry-auth scope ecr logout',
  'docker/setup-buildx-action': `name use version driver driver-opts buildkitd-flags buildkitd-config
    buildkitd-config-inline endpoint append platforms cache-binary cleanup keep-state`,
  'docker/setup-qemu-action': 'image platforms cache-image reset',
  'mr-smithers-excellent/docker-build-push': `image registry githubOrg tags addLatest addTimestamp dockerfile directory
    buildArgs labels target platform multiPlatform overrideDriver enableBuildKit pushImage username password`,
} as const

describe('the migration guide', () => {
  test.each(Object.entries(peers))('has every input of %s', (peer, inputs) => {
    const [, section = ''] = text.split(`\n## ${peer}\n`)
    const [own = ''] = section.split('\n## ')
    const named = [...own.matchAll(/^\| `([^`]+)` /gm)].map(([, name]) => name)
    expect(
      inputs
        .trim()
        .split(/\s+/)
        .filter((name) => !named.includes(name)),
    ).toEqual([])
  })

  test('names only inputs and outputs that exist', () => {
    const wrong = rows().filter(([name, here]) => {
      if (here === 'none' || here === 'not yet') return false
      if (here === 'same') return !known.has(name) && !name.startsWith('DOCKER_METADATA_')
      const names = [...here.matchAll(/`([^`]+)`/g)].map(([, found = '']) => found)
      return names.length === 0 || names.some((found) => !known.has(found))
    })
    expect(wrong).toEqual([])
  })

  test('marks no supported input as missing', () => {
    const sections = text.split('\n## ')
    const stale = sections.flatMap((section) =>
      [...section.matchAll(/^\| `([^`]+)` +\| not yet +\|/gm)].flatMap(([, name = '']) =>
        // The platforms of the emulators are not those of the image.
        name in inputSpecs && !(section.startsWith('docker/setup-qemu-action') && name === 'platforms') ? [name] : [],
      ),
    )
    expect(stale).toEqual([])
  })

  test('has a heading for each changed and each kept behaviour', () => {
    const numbers = [...text.matchAll(/^#### (\d+)\. \S/gm)].map(([, number]) => Number(number))
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({length: 34}, (_, index) => index + 1))
  })

  test('describes each changed behaviour, and what to change', () => {
    const [, changed = ''] = text.split('\n### Differences\n')
    const [differences = ''] = changed.split('\n### ')
    const parts = differences.split(/^#### /m).slice(1)
    const incomplete = parts.filter(
      (part) => !/^\d+\. .+\n\n- In docker\/metadata-action: [^]+\n- In Tagboat: [^]+\n- To change: /.test(part),
    )
    expect(parts.length).toBe(29)
    expect(incomplete).toEqual([])
  })

  test.each([
    'docker/login-action',
    'docker/setup-qemu-action',
    'docker/setup-buildx-action',
    'docker/metadata-action',
    'docker/build-push-action',
  ])('begins with before and after of %s', (peer) => {
    const [beginning = ''] = text.split('\n## How to read the tables\n')
    const [, section = ''] = beginning.split(`\n### Instead of ${peer}\n`)
    const [shown = ''] = section.split('\n### ')
    const examples = [...shown.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => usesIn(yaml))
    expect(examples.map((uses) => [...new Set(uses)])).toEqual([[peer], ['tagboat/tagboat']])
  })

  test.each(steps().map((step, index) => ({name: `example ${index + 1}`, step})))(
    '$name is accepted',
    async ({step}) => {
      const given = Object.entries(step.with ?? {}).filter(([name]) => !laterInputs.some((later) => later === name))
      const problems = new Problems()
      await readInputs(new Map(given.map(([name, value]) => [name, String(value)])), problems)
      expect(problems.all.map(formatProblem)).toEqual([])
    },
  )

  test('has examples of Tagboat', () => {
    expect(steps().length).toBeGreaterThan(5)
  })
})
