import {usesRegistry} from '../actions.ts'
import {conditionText, inputText, resolved, type JobModel, type JobStep} from '../job-model.ts'
import {newEntry, quoted, type EntryText} from '../text/entry-text.ts'
import {asksForStatus, asksForText, conjuncts, isNotPullRequest, isPartOf} from './conditions.ts'

/** Logins of the job: which Tagboat takes over, and which stay. */
export interface Logins {
  /** Logins that Tagboat makes by itself. */
  readonly automatic: readonly JobStep[]
  readonly taken: readonly JobStep[]
  readonly kept: readonly {readonly login: JobStep; readonly reason: string}[]
}

const takenInputs: readonly string[] = ['registry', 'username', 'password', 'ecr', 'logout']

/** Divides the logins of a job. `builds` are the builds that are converted. */
export function loginsOf(model: JobModel, builds: readonly JobStep[], reasonForAll?: string): Logins {
  const automatic: JobStep[] = []
  const taken: JobStep[] = []
  const kept: {login: JobStep; reason: string}[] = []
  for (const login of model.steps.filter(({kind}) => kind === 'login')) {
    const reason = reasonForAll ?? reasonToKeep(model, login, builds)
    if (reason !== undefined) kept.push({login, reason})
    else if (isJobToken(model, login)) automatic.push(login)
    else taken.push(login)
  }
  return {automatic, taken, kept}
}

function reasonToKeep(model: JobModel, login: JobStep, builds: readonly JobStep[]): string | undefined {
  const {source, step} = login
  const condition = conditionText(step.if)
  const next = builds.find(({index}) => index > login.index)
  if (next === undefined) return 'it is not for a build'
  if (source.entries === undefined) return 'it is written in braces, or shared by an anchor'
  if (asksForStatus(condition)) return 'its condition asks for the result of other steps'
  const other = source.entries.find(({name}) => !['name', 'id', 'uses', 'with', 'if'].includes(name))
  if (other !== undefined) return `it has \`${other.name}\``
  const input = [...step.with.keys()].find((name) => !takenInputs.includes(name))
  if (input !== undefined) return `it has the input \`${input}\``
  const user = model.steps.find(({index, kind, step: {run}}) => {
    const isBetween = index > login.index && index < next.index
    return isBetween && (kind === 'bake' || kind === 'registry-user' || usesRegistry(run?.text ?? ''))
  })
  return user === undefined ? undefined : `the step of line ${user.step.place.line} may need it before the build`
}

