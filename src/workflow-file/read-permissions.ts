import type {Permissions} from './workflow.ts'
import type {YamlTree} from './yaml-tree.ts'

/** Reads `permissions` of a workflow or of a job. */
export function readPermissions(tree: YamlTree, node: unknown): Permissions | undefined {
  if (tree.isMap(node)) return new Map([...tree.writtenMap(node)].map(([scope, {text}]) => [scope, text]))
  return tree.texts(node)?.[0]
}
