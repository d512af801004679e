import type {BuildRequest, CacheFlags} from '../../buildx/arguments.ts'
import type {Builder} from '../../buildx/inspect.ts'
import type {Io} from '../../io/io.ts'
import type {Platform} from '../../oci/platform.ts'
import type {Repository} from '../../oci/reference.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {build, type BuildResult} from '../build.ts'
import type {BuildSession} from '../build-session.ts'
import type {CacheIo} from './cached-build.ts'

/** Plans the caches of concurrent builds. The code for caches is loaded only with the input `cache`. */
export async function planCaches(
  session: BuildSession,
  builder: Builder | undefined,
  builds: readonly (readonly Platform[])[],
): Promise<readonly CacheFlags[]> {
  if (session.prepared.inputs.build.cache === 'off') return builds.map(() => ({from: [], to: []}))
  const {buildCaches} = await import('./build-cache.ts')
  return buildCaches(session, builder, builds)
}

/** Repository that this run writes a cache to, which needs a login in addition to those that it publishes to. */
export async function cacheRepositories(prepared: Prepared, io: Io): Promise<readonly Repository[]> {
  if (prepared.inputs.build.cache === 'off') return []
  const caches = await import('./build-cache.ts')
  return caches.cacheRepositories(prepared, io)
}

/**
 * Runs a build, which does not fail because of its cache.
 * @throws TagboatError of `build`.
 */
export async function cachedBuild(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: (chunk: string) => void,
  io: CacheIo,
): Promise<BuildResult> {
  const {from, to} = request.cache ?? {from: [], to: []}
  if (from.length + to.length === 0) return build(request, childEnv, write, io)
  const {buildWithCache} = await import('./cached-build.ts')
  return buildWithCache(request, childEnv, write, io)
}
