import {answer, json, problems} from './answers.ts'
import {tokenAddress, type TokenDesk, type TokenIssuer} from './token-desk.ts'
import type {Action, Answer, IncomingRequest, RegistryAuth, Users} from './types.ts'

/** What a request does, and where. */
export interface Access {
  readonly repository: string
  readonly actions: readonly Action[]
}

/** What a request needs, as distribution has it: a mount reads from the other repository. */
export function accessOf({method, query}: IncomingRequest, name: string | undefined): readonly Access[] {
  if (name === undefined) return []
  const from = query.get('from')
  const own = {repository: name, actions: actionsOf(method)}
  return method === 'POST' && from !== null ? [own, {repository: from, actions: ['pull']}] : [own]
}

function actionsOf(method: IncomingRequest['method']): readonly Action[] {
  if (method === 'GET' || method === 'HEAD') return ['pull']
  return method === 'DELETE' ? ['delete'] : ['pull', 'push']
}

/** Undefined: the request may go on. */
export function refusal(
  request: IncomingRequest,
  access: readonly Access[],
  auth: RegistryAuth,
  desk: TokenDesk | undefined,
): Answer | undefined {
  const header = request.headers['authorization']
  if (auth.kind === 'basic') {
    if (auth.hides === true && header === undefined)
      return access.length === 0 ? undefined : problems(404, [{code: 'NAME_UNKNOWN'}])
    return userIn(header, auth.users) === undefined ? challenge('Basic realm="tagboat"', access) : undefined
  }
  if (auth.kind === 'anonymous' || desk === undefined) return undefined
  const token = /^Bearer (.+)$/.exec(header ?? '')?.[1]
  const state = token === undefined ? 'none' : desk.check(token, access)
  if (state === 'fine') return undefined
  const scope = access.map(({repository, actions}) => `repository:${repository}:${actions.join(',')}`).join(' ')
  if (state === 'too-small' && auth.deniedStatus === 403) return problems(403, [{code: 'DENIED'}])
  const error = {none: undefined, invalid: 'invalid_token', 'too-small': 'insufficient_scope'}[state]
  const parameters = [
    ['realm', tokenAddress(desk, request)],
    ['service', desk.service],
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

/** The user of an `Authorization: Basic`. Undefined for a wrong password, or none. */
export function userIn(header: string | undefined, users: Users): string | undefined {
  const encoded = /^Basic (.+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const user = text.slice(0, colon)
  return colon !== -1 && users[user] === text.slice(colon + 1) ? user : undefined
}

type TokenRequest = Pick<IncomingRequest, 'method' | 'query' | 'headers' | 'body'>

/** The token server: https://distribution.github.io/distribution/spec/auth/token/ and …/oauth/ */
export function tokenAnswer(request: TokenRequest, desk: TokenIssuer): Answer {
  if (request.method === 'GET') return byGet(request, desk)
  return request.method === 'POST' ? byPost(request, desk) : answer(405, {allow: 'GET, POST'})
}

function byGet({headers, query}: TokenRequest, desk: TokenIssuer): Answer {
  const header = headers['authorization']
  const user = userIn(header, desk.users)
  if (header !== undefined && user === undefined) return problems(401, [{code: 'UNAUTHORIZED'}])
  const issued = desk.issue(user, scopesOf(query))
  const offline = query.get('offline_token') === 'true' && user !== undefined
  return json(200, {
    token: issued.token,
    access_token: issued.token,
    ...issued.times,
    ...(offline && {refresh_token: desk.identityToken(user)}),
  })
}

function byPost({body}: TokenRequest, desk: TokenIssuer): Answer {
  const form = new URLSearchParams(body.toString('utf8'))
  const user = grantedTo(form, desk)
  if (user === undefined) return problems(401, [{code: 'UNAUTHORIZED', message: 'invalid_grant'}])
  const scopes = scopesOf(form)
  const issued = desk.issue(user, scopes)
  return json(200, {
    access_token: issued.token,
    ...issued.times,
    scope: form.getAll('scope').join(' '),
    refresh_token: form.get('refresh_token') ?? desk.identityToken(user),
  })
}

function grantedTo(form: URLSearchParams, desk: TokenIssuer): string | undefined {
  switch (form.get('grant_type')) {
    case 'refresh_token':
      return desk.userOf(form.get('refresh_token') ?? '')
    case 'password': {
      const user = form.get('username') ?? ''
      return desk.users[user] === form.get('password') ? user : undefined
    }
    default:
      return undefined
  }
}

/** `repository:NAME:ACTION,ACTION`, several in one parameter or in several. */
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
