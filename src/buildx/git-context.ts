import type {BuildInputs} from '../inputs/inputs.ts'

/** Value of `context` for the commit of this run; in `build-contexts` it is a directory. */
export const gitContextWord = 'git'
/** Placeholder `{{defaultContext}}` of docker/build-push-action; `:subdirectory` may follow. */
export const gitContextPattern = /\{\{ *defaultContext *\}\}/

/** Reports whether a context has the placeholder. */
export function namesGitContext(text: string): boolean {
  return gitContextPattern.test(text)
}

/**
 * Directory of this run's commit that is the main context: empty for the root, undefined if the context is not that
 * commit.
 */
export function mainGitDirectory({context}: Pick<BuildInputs, 'context'>): string | undefined {
  if (context === gitContextWord) return ''
  if (!namesGitContext(context)) return undefined
  const directory = /\}\}:(.*)$/.exec(context)?.[1] ?? ''
  return directory.replace(/^(?:\.?\/)+|(?<!\/)\/+$/g, '')
}
