import {readFileSync} from 'node:fs'
import path from 'node:path'
import {parse} from 'yaml'
import type {ActionName} from '../src/inputs/spec/action-names.ts'

/** Inputs of a step as YAML reads them. */
export type With = Readonly<Record<string, string | number | boolean>>

function read(file: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', file), 'utf8')
}

/** Pages with examples of whole steps, and how many they have at least. */
export const pagesWithSteps = [
  {file: 'README.md', atLeast: 10},
  {file: 'docs/builders.md', atLeast: 1},
  {file: 'docs/cloud-registries.md', atLeast: 1},
  {file: 'docs/distributed.md', atLeast: 9},
  {file: 'docs/migrating.md', atLeast: 20},
  {file: 'docs/publishing.md', atLeast: 1},
  {file: 'docs/recipes.md', atLeast: 11},
  {file: 'docs/registries/alibaba.md', atLeast: 1},
  {file: 'docs/registries/amazon-ecr.md', atLeast: 3},
  {file: 'docs/registries/azure.md', atLeast: 2},
  {file: 'docs/registries/digitalocean.md', atLeast: 1},
  {file: 'docs/registries/docker-hub.md', atLeast: 2},
  {file: 'docs/registries/ghcr.md', atLeast: 1},
  {file: 'docs/registries/forgejo.md', atLeast: 1},
  {file: 'docs/registries/gitea.md', atLeast: 1},
  {file: 'docs/registries/gitlab.md', atLeast: 1},
  {file: 'docs/registries/google.md', atLeast: 2},
  {file: 'docs/registries/harbor.md', atLeast: 1},
  {file: 'docs/registries/ibm.md', atLeast: 1},
  {file: 'docs/registries/jfrog.md', atLeast: 2},
  {file: 'docs/registries/nexus.md', atLeast: 1},
  {file: 'docs/registries/oracle.md', atLeast: 1},
  {file: 'docs/registries/own.md', atLeast: 1},
  {file: 'docs/registries/quay.md', atLeast: 2},
  {file: 'docs/registries/scaleway.md', atLeast: 1},
  {file: 'docs/registries/sources.md', atLeast: 1},
  {file: 'docs/retention.md', atLeast: 7},
  {file: 'docs/scale.md', atLeast: 1},
  {file: 'docs/supply-chain.md', atLeast: 2},
  {file: 'docs/scanning.md', atLeast: 1},
  {file: 'docs/troubleshooting.md', atLeast: 8},
  {file: 'docs/security.md', atLeast: 1},
]

/** A step that runs Tagboat, or a call of its workflow. */
export interface Use {
  readonly of: ActionName | 'workflow'
  readonly given: With
  /** Secrets that a call of the workflow passes. */
  readonly secrets?: With
}

/** The steps and calls in the examples of a page, anywhere in a workflow; for a diff, the result of applying it. */
export function usesIn(file: string): readonly Use[] {
  // In a list, a block is indented as a whole.
  const blocks = read(file).matchAll(/^( *)```(yaml|diff)\n(.*?)^\1```/gms)
  return [...blocks].flatMap(([, indent = '', language, indented = '']) => {
    const text = indented.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    return language === 'yaml' ? stepsIn(parse(text)) : withIn(after(text))
  })
}

function after(difference: string): string {
  const lines = difference.split('\n').filter((line) => !line.startsWith('-'))
  return lines.map((line) => line.slice(1)).join('\n')
}

/** A diff shows the lines of a step from `with:` on, or more. */
function withIn(text: string): readonly Use[] {
  if (/^ *with:$/m.exec(text) === null) return []
  const found = parse(text) as unknown
  return isObject(found) && Object.hasOwn(found, 'with')
    ? [{of: 'publish', given: found['with'] as With}]
    : stepsIn(found)
}

function stepsIn(node: unknown): readonly Use[] {
  if (!isObject(node)) return []
  const {uses} = node
  if (typeof uses !== 'string') return Object.values(node).flatMap(stepsIn)
  const [, of]: readonly (string | undefined)[] = /^tagboat\/tagboat(?:\/(.*))?@v1$/.exec(uses) ?? [uses, uses]
  const given = (node['with'] ?? {}) as With
  switch (of) {
    case undefined:
      return [{of: 'publish', given}]
    case 'stage':
    case 'promote':
    case 'prune':
      return [{of, given}]
    case '.github/workflows/publish.yml':
      return [{of: 'workflow', given, secrets: (node['secrets'] ?? {}) as With}]
    default:
      if (uses.startsWith('tagboat/')) throw new Error(`there is no ${uses}`)
      return []
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
