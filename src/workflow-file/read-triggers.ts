import type {DispatchInput, Trigger, Triggers} from './workflow.ts'
import type {YamlTree} from './yaml-tree.ts'

/** Reads `on`: an event, a list of events, or a map with their filters. */
export function readTriggers(tree: YamlTree, node: unknown): Triggers {
  if (!tree.isMap(node)) return new Map((tree.texts(node) ?? []).map((name) => [name, readTrigger(tree, undefined)]))
  return new Map(tree.entries(node).map(({key, value}) => [key, readTrigger(tree, value)]))
}

function readTrigger(tree: YamlTree, node: unknown): Trigger {
  const texts = (key: string): readonly string[] | undefined => tree.texts(tree.get(node, key))
  return {
    branches: texts('branches'),
    branchesIgnore: texts('branches-ignore'),
    tags: texts('tags'),
    tagsIgnore: texts('tags-ignore'),
    paths: texts('paths'),
    pathsIgnore: texts('paths-ignore'),
    types: texts('types'),
    cron: (tree.items(node) ?? []).flatMap((item) => tree.texts(tree.get(item, 'cron')) ?? []),
    inputs: new Map(tree.entries(tree.get(node, 'inputs')).map(({key, value}) => [key, readInput(tree, value)])),
  }
}

function readInput(tree: YamlTree, node: unknown): DispatchInput {
  const text = (key: string): string | undefined => tree.written(tree.entry(node, key))?.text
  return {
    type: text('type') ?? 'string',
    default: text('default'),
    options: tree.texts(tree.get(node, 'options')) ?? [],
    required: text('required') === 'true',
  }
}
