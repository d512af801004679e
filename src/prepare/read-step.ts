import {writtenEpoch} from '../buildx/source-date-epoch.ts'
import {isTooShortToMask, namesKeyFile} from '../errors/known-secrets.ts'
import {secretsInTexts} from '../inputs/address-secrets.ts'
import {withAnnotationLevels} from '../inputs/annotation-inputs.ts'
import {withDefaultAttestations} from '../inputs/attestations/attestation-inputs.ts'
import {withDefaultPlatforms} from '../inputs/build-inputs.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {readInputs} from '../inputs/read.ts'
import {checkBuilderFiles} from '../inputs/secrets/builder-files.ts'
import {builds, type ActionName} from '../inputs/spec/action-names.ts'
import type {RawInputs} from '../io/environment.ts'
import {isIdTokenVariable} from '../io/io.ts'
import {Secret} from '../errors/secret.ts'
import type {Io} from '../io/io.ts'
import {templatesOf} from '../plan/image-texts.ts'
import {mayNeedCalver, parseRules} from '../tags/rules/rule-reader.ts'
import type {TagRule} from '../tags/rules/rule.ts'
import {needsFullEngine, plainEngine, type TemplateEngine} from '../tags/templates/template.ts'
import {readShortShaLength} from '../tags/templates/values.ts'
import {checkNames} from './written-names.ts'
import {warnOfNodeVariables, warnOfUncheckedCertificates} from './node-variables.ts'

/** Inputs and variables of the step, without what the event adds. */
export interface StepInputs {
  readonly action: ActionName
  readonly inputs: Inputs
  /** Rules of the input `tags`; empty for the default strategy. */
  readonly writtenRules: readonly TagRule[]
  readonly engine: TemplateEngine
  /** Length of short commit IDs. */
  readonly shortShaLength: number
  /** SOURCE_DATE_EPOCH of the build argument or the environment, in seconds. */
  readonly userEpoch: number | undefined
}

/**
 * Reads and checks inputs and variables. Rules and expressions are checked here, without the event, so that their
 * problems are reported with those of other inputs.
 * @throws TagboatError `input-invalid` with all problems.
 */
export async function readStep(io: Io, action: ActionName, problems: Problems): Promise<StepInputs> {
  const {environment} = io
  const raw = action === 'promote' ? await withFilesOfDigests(io, problems) : io.inputs
  const inputs = await completeInputs(await readInputs(raw, problems, action), {action, io}, problems)
  requireAttestationServer(inputs, environment, problems)
  warnOfNodeVariables(environment, problems)
  warnOfUncheckedCertificates(environment, problems)
  const writtenRules = await readRules(inputs.image.tags, problems)
  await checkNames(inputs, writtenRules, problems)
  const templates = templatesOf(inputs)
  const engine = await engineFor(templates)
  if (templates.some((text) => text.includes('{{'))) {
    const {checkTemplates} = await import('../tags/templates/check-templates.ts')
    checkTemplates(inputs, engine, problems)
  }
  const shortShaLength = readShortShaLength(environment, problems)
  const userEpoch = builds(action) ? writtenEpoch(inputs.build.buildArgs, environment, problems) : undefined
  if (problems.all.length > 0) {
    const {reportEmptyPasswords} = await import('../inputs/credentials/empty-passwords.ts')
    reportEmptyPasswords(inputs, environment['GITHUB_EVENT_NAME'] ?? '', problems)
    if (inputs.sign !== undefined) {
      const {reportSigningKey} = await import('./signing-key-problem.ts')
      await reportSigningKey(inputs.sign, problems)
    }
  }
  problems.throwIfAny()
  return {action, inputs, writtenRules, engine, shortShaLength, userEpoch}
}

