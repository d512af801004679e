import {answer, json, problems} from './answers.ts'
import {tokenAddress, type TokenService, type TokenIssuer} from './token-service.ts'
import type {Action, Answer, IncomingRequest, RegistryAuth, Users} from './types.ts'

/** Actions in a repository. */
export interface Access {
  readonly repository: string
  readonly actions: readonly Action[]
}

/** Access that a request needs, as in distribution. A mount also reads from another repository. */
export function accessOf({method, query}: IncomingRequest, name: string | undefined): readonly Access[] {
  if (name === undefined) return []
  const from = query.get('from')
  const access = {repository: name, actions: actionsOf(method)}
  return method === 'POST' && from !== null ? [access, {repository: from, actions: ['pull']}] : [access]
}

function actionsOf(method: IncomingRequest['method']): readonly Action[] {
  if (method === 'GET' || method === 'HEAD') return ['pull']
  return method === 'DELETE' ? ['delete'] : ['pull', 'push']
}

/** Answer to a request without sufficient access, or undefined. */
export function refusal(
  request: IncomingRequest,
  access: readonly Access[],
  auth: RegistryAuth,
  tokens: TokenService | undefined,
): Answer | undefined {
  const header = request.headers['authorization']
  if (auth.kind === 'basic') {
    if (auth.hides === true && header === undefined)
      return access.length === 0 ? undefined : problems(404, [{code: 'NAME_UNKNOWN'}])
    return userIn(header, auth.users) === undefined ? challenge('Basic realm="tagboat"', access) : undefined
  }
  if (auth.kind === 'anonymous' || tokens === undefined) return undefined
  const token = /^Bearer (.+)$/.exec(header ?? '')?.[1]
  const state = token === undefined ? 'none' : tokens.check(token, access)
  if (state === 'valid') return undefined
  const scope = access.map(({repository, actions}) => `repository:${repository}:${actions.join(',')}`).join(' ')
  if (state === 'too-small' && auth.deniedStatus === 403) return problems(403, [{code: 'DENIED'}])
  const error = {none: undefined, invalid: 'invalid_token', 'too-small': 'insufficient_scope'}[state]
  const parameters = [
    ['realm', tokenAddress(tokens, request)],
    ['service', tokens.service],
    ['scope', scope],
    ['error', error ?? ''],
  ]
  const text = parameters.filter(([, value]) => value !== '').map(([name, value]) => `${name}="${value}"`)
  return challenge(`Bearer ${text.join(',')}`, access)
}

function challenge(text: string, access: readonly Access[]): Answer {
  const detail = access.map(({repository, actions}) => ({Type: 'repository', Name: repository, Actions: actions}))
  const refused = problems(401, [{code: 'UNAUTHORIZED', detail}])
  return {...refused, headers: {...refused.headers, 'www-authenticate': text}}
}

/** User of `Authorization: Basic`. Undefined if the password is missing or wrong. */
export function userIn(header: string | undefined, users: Users): string | undefined {
  const encoded = /^Basic (.+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const user = text.slice(0, colon)
  return colon !== -1 && users[user] === text.slice(colon + 1) ? user : undefined
}

type TokenRequest = Pick<IncomingRequest, 'method' | 'query' | 'headers' | 'body'>

/** Answer of the token server: https://distribution.github.io/distribution/spec/auth/token/ and …/oauth/ */
export function tokenAnswer(request: TokenRequest, tokens: TokenIssuer): Answer {
  if (request.method === 'GET') return byGet(request, tokens)
  return request.method === 'POST' ? byPost(request, tokens) : answer(405, {allow: 'GET, POST'})
}

function byGet({headers, query}: TokenRequest, tokens: TokenIssuer): Answer {
  const header = headers['authorization']
  const user = userIn(header, tokens.users)
  if (header !== undefined && user === undefined) return problems(401, [{code: 'UNAUTHORIZED'}])
  const issued = tokens.issue(user, scopesOf(query))
  const offline = query.get('offline_token') === 'true' && user !== undefined
  return json(200, {
    token: issued.token,
    access_token: issued.token,
    ...issued.times,
    ...(offline && {refresh_token: tokens.identityToken(user)}),
  })
}

function byPost({body}: TokenRequest, tokens: TokenIssuer): Answer {
  const form = new URLSearchParams(body.toString('utf8'))
  const user = grantedTo(form, tokens)
  if (user === undefined) return problems(401, [{code: 'UNAUTHORIZED', message: 'invalid_grant'}])
  const scopes = scopesOf(form)
  const issued = tokens.issue(user, scopes)
  return json(200, {
    access_token: issued.token,
    ...issued.times,
    scope: form.getAll('scope').join(' '),
    refresh_token: form.get('refresh_token') ?? tokens.identityToken(user),
  })
}

function grantedTo(form: URLSearchParams, tokens: TokenIssuer): string | undefined {
  switch (form.get('grant_type')) {
    case 'refresh_token':
      return tokens.userOf(form.get('refresh_token') ?? '')
    case 'password': {
      const user = form.get('username') ?? ''
      return tokens.users[user] === form.get('password') ? user : undefined
    }
    default:
      return undefined
  }
}

/** Parses scopes such as `repository:NAME:ACTION,ACTION`, of which a parameter may contain several. */
function scopesOf(parameters: URLSearchParams): readonly Access[] {
  return parameters
    .getAll('scope')
    .flatMap((scope) => scope.split(' '))
    .flatMap((scope) => {
      const [, repository, actions] = /^repository:(.+):([a-z,*]+)$/.exec(scope) ?? []
      if (repository === undefined || actions === undefined) return []
      const wanted = actions === '*' ? everything : everything.filter((action) => actions.split(',').includes(action))
      return [{repository, actions: wanted}]
    })
}

const everything: readonly Action[] = ['pull', 'push', 'delete']
