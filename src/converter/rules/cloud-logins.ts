import {conditionText, inputText, resolved, type JobModel, type JobStep} from '../job-model.ts'
import {stepText} from '../step-text.ts'
import type {EntryText} from '../text/entry-text.ts'
import {isNotPullRequest} from './conditions.ts'
import {onlyOutput, outputReads} from './references.ts'

/** Login with the identity of the job that inputs replace. */
export interface CloudLogin {
  /** Steps that go. */
  readonly steps: readonly JobStep[]
  readonly inputs: readonly EntryText[]
  /** Replaces outputs of these steps in a text. */
  readonly substitute: (text: string) => string
}

/** Finds the logins to clouds that only serve the registry. */
export function cloudLogins(model: JobModel, builds: readonly JobStep[]): readonly CloudLogin[] {
  const [first] = builds
  if (first === undefined) return []
  const before = model.steps.filter(({index}) => index < first.index)
  return [amazon, google, azure].flatMap((find) => find(model, before) ?? [])
}

/** Logins to registries by actions of a cloud, before a build, that stay. */
export function keptCloudLogins(
  model: JobModel,
  builds: readonly JobStep[],
  taken: readonly JobStep[],
): readonly JobStep[] {
  const last = builds.at(-1)?.index ?? -1
  return model.steps.filter((one) => one.index < last && isCloudLogin(one) && !taken.includes(one))
}

function isCloudLogin({step}: JobStep): boolean {
  const script = step.run?.text ?? ''
  const isAction = step.uses?.text.toLowerCase().startsWith('aws-actions/amazon-ecr-login@') === true
  return isAction || /\bgcloud auth configure-docker\b|\baz acr login\b|\baws ecr get-login-password\b/.test(script)
}

const same = (text: string): string => text

function amazon(model: JobModel, before: readonly JobStep[]): CloudLogin | undefined {
  const credentials = onlyStep(before, 'aws-actions/configure-aws-credentials', ['role-to-assume', 'aws-region'])
  const login = onlyStep(before, 'aws-actions/amazon-ecr-login', ['mask-password'])
  if (credentials === undefined || login === undefined) return undefined
  const steps = [credentials, login]
  const inputs = renamedInputs(credentials, [['role-to-assume', 'aws-role']])
  if (inputs.length === 0 || servesOthers(model, steps, /\baws\b|\bAWS_|\beksctl\b|\bterraform\b|\bcdk\b|\bsam\b/))
    return undefined
  const read = `\${{ steps.${login.step.id?.text ?? ''}.outputs.registry }}`
  const reads = model.steps
    .flatMap((one) => outputReads(stepText(one)))
    .filter(({id}) => steps.some(({step}) => step.id?.text === id))
  const host = ecrHost(model, credentials)
  const texts = model.steps.map(stepText).join('\n')
  if (reads.length === 0) return texts.includes('.dkr.ecr.') ? {steps, inputs, substitute: same} : undefined
  const whole = texts.split(read).length - 1
  if (host === undefined || whole !== reads.length || readsInOutputs(model, login)) return undefined
  return {steps, inputs, substitute: (text) => text.replaceAll(read, host)}
}

/** Host of the registry of the account of a role. Undefined if account or region are not written in the file. */
function ecrHost(model: JobModel, credentials: JobStep): string | undefined {
  const role = resolved(inputText(credentials, 'role-to-assume'), model.env)
  const region = resolved(inputText(credentials, 'aws-region'), model.env)
  const account = /^arn:aws:iam::(?<account>\d{12}):role\//.exec(role)?.groups?.['account']
  const isKnown = account !== undefined && /^(?!cn-)[a-z]{2}-[a-z]+-\d$/.test(region)
  return isKnown ? `${account}.dkr.ecr.${region}.amazonaws.com` : undefined
}

function google(model: JobModel, before: readonly JobStep[]): CloudLogin | undefined {
  const auth = onlyStep(before, 'google-github-actions/auth', [
    'workload_identity_provider',
    'service_account',
    'token_format',
    'project_id',
    'create_credentials_file',
    'export_environment_variables',
    'access_token_lifetime',
  ])
  const inputs =
    auth &&
    renamedInputs(auth, [
      ['workload_identity_provider', 'gcp-workload-identity-provider'],
      ['service_account', 'gcp-service-account'],
    ])
  if (auth === undefined || inputs?.some(({name}) => name === 'gcp-workload-identity-provider') !== true)
    return undefined
  const logins = before.filter(
    (one) => isTokenLogin(one, auth) || isScript(one, /^gcloud auth configure-docker [\w.,-]+( (?:--quiet|-q))?$/),
  )
  const setup = before.filter(({step}) => /^google-github-actions\/setup-gcloud@/i.test(step.uses?.text ?? ''))
  const steps = [auth, ...setup, ...logins]
  if (logins.length === 0 || !logins.every(isPlain)) return undefined
  if (
    servesOthers(model, steps, /\bgcloud\b|\bgsutil\b|\bbq\b|\bterraform\b|\bkubectl\b|\bGOOGLE_|\bGCLOUD_|\bCLOUDSDK_/)
  )
    return undefined
  return hasReaders(model, auth, steps) ? undefined : {steps, inputs, substitute: same}
}