/** Rules of the input `tags`. The code of `type=calver` is loaded only when a line needs it. */
async function readRules(lines: Inputs['image']['tags'], problems: Problems): Promise<readonly TagRule[]> {
  if (!mayNeedCalver(lines)) return parseRules(lines, {origin: 'tags'}, problems)
  const {readCalver} = await import('../tags/rules/calver-rule.ts')
  return parseRules(lines, {origin: 'tags', readCalver}, problems)
}

/** Reports `github-attestation` on a server that has no attestations: GitHub Enterprise Server. */
function requireAttestationServer({publish}: Inputs, environment: Io['environment'], problems: Problems): void {
  const server = (environment['GITHUB_SERVER_URL'] ?? '').replace(/\/$/, '')
  if (publish.githubAttestation === 'false' || server === '' || server === 'https://github.com') return
  problems.add({
    input: 'github-attestation',
    message: `${server} has no attestations, which only github.com stores`,
    remedy: 'Remove this input, and sign with `sign`.',
  })
}

/** Inputs of the promote action, with the contents of the files that `digests` names. */
async function withFilesOfDigests(io: Io, problems: Problems): Promise<RawInputs> {
  const {withDigestFiles} = await import('./digest-files.ts')
  return withDigestFiles(io.inputs, io, problems)
}

/** Completes the inputs with defaults from environment variables, and checks what they name. */
async function completeInputs(
  read: Inputs,
  {action, io}: {readonly action: ActionName; readonly io: Io},
  problems: Problems,
): Promise<Inputs> {
  const {environment} = io
  const written = withAnnotationLevels(read, environment, problems)
  maskSecrets(written, io)
  const built = builds(action) ? withDefaultPlatforms(written, environment) : written
  const complete = await withSizeLimits(
    await withWithdrawn(withDefaultAttestations(built, environment), problems),
    problems,
  )
  return withCheckedFiles(complete, io, problems)
}

/** Inputs whose policy knows the withdrawn versions. */
async function withWithdrawn(inputs: Inputs, problems: Problems): Promise<Inputs> {
  const {publish} = inputs
  if (publish.withdrawn.length === 0) return inputs
  const {parseWithdrawn} = await import('../tags/versions/withdrawn.ts')
  const policy = {...publish.policy, isWithdrawn: parseWithdrawn(publish.withdrawn, problems)}
  return {...inputs, publish: {...publish, policy}}
}

/** Inputs with the limits of the size of the image. */
async function withSizeLimits(inputs: Inputs, problems: Problems): Promise<Inputs> {
  const {publish} = inputs
  const {maxSize, maxGrowth} = publish.writtenLimits
  if (maxSize.length === 0 && maxGrowth.length === 0) return inputs
  const {parseSizeLimits} = await import('../inputs/size-limits.ts')
  return {...inputs, publish: {...publish, sizeLimits: parseSizeLimits(publish.writtenLimits, problems)}}
}

/** Checks the variables, files and agents that the inputs name, and leaves out build secrets that are empty. */
async function withCheckedFiles(inputs: Inputs, io: Io, problems: Problems): Promise<Inputs> {
  const {environment, files} = io
  const {build} = inputs
  const lookAt = async (file: string): ReturnType<typeof files.kindOf> => files.kindOf(file)
  const passed = await checkedSecrets(build, {environment, lookAt}, problems)
  const secretEnvs = passed.filter(({value}) => !isIdTokenVariable(value))
  const secrets = [...build.secrets, ...idTokenSecrets(passed, environment)]
  await checkBuilderFiles(inputs.builder, lookAt, problems)
  const credentials = await withEcrDocuments(inputs.credentials, io, problems)
  if (build.ssh.length > 0) {
    const {checkSsh} = await import('../inputs/secrets/ssh.ts')
    await checkSsh({text: io.inputs.get('ssh') ?? '', environment, lookAt}, problems)
  }
  return {
    ...inputs,
    ...(await withSigned(inputs.sign, io, problems)),
    verify: await withVerified(inputs.verify, io, problems),
    scan: await withScanned(inputs.scan, io, problems),
    credentials,
    build: {...build, secretEnvs, secrets},
  }
}

