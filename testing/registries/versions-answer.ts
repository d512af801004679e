import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json} from '../clouds/github-tokens.ts'
import type {GitHubCore} from './github-versions.ts'
import type {PackageState, StoredVersion} from './package-state.ts'

/** Answers a request to the API. `path` is that below the address of the API, without the query. */
export async function versionsAnswer(request: HttpRequest, path: string, core: GitHubCore): Promise<HttpResponse> {
  const {options} = core
  const refused = refusalOf(request, options.token)
  if (refused !== undefined) return refused
  const user = /^\/users\/([^/]+)$/.exec(path)?.[1]
  if (request.method === 'GET' && user !== undefined) return userAnswer(user, core)
  if (request.method === 'GET' && path === '/user') return ownUserAnswer(core)
  const found = packageIn(path, core)
  if (found === undefined || options.access === 'none') return json(404, {message: 'Package not found.'})
  return packageAnswer(request, found, core)
}

/** Refusal of headers that GitHub does not document, and of other tokens. */
function refusalOf({headers}: HttpRequest, token: string): HttpResponse | undefined {
  if (headers['accept'] !== 'application/vnd.github+json') return json(415, {message: 'Unsupported Media Type'})
  if (headers['x-github-api-version'] !== '2022-11-28') return json(400, {message: 'unsupported API version'})
  return headers['authorization'] === `Bearer ${token}` ? undefined : json(401, {message: 'Bad credentials'})
}

function userAnswer(login: string, {options}: GitHubCore): HttpResponse {
  const type = options.owners[login.toLowerCase()]
  return type === undefined ? json(404, {message: 'Not Found'}) : json(200, {login, id: 1, type})
}

function ownUserAnswer({options}: GitHubCore): HttpResponse {
  return options.tokenUser === undefined
    ? json(403, {message: 'Resource not accessible by integration'})
    : json(200, {login: options.tokenUser, id: 1, type: 'User'})
}

interface FoundPackage {
  /** Path in the registry: `acme/app`. */
  readonly path: string
  readonly state: PackageState
  /** Address in links, below that of the API. */
  readonly address: string
  /** Path below the package: empty, `/versions`, `/versions/42`. */
  readonly rest: string
}

/** Package of an address, if it exists there: an organization is not a user, and a slash in a name is encoded. */
function packageIn(path: string, {options, packages}: GitHubCore): FoundPackage | undefined {
  const [, root = '', name = '', rest = ''] =
    /^\/(orgs\/[^/]+|users\/[^/]+|user)\/packages\/container\/([^/]+)((?:\/.*)?)$/.exec(path) ?? []
  const [kind, login = options.tokenUser ?? ''] = root.split('/')
  const owner = login.toLowerCase()
  const type = kind === 'orgs' ? 'Organization' : 'User'
  const isHidden = kind === 'users' && options.hidesFromUsers === true
  if (options.owners[owner] !== type || isHidden) return undefined
  const own = `${owner}/${decodeURIComponent(name)}`
  const state = packages.get(own)
  return state && {path: own, state, address: `/${root}/packages/container/${name}`, rest}
}

async function packageAnswer(request: HttpRequest, found: FoundPackage, core: GitHubCore): Promise<HttpResponse> {
  const {method} = request
  const {rest, path, state} = found
  if (rest === '') {
    if (method !== 'GET') return json(404, {message: 'Not Found'})
    const visibility = core.options.isPublic === true ? 'public' : 'private'
    return json(200, {id: 1, name: path, package_type: 'container', visibility, version_count: state.active().length})
  }
  if (rest === '/versions')
    return method === 'GET' ? listAnswer(request, found, core) : json(404, {message: 'Not Found'})
  const [, id, action = ''] = /^\/versions\/(\d+)(\/restore)?$/.exec(rest) ?? []
  switch (`${method} ${id === undefined ? 'none' : 'version'}${action}`) {
    case 'GET version':
      return versionAnswer(Number(id), state)
    case 'DELETE version':
      return changeRefusal(core) ?? (await deleteAnswer(Number(id), found, core))
    case 'POST version/restore':
      return changeRefusal(core) ?? (await restoreAnswer(Number(id), found, core))
    default:
      return json(404, {message: 'Not Found'})
  }
}