function isTokenLogin(login: JobStep, auth: JobStep): boolean {
  const read = onlyOutput(inputText(login, 'password'))
  const isToken = read?.id === auth.step.id?.text && read?.output === 'access_token'
  return login.kind === 'login' && inputText(login, 'username') === 'oauth2accesstoken' && isToken
}

function azure(model: JobModel, before: readonly JobStep[]): CloudLogin | undefined {
  const login = onlyStep(before, 'azure/login', ['client-id', 'tenant-id', 'subscription-id'])
  const registry = before.filter((one) => isScript(one, /^az acr login (?:--name|-n)[ =]\S+$/))
  if (login === undefined || registry.length === 0 || !registry.every(isPlain)) return undefined
  const inputs = renamedInputs(login, [
    ['client-id', 'azure-client-id'],
    ['tenant-id', 'azure-tenant-id'],
  ])
  const steps = [login, ...registry]
  if (inputs.length < 2 || servesOthers(model, steps, /\baz\b|\bAZURE_|\bkubectl\b|\bterraform\b/)) return undefined
  return {steps, inputs, substitute: same}
}

/** The only step with an action, if it has no other inputs than these, and no condition of its own. */
function onlyStep(steps: readonly JobStep[], action: string, inputs: readonly string[]): JobStep | undefined {
  const found = steps.filter(({step}) => step.uses?.text.toLowerCase().startsWith(`${action}@`) === true)
  const [only] = found
  if (only === undefined || found.length > 1 || !isPlain(only)) return undefined
  return [...only.step.with.keys()].every((name) => inputs.includes(name)) ? only : undefined
}

/** Reports whether a step has nothing but its action or script, and no condition but that the event is not a pull request. */
function isPlain({step, source}: JobStep): boolean {
  const condition = conditionText(step.if)
  const names = source.entries?.map(({name}) => name) ?? ['{']
  return (
    (condition === '' || isNotPullRequest(condition)) &&
    names.every((name) => ['name', 'id', 'uses', 'with', 'if', 'run'].includes(name))
  )
}

function isScript({step}: JobStep, pattern: RegExp): boolean {
  return pattern.test((step.run?.text ?? '').trim().replaceAll(/\s+/g, ' '))
}

function renamedInputs(step: JobStep, names: readonly (readonly [string, string])[]): readonly EntryText[] {
  return names.flatMap(([from, to]) =>
    step.source.inputs.flatMap((input) => (input.name === from ? [{...input, name: to}] : [])),
  )
}

/** Actions that use no cloud, unless a build has inputs for it. */
const harmless = /^(?:actions|docker|sigstore|aquasecurity|anchore)\//i

/** Reports whether another step may use the credentials: by its words, or as an action that is not known. */
function servesOthers(model: JobModel, steps: readonly JobStep[], words: RegExp): boolean {
  return model.steps.some((one) => {
    if (steps.includes(one)) return false
    const {uses, run} = one.step
    const variables = [...one.step.env.keys()].join(' ')
    if (uses === undefined) return words.test(run?.text ?? '') || words.test(variables)
    return !harmless.test(uses.text) || words.test(variables) || buildNeeds(one, words)
  })
}

/** Reports whether a build may use the credentials for its cache, or in its Dockerfile. */
function buildNeeds(build: JobStep, words: RegExp): boolean {
  const texts = (names: readonly string[]): string => names.map((name) => inputText(build, name)).join('\n')
  const hasCache = /\btype=(?:s3|azblob)\b/i.test(texts(['cache-from', 'cache-to']))
  return hasCache || words.test(texts(['secret-envs', 'secrets', 'secret-files', 'build-args']))
}

function hasReaders(model: JobModel, step: JobStep, gone: readonly JobStep[]): boolean {
  const id = step.step.id?.text
  const texts = model.steps.filter((one) => !gone.includes(one)).map(stepText)
  return (
    id !== undefined && (outputReads(texts.join('\n')).some((read) => read.id === id) || readsInOutputs(model, step))
  )
}

function readsInOutputs({job}: JobModel, {step}: JobStep): boolean {
  const id = step.id?.text
  return [...job.outputs.values()].some(({text}) => outputReads(text).some((read) => read.id === id))
}
