import path from 'node:path'
import type {GitContext} from '../context/git-context.ts'
import {isOwnRepository} from '../context/repository-url.ts'
import type {Inputs} from '../inputs/inputs.ts'
import {isLocal} from '../buildx/dockerfile.ts'
import {findCheckouts, originOf, type Checkout} from './checkout.ts'
import type {Io} from '../io/io.ts'

/**
 * Commits of other repositories that a build reads in addition to its revision: those of the checkout around a packaged
 * repository, and of the checkouts that contain the Dockerfile and local build contexts. Files are read, and no process
 * is started.
 */
export async function aroundCommits(
  context: GitContext,
  {build}: Pick<Inputs, 'build'>,
  {environment, files}: Pick<Io, 'environment' | 'files'>,
): Promise<readonly string[]> {
  const top = environment['GITHUB_WORKSPACE'] ?? ''
  if (top === '') return []
  const around = async (directory: string): Promise<readonly Checkout[]> =>
    findCheckouts(path.resolve(top, directory), top, files)
  const innermost = async (directory: string): Promise<readonly Checkout[]> => (await around(directory)).slice(0, 1)
  const {file} = build
  const found = await Promise.all([
    ...(isLocal(build.context) ? [around(build.context)] : []),
    ...(file !== undefined && isLocal(build.context) && isLocal(file) ? [innermost(path.dirname(file))] : []),
    ...build.buildContexts.flatMap(({value}) => (isLocal(value) ? [innermost(value)] : [])),
  ])
  const others = found.flat().filter(({head}) => head !== undefined && head !== context.sha)
  const isOwnBuilt = context.instead?.source === undefined
  const heads = await Promise.all(
    others.map(async (checkout) => {
      const isOwn = isOwnRepository(context, {origin: await originOf(checkout, files)})
      return isOwnBuilt && isOwn ? [] : [checkout.head ?? '']
    }),
  )
  return [...new Set(heads.flat())].sort()
}
