import path from 'node:path'
import type {BuildInputs} from '../inputs/inputs.ts'

/** Reports whether a context or file is local, as opposed to a URL, a Git reference or standard input. */
export function isLocal(source: string): boolean {
  return !/^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/|-$|git$|\{\{)/i.test(source)
}

/** Paths at which a build with a local context looks for its Dockerfile, in this order. */
export function dockerfileCandidates({context, file}: Pick<BuildInputs, 'context' | 'file'>): readonly string[] {
  return file === undefined ? ['Dockerfile', 'dockerfile'].map((name) => path.join(context, name)) : [file]
}

/**
 * Path of the Dockerfile that a build names `filename`, with its folder or without, for an annotation: relative to the
 * workspace, with forward slashes. Undefined if it is not in the workspace, as with a remote context.
 */
export function workspaceFile(
  inputs: Pick<BuildInputs, 'context' | 'file'>,
  filename: string,
  workspace: string,
): string | undefined {
  if (!isLocal(inputs.file ?? inputs.context)) return undefined
  const candidate = dockerfileCandidates(inputs).find((one) => path.basename(one) === path.basename(filename))
  if (candidate === undefined) return undefined
  const relative = path.isAbsolute(candidate) ? path.relative(workspace, candidate) : path.normalize(candidate)
  return relative.startsWith('..') || path.isAbsolute(relative) ? undefined : relative.replaceAll('\\', '/')
}
