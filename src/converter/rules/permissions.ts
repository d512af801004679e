import {isMap} from 'yaml'
import type {Permissions} from '../../workflow-file/workflow.ts'
import type {YamlTree} from '../../workflow-file/yaml-tree.ts'
import type {Edits} from '../text/edits.ts'
import type {Lines} from '../text/lines.ts'

/** Reports whether permissions lack `contents: read`, which comparing commits needs. */
export function lacksContents(permissions: Permissions | undefined): boolean {
  return (
    permissions !== undefined &&
    typeof permissions !== 'string' &&
    permissions.has('packages') &&
    !permissions.has('contents')
  )
}

/** Adds `contents: read` behind the last permission, or in braces before the first one. */
export function addContents(
  tree: YamlTree,
  node: unknown,
  {lines, edits}: {readonly lines: Lines; readonly edits: Edits},
): boolean {
  const map = tree.resolve(node)
  const [first] = isMap(map) ? map.items : []
  if (!isMap(map) || first === undefined) return false
  const {start} = tree.place(first.key)
  if (map.flow === true) {
    edits.replace(start, start, 'contents: read, ')
    return true
  }
  const last = map.items.at(-1) ?? first
  const next = lines.lineOf(tree.place(last.key).start) + 1
  const entry = `${' '.repeat(lines.columnOf(start))}contents: read`
  if (next < lines.all.length) edits.replaceLines(lines, {from: next, to: next}, [entry])
  else edits.replace(Infinity, Infinity, `${lines.break}${entry}`)
  return true
}
