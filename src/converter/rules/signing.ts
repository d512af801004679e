import {conditionText, inputText, linesOf, resolved, type JobModel, type JobStep} from '../job-model.ts'
import {newEntry, type EntryText} from '../text/entry-text.ts'
import {isNotPullRequest} from './conditions.ts'
import {onlyOutput} from './references.ts'

/** Signature with cosign that an input replaces. */
interface Signing {
  /** Build whose image is signed. */
  readonly build: JobStep
  /** Step that signs, and the one that installs cosign if nothing else needs it. */
  readonly steps: readonly JobStep[]
  readonly inputs: readonly EntryText[]
}

const text = String.raw`["']?(?<image>[^"'\s@]+)@(?<digest>\$\{\{[^}]*\}\}|\$\{?\w+\}?)["']?`
const key = String.raw`(?:--key[ =]env:\/\/(?<key>\w+) )?`
const options = String.raw`(?:(?:--yes|-y) ${key}|${key}(?:--yes|-y) )`
const signImage = new RegExp(
  String.raw`^cosign sign ${options.replace('(?<key>', '(?<key1>').replace('(?<key>', '(?<key2>')}${text}$`,
)
const signTags =
  /^echo ["']?\$\{?(?<tags>\w+)\}?["']? \| xargs -I ?\{\} cosign sign (?:--yes|-y) ["']?\{\}@(?<digest>\$\{\{[^}]*\}\}|\$\{?\w+\}?)["']?$/

/** Finds the signatures that the input `sign` replaces: exactly those of all images of one build. */
export function signingsOf(model: JobModel, builds: readonly JobStep[]): readonly Signing[] {
  return model.steps.flatMap((step) => {
    const found = readSignature(model, step)
    const build = builds.find((one) => one.kind === 'build' && one.step.id?.text === found?.buildId)
    if (found === undefined || build === undefined || build.index > step.index) return []
    if (!isForAllImages(model, build, found) || !hasSameCondition(build, step)) return []
    const others = model.steps.filter((one) => one !== step && /\bcosign\b/.test(one.step.run?.text ?? ''))
    const installers = model.steps.filter(({step: {uses}}) => /^sigstore\/cosign-installer@/i.test(uses?.text ?? ''))
    return [{build, steps: others.length === 0 ? [step, ...installers] : [step], inputs: found.inputs}]
  })
}

interface Signature {
  readonly buildId: string
  /** Name of the image; undefined if all tags are signed. */
  readonly image: string | undefined
  readonly inputs: readonly EntryText[]
}

/** Parts of a script that signs. */
interface SignScript {
  readonly digest: string
  /** Image that the script names, or the variable with all tags. */
  readonly image: string
  readonly isForTags: boolean
  /** Variable with the private key. */
  readonly key: string | undefined
}

function readSignature(model: JobModel, {step}: JobStep): Signature | undefined {
  const script = readScript(step.run?.text ?? '')
  if (script === undefined) return undefined
  const read = onlyOutput(variable(step.env, script.digest))
  const inputs = script.key === undefined ? keyless(model) : keyInputs(step.env, script.key)
  if (read?.output !== 'digest' || inputs === undefined) return undefined
  const image = variable(step.env, script.image)
  if (!script.isForTags) return {buildId: read.id, image: resolved(image, model.env), inputs}
  return onlyOutput(image)?.output === 'tags' ? {buildId: read.id, image: undefined, inputs} : undefined
}

function readScript(run: string): SignScript | undefined {
  const script = run
    .trim()
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/[ \t]+/g, ' ')
  const one = signImage.exec(script)?.groups
  const {image = '', digest = '', key1, key2} = one ?? {}
  if (one !== undefined) return {digest, image, isForTags: false, key: key1 ?? key2}
  const all = signTags.exec(script)?.groups
  return all && {digest: all['digest'] ?? '', image: `\${${all['tags'] ?? ''}}`, isForTags: true, key: undefined}
}

/** Value of a variable of the step; any other text as it is. */
function variable(env: JobStep['step']['env'], written: string): string {
  const name = /^\$\{?(?<name>\w+)\}?$/.exec(written)?.groups?.['name']
  return name === undefined ? written : (env.get(name)?.text ?? '')
}

function keyless({job, workflow}: JobModel): readonly EntryText[] | undefined {
  const permissions = job.permissions ?? workflow.permissions
  const may = typeof permissions === 'string' ? permissions === 'write-all' : permissions?.get('id-token') === 'write'
  return may ? [newEntry('sign', 'keyless')] : undefined
}

function keyInputs(env: JobStep['step']['env'], name: string): readonly EntryText[] | undefined {
  const [secret, password] = [env.get(name)?.text, env.get('COSIGN_PASSWORD')?.text]
  if (secret?.startsWith('${{') !== true) return undefined
  return [
    newEntry('sign', 'key'),
    newEntry('sign-key', secret),
    ...(password === undefined || password === '' ? [] : [newEntry('sign-key-password', [password])]),
  ]
}

function isForAllImages(model: JobModel, build: JobStep, {image}: Signature): boolean {
  if (image === undefined) return true
  const tagged = onlyOutput(inputText(build, 'tags'))
  const meta = model.steps.find(({kind, step}) => kind === 'metadata' && step.id?.text === tagged?.id)
  const images = meta === undefined ? [] : linesOf(resolved(inputText(meta, 'images'), model.env))
  return images.length === 1 && images[0] === image
}

/** Reports whether a step runs whenever its build pushes. */
function hasSameCondition(build: JobStep, step: JobStep): boolean {
  const condition = conditionText(step.step.if)
  const push = conditionText(build.step.with.get('push'))
  return (
    ['', conditionText(build.step.if), push].includes(condition) ||
    (isNotPullRequest(condition) && (push === 'true' || isNotPullRequest(push)))
  )
}