/** Refusal of a token that may not administer the package. GitHub hides it from a role without that right. */
function changeRefusal({options}: GitHubCore): HttpResponse | undefined {
  const {access = 'admin'} = options
  if (access === 'admin') return undefined
  return access === 'read'
    ? json(403, {message: 'Resource not accessible by integration'})
    : json(404, {message: 'Package not found.'})
}

const defaultPerPage = 30
const mostPerPage = 100

function listAnswer({url}: HttpRequest, {state, address}: FoundPackage, {options}: GitHubCore): HttpResponse {
  const query = url.searchParams
  const perPage = Math.min(Number(query.get('per_page') ?? defaultPerPage), mostPerPage)
  const page = Number(query.get('page') ?? 1)
  const all = query.get('state') === 'deleted' ? state.deleted() : state.shown()
  const last = Math.max(1, Math.ceil(all.length / perPage))
  const to = (number: number, relation: string): string => {
    const target = new URL(`${options.api ?? 'https://api.github.com'}${address}/versions`)
    for (const [key, value] of query) if (key !== 'page') target.searchParams.set(key, value)
    target.searchParams.set('page', String(number))
    return `<${target.href}>; rel="${relation}"`
  }
  const links = [
    ...(page > 1 ? [to(page - 1, 'prev')] : []),
    ...(page < last ? [to(page + 1, 'next'), to(last, 'last')] : []),
    ...(page > 1 ? [to(1, 'first')] : []),
  ]
  const answer = json(200, all.slice((page - 1) * perPage, page * perPage).map(document))
  return links.length === 0 || options.links === false ? answer : {...answer, headers: {link: links.join(', ')}}
}

function versionAnswer(id: number, state: PackageState): HttpResponse {
  const version = state.shown().find((one) => one.id === id)
  return version === undefined ? json(404, {message: 'Package version not found.'}) : json(200, document(version))
}

function document({id, digest, tags, createdAt, updatedAt}: StoredVersion): object {
  return {
    id,
    name: digest,
    url: `https://api.github.com/packages/versions/${id}`,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    metadata: {package_type: 'container', container: {tags: [...tags]}},
  }
}

const maxDownloads = 5_000

async function deleteAnswer(id: number, {path, state}: FoundPackage, core: GitHubCore): Promise<HttpResponse> {
  const {options, now} = core
  const version = state.find(id)
  if (version === undefined || version.deletedAt !== undefined)
    return json(404, {message: 'Package version not found.'})
  const rule = keptBy(version, state, core)
  if (rule !== undefined) return json(400, {message: rule, status: '400'})
  const doomed = [version, ...(options.deletesChildren === true ? state.ownChildren(version) : [])]
  for (const one of doomed) {
    await core.removeContent(path, one)
    state.delete(one, now())
  }
  return noContent
}

const noContent: HttpResponse = {status: 204, headers: {}, body: Buffer.alloc(0)}

/** Message of the rule that keeps a version, or undefined. */
function keptBy(version: StoredVersion, state: PackageState, {options}: GitHubCore): string | undefined {
  const others = state.active().filter((one) => one !== version)
  if (options.keepsLast === 'any') {
    if (others.length === 0)
      return 'You cannot delete the last version of a package. You must delete the package instead.'
  } else if (version.tags.size > 0 && others.every(({tags}) => tags.size === 0)) {
    return 'You cannot delete the last tagged version of a package. You must delete the package instead.'
  }
  return options.isPublic === true && version.downloads > maxDownloads
    ? 'Publicly visible package versions with more than 5000 downloads cannot be deleted. Contact GitHub support for further assistance.'
    : undefined
}

const restorableMs = 30 * 24 * 3_600_000

async function restoreAnswer(id: number, {path, state}: FoundPackage, core: GitHubCore): Promise<HttpResponse> {
  const version = state.find(id)
  const isLate = core.now().getTime() - (version?.deletedAt?.getTime() ?? 0) > restorableMs
  if (version?.deletedAt === undefined || isLate) return json(404, {message: 'Package version not found.'})
  // Another version of the same digest was pushed since.
  if (state.byDigest(version.digest) !== undefined) return json(400, {message: 'Package version already exists.'})
  const taken = new Set(state.active().flatMap(({tags}) => [...tags]))
  for (const tag of version.tags) if (taken.has(tag) || core.options.restoresTags !== true) version.tags.delete(tag)
  await core.pushContent(path, version)
  state.restore(version, core.now())
  return noContent
}
