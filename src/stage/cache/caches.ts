import type {BuildRequest, CacheFlags} from '../../buildx/arguments.ts'
import type {Builder} from '../../buildx/inspect.ts'
import type {Io} from '../../io/io.ts'
import type {Platform} from '../../oci/platform.ts'
import type {Repository} from '../../oci/reference.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {build, type BuildResult} from '../build.ts'
import type {Session} from '../session.ts'
import type {CacheIo} from './cached-build.ts'

/** The caches of builds, as `buildCaches`. Without the input `cache`, none of its code is loaded. */
export async function cachesOf(
  session: Session,
  builder: Builder | undefined,
  builds: readonly (readonly Platform[])[],
): Promise<readonly CacheFlags[]> {
  if (session.prepared.inputs.build.cache === 'off') return builds.map(() => ({from: [], to: []}))
  const {buildCaches} = await import('./build-cache.ts')
  return buildCaches(session, builder, builds)
}

/** Repositories besides those of the publication that this run writes a cache to, and so needs a login for. */
export async function cachedIn(prepared: Prepared, io: Io): Promise<readonly Repository[]> {
  if (prepared.inputs.build.cache === 'off') return []
  const {cacheRepositories} = await import('./build-cache.ts')
  return cacheRepositories(prepared, io)
}

/** Runs a build. A failure of its cache does not fail it. @throws TagboatError as `build` does. */
export async function cachedBuild(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: (chunk: string) => void,
  io: CacheIo,
): Promise<BuildResult> {
  const {from, to} = request.cache ?? {from: [], to: []}
  if (from.length + to.length === 0) return build(request, childEnv, write, io)
  const {buildWatchingCache} = await import('./cached-build.ts')
  return buildWatchingCache(request, childEnv, write, io)
}