/** Reads the file of `sigstore-config`. */
async function withSigned(sign: Inputs['sign'], io: Io, problems: Problems): Promise<Pick<Inputs, 'sign'>> {
  if (sign?.configFile === undefined) return {}
  const {withSigstoreConfig} = await import('./sigstore-config.ts')
  return {sign: await withSigstoreConfig(sign, io, problems)}
}

/** Reads the files of the inputs that demand signatures. */
async function withVerified(verify: Inputs['verify'], io: Io, problems: Problems): Promise<Inputs['verify']> {
  if (verify === undefined) return undefined
  const {withVerifyFiles} = await import('./verify-files.ts')
  return withVerifyFiles(verify, io, problems)
}

/** Checks the files of the inputs of a scan. */
async function withScanned(scan: Inputs['scan'], io: Io, problems: Problems): Promise<Inputs['scan']> {
  if (scan === undefined) return undefined
  const {withScanFiles} = await import('./scan-files.ts')
  return withScanFiles(scan, io, problems)
}

/** Reads the policies that `ecr-create` names. */
async function withEcrDocuments(
  credentials: Inputs['credentials'],
  io: Io,
  problems: Problems,
): Promise<Inputs['credentials']> {
  const {clouds} = credentials
  if (clouds?.ecrCreate === undefined) return credentials
  const {withEcrFiles} = await import('./ecr-files.ts')
  return {...credentials, clouds: {...clouds, ecrCreate: await withEcrFiles(clouds.ecrCreate, io, problems)}}
}

/** Build secrets with the right to request ID tokens, which the environment of child processes does not have. */
function idTokenSecrets(
  named: Inputs['build']['secretEnvs'],
  environment: Io['environment'],
): Inputs['build']['secrets'] {
  return named
    .filter(({value}) => isIdTokenVariable(value))
    .map(({key, value}) => ({id: key, value: new Secret(environment[value] ?? '')}))
}

/** Checks the variables and files of build secrets. Returns the entries of `secret-envs` to pass to the build. */
async function checkedSecrets(
  {secretEnvs, secretFiles}: Inputs['build'],
  {environment, lookAt}: Pick<Io, 'environment'> & {readonly lookAt: Io['files']['kindOf']},
  problems: Problems,
): Promise<Inputs['build']['secretEnvs']> {
  if (secretEnvs.length + secretFiles.length === 0) return []
  const {checkSecretFiles, checkSecretVariables} = await import('../inputs/build-secrets.ts')
  const passed = checkSecretVariables(secretEnvs, environment, problems)
  await checkSecretFiles(secretFiles, lookAt, problems)
  return passed
}

function maskSecrets({build, credentials, sign}: Inputs, {workflow, inputs: raw, environment}: Io): void {
  const passwords = credentials.logins.map(({password}) => password)
  // The name of a file in place of the key is not a secret, and remedies contain such names.
  const ofSigning = sign === undefined ? [] : [...(namesKeyFile(sign.key.reveal()) ? [] : [sign.key]), sign.password]
  const secrets = [...build.secrets.map(({value}) => value), ...ofSigning].filter(
    (value) => !isTooShortToMask(value.reveal()),
  )
  for (const secret of [...passwords, ...secrets, credentials.githubToken]) {
    if (secret !== undefined && !secret.isEmpty) workflow.mask(secret.reveal())
  }
  for (const secret of secretsInTexts(raw, environment)) {
    if (!isTooShortToMask(secret)) workflow.mask(secret)
  }
}

/** The full engine is loaded only when an expression needs it. */
async function engineFor(templates: readonly string[]): Promise<TemplateEngine> {
  if (!templates.some(needsFullEngine)) return plainEngine
  const {handlebarsEngine} = await import('../tags/templates/handlebars.ts')
  return handlebarsEngine
}
