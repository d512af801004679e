import {loginFor, type ScopedLogin} from '../../credentials/scoped-logins.ts'
import {TagboatError} from '../../errors/error.ts'
import {formatLoginScope} from '../../inputs/credentials/login-scope.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import {repositoriesOf} from '../../plan/plan.ts'
import type {Io} from '../../io/io.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import type {BuildSession, Credentials} from '../build-session.ts'
import {cacheRepositories} from '../cache/caches.ts'
import {textOfBuild} from '../reads-packages.ts'

/** Repository that the build uses, and the login for it. */
interface LoginUse {
  readonly repository: Repository
  readonly login: ScopedLogin
}

/**
 * Logins that Docker gets: its configuration has one for each registry. Where a registry has several, it is the one for
 * the base images and caches, or else that of the repository to push to. The client of Tagboat has all of them.
 * @throws TagboatError `logins-ambiguous` if the build reads from, or writes a cache to, repositories with different
 *   logins.
 */
export async function loginsOfBuild(given: Credentials, prepared: Prepared, io: Io): Promise<Credentials> {
  const uses = await usesOfBuild(given, prepared, io)
  for (const [host, {builder}] of uses) requireOne(host, builder)
  const chosen = [...uses.values()].map(({builder, pushed}) => [...builder, ...pushed][0]?.login)
  const isForDocker = (login: ScopedLogin): boolean => !uses.has(login.host) || chosen.includes(login)
  return {logins: given.logins.filter(isForDocker), minted: given.minted.filter(isForDocker)}
}

/**
 * Requires one login for all repositories of each registry, to which the builder itself pushes.
 * @throws TagboatError `logins-ambiguous`
 */
export async function requirePushLogins({prepared, logins, minted, io}: BuildSession): Promise<void> {
  for (const [host, {builder, pushed}] of await usesOfBuild({logins, minted}, prepared, io))
    requireOne(host, [...builder, ...pushed])
}

/** Uses of logins to a registry that has several. */
interface HostUses {
  /** Uses by the builder: base images and caches. */
  readonly builder: readonly LoginUse[]
  readonly pushed: readonly LoginUse[]
}

async function usesOfBuild(
  {logins, minted}: Credentials,
  prepared: Prepared,
  io: Io,
): Promise<ReadonlyMap<string, HostUses>> {
  const all = [...logins, ...minted]
  const hosts = new Set(all.flatMap(({host, scope}) => (scope === undefined ? [] : [host])))
  const text = await textOfBuild(prepared, io)
  const caches = await cacheRepositories(prepared, io)
  const pushed = repositoriesOf(prepared.plan)
  const uses = [...hosts].map((host): [string, HostUses] => {
    const written = (repositories: readonly Repository[]): readonly LoginUse[] =>
      usesOf(
        all,
        repositories.filter((one) => one.host === host),
        true,
      )
    const read = usesOf(all, repositoriesIn(text, host), false)
    return [host, {builder: [...read, ...written(caches)], pushed: written(pushed)}]
  })
  return new Map(uses)
}

function usesOf(
  logins: readonly ScopedLogin[],
  repositories: readonly Repository[],
  isPushed: boolean,
): readonly LoginUse[] {
  return repositories.flatMap((repository) => {
    const login = loginFor(logins, {...repository, isPushed})
    return login === undefined ? [] : [{repository, login}]
  })
}

function requireOne(host: string, uses: readonly LoginUse[]): void {
  const different = uses.filter(({login}, index) => uses.findIndex((one) => one.login === login) === index)
  if (different.length < 2) return
  throw new TagboatError('logins-ambiguous', {
    message: `The build needs several logins for ${host} at the same time.`,
    evidence: different.map(({repository, login: {scope}}) => {
      const kind = scope === undefined ? 'without a scope' : `with the scope ${formatLoginScope(scope)}`
      return `${formatRepository(repository)}: login ${kind}`
    }),
  })
}

/** Repositories of a registry that a text names: `host/path`, with a tag, a digest or nothing after it. */
function repositoriesIn(text: string, host: string): readonly Repository[] {
  const escaped = host.replace(/[.[\]]/g, String.raw`\$&`)
  const names = text.matchAll(new RegExp(String.raw`(?<![\w.-])${escaped}/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)`, 'g'))
  return [...new Set([...names].map(([, path = '']) => path))].map((path) => ({host, path}))
}
