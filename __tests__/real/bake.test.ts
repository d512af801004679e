import {randomUUID} from 'node:crypto'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import type {Plan} from '../../src/plan/plan.ts'
import {bakeFile, bakeKinds, type BakeKind, type BakeTarget} from '../../src/report/bake.ts'
import {docker} from '../../testing/docker.ts'
import {pushOf} from '../../testing/plans.ts'
import {planOf} from '../../testing/reports.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Target from which Bake files for docker/metadata-action inherit. */
const target = 'docker-metadata-action'

/** Text that Bake would read as templates. The description of a repository may contain any text. */
const hostile = 'a ${HOME} $${HOME} %{ if true } 100% "quoted" \\ $ é'

let workspace: Workspace
let plan: Plan

beforeAll(async () => {
  // As usual, the file of the user defines an empty target with this name, from which others inherit.
  const hcl = [`target "${target}" {}`, 'target "build" {', `  inherits = ["${target}"]`, '  context = "."', '}']
  workspace = await workspaceOf({Dockerfile: plainDockerfile, 'docker-bake.hcl': hcl})
  const made = await planOf(pushOf('refs/tags/v1.2.3'), {
    images: `team/app-${randomUUID()}`,
    tags: 'type=semver,pattern={{version}}\ntype=sha',
    labels: `description=${hostile}\n\${key}=x`,
    annotations: `description=${hostile}`,
    'annotation-levels': 'manifest,index',
  })
  plan = made.plan
  await Promise.all(
    bakeKinds.map(async (kind) => writeFile(fileOf(kind), JSON.stringify(bakeFile(kind, plan, target)))),
  )
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

function fileOf(kind: BakeKind): string {
  return path.join(workspace.directory, `${kind}.json`)
}

/** Arguments of Bake for the file of the user and these files. */
function bakeArguments(kinds: readonly BakeKind[]): readonly string[] {
  const files = [path.join(workspace.directory, 'docker-bake.hcl'), ...kinds.map(fileOf)]
  return [...files.flatMap((file) => ['--file', file]), '--set', `build.context=${workspace.directory}`]
}

/** Reads the files with `bake --print`, which escapes templates in its output. */
async function readByBake(kinds: readonly BakeKind[]): Promise<BakeTarget> {
  const output = await docker(['buildx', 'bake', '--print', ...bakeArguments(kinds), 'build'])
  const {target} = JSON.parse(output) as {readonly target: Readonly<Record<string, BakeTarget>>}
  return target['build'] ?? {}
}

/** Undoes the missing escapes of `--print` in names of labels, which are templates, too. */
function withPrintedKeys(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key.replaceAll('$${', '${'), value]))
}

describe('Bake reads', () => {
  test.each(bakeKinds.map((kind) => ({kind})))('the file with $kind', async ({kind}) => {
    const written = bakeFile(kind, plan, target).target[target]
    const {tags, labels, annotations, args} = await readByBake([kind])
    expect({tags, labels, annotations: annotations?.toSorted(), args}).toEqual({
      tags: written?.tags,
      labels: written?.labels === undefined ? undefined : withPrintedKeys(written.labels),
      annotations: written?.annotations?.toSorted(),
      args: written?.args,
    })
  })

  test('all files at once', async () => {
    const {tags, labels, annotations, args} = await readByBake(['tags', 'labels', 'annotations'])
    expect(tags).toHaveLength(plan.tags.length)
    expect(Object.keys(labels ?? {})).toHaveLength(plan.labels.length)
    expect(annotations).toHaveLength(2 * plan.annotations.length)
    expect(args?.['DOCKER_META_VERSION']).toBe('1.2.3')
  })

  test('a label without changes, as in the image', async () => {
    const [first] = plan.repositories
    const reference = `${first?.path ?? ''}:1.2.3`
    const options = ['--load', '--provenance', 'false', '--allow', `fs.read=${workspace.directory}`]
    await docker(['buildx', 'bake', ...options, ...bakeArguments(['all']), 'build'])
    try {
      const labels = JSON.parse(
        await docker(['image', 'inspect', '--format', '{{json .Config.Labels}}', reference]),
      ) as Readonly<Record<string, string>>
      expect(labels).toEqual(Object.fromEntries(plan.labels.map(({key, value}) => [key, value])))
      expect(labels['description']).toBe(hostile)
    } finally {
      const references = plan.tags.map(({reference: {repository, tag}}) => `${repository.path}:${tag}`)
      await docker(['image', 'rm', '--force', ...references])
    }
  })
})