/** Host of a login: `docker.io` without `registry`. */
function loginHost(model: JobModel, login: JobStep): string {
  const written = resolved(inputText(login, 'registry'), model.env).toLowerCase()
  const host = written.replace(/^https?:\/\//, '').split('/')[0] ?? ''
  return ['', 'docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'].includes(host)
    ? 'docker.io'
    : host
}

/** Reports whether a login is the one of the job's token to ghcr.io. */
function isJobToken(model: JobModel, login: JobStep): boolean {
  const password = resolved(inputText(login, 'password'), model.env).replaceAll(/\s/g, '')
  return loginHost(model, login) === 'ghcr.io' && /^\$\{\{(?:secrets\.GITHUB_TOKEN|github\.token)\}\}$/i.test(password)
}

/** Build with the later steps that can use the login which it exports; none if it exports none. */
interface LoginHolder {
  readonly build: JobStep
  readonly readers: readonly JobStep[]
}

/** Inputs for the logins that a build takes over. */
export function loginInputs(
  model: JobModel,
  holder: LoginHolder & {readonly pushesToGitHub: boolean},
  {automatic, taken}: Logins,
): readonly EntryText[] {
  const {build, pushesToGitHub} = holder
  const before = taken.filter(({index}) => index < build.index)
  const needsToken = automatic.some(({index}) => index < build.index) && !hasCheckout(model, build) && !pushesToGitHub
  const [only] = before
  if (only !== undefined && before.length === 1 && !needsToken && enableOf(holder, only) === undefined)
    return singleLogin(model, only)
  const items = before.flatMap((login) => loginItem(model, holder, login))
  const lines = needsToken ? ['- registry: ghcr.io', ...items] : items
  return lines.length === 0 ? [] : [newEntry('registry-auth', [...lines, ''].slice(0, -1))]
}

function hasCheckout(model: JobModel, build: JobStep): boolean {
  return model.steps.some(({kind, index}) => kind === 'checkout' && index < build.index)
}

function singleLogin(model: JobModel, login: JobStep): readonly EntryText[] {
  const isHub = loginHost(model, login) === 'docker.io'
  const names = isHub ? ['username', 'password'] : ['registry', 'username', 'password', 'ecr']
  return names.flatMap((name) => login.source.inputs.find((input) => input.name === name) ?? [])
}

/** Lines of an item of `registry-auth`. */
function loginItem(model: JobModel, holder: LoginHolder, login: JobStep): readonly string[] {
  const isHub = loginHost(model, login) === 'docker.io'
  const enable = enableOf(holder, login)
  const pairs = [
    ...(isHub ? [] : [['registry', itemText(inputText(login, 'registry'))] as const]),
    ...['username', 'password', 'ecr'].flatMap((name) => {
      const text = inputText(login, name)
      return text === '' ? [] : [[name, itemText(text)] as const]
    }),
    ...(enable === undefined ? [] : [['enable', `\${{ ${enable} }}`] as const]),
  ]
  return pairs.map(([name, text], at) => `${at === 0 ? '- ' : '  '}${name}: ${text}`)
}

/** Value in the YAML of an item: an expression as JSON, which keeps all characters of its value. */
function itemText(text: string): string {
  const pieces = text.split(/(\$\{\{.*?\}\})/s).filter((piece) => piece !== '')
  const inner = (piece: string): string => piece.slice(3, -2).trim()
  const expressions = pieces.filter((piece) => piece.startsWith('${{'))
  if (expressions.length === 0) return text.includes('\n') ? JSON.stringify(text) : quoted(text)
  if (pieces.length === 1) return `\${{ toJSON(${inner(text)}) }}`
  const format = pieces.map((piece) =>
    piece.startsWith('${{')
      ? `{${expressions.indexOf(piece)}}`
      : piece.replaceAll(/[{}]/g, '$&$&').replaceAll("'", "''"),
  )
  return `\${{ toJSON(format('${format.join('')}', ${expressions.map(inner).join(', ')})) }}`
}

/** Condition of a login that has to stay; undefined if Tagboat needs none. */
function enableOf(holder: LoginHolder, login: JobStep): string | undefined {
  const {build} = holder
  const condition = conditionText(login.step.if)
  if (condition === '' || condition === conditionText(build.step.if)) return undefined
  if (isWidened(holder, login)) return condition
  const push = conditionText(build.step.with.get('push'))
  const texts = ['username', 'password'].map((name) => inputText(login, name))
  const known = [push, ...conjuncts(conditionText(build.step.if))]
  const left = conjuncts(condition).filter(
    (one) => !isNotPullRequest(one) && !known.includes(one) && !asksForText(one, texts),
  )
  return condition === push || left.length === 0 ? undefined : condition
}

/** Reports whether the condition of a login is dropped. */
export function dropsCondition(holder: LoginHolder, login: JobStep): boolean {
  return login.step.if !== undefined && enableOf(holder, login) === undefined
}

/** Reports whether a later step would have an exported login without its condition when it did not have it before. */
export function isWidened({build, readers}: LoginHolder, {step}: JobStep): boolean {
  const condition = conditionText(step.if)
  if (condition === '' || isPartOf(condition, conditionText(build.step.if))) return false
  return readers.some((reader) => !isPartOf(condition, conditionText(reader.step.if)))
}
