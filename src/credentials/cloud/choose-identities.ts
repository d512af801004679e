import {cloudError} from '../../errors/cloud-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import type {CloudInputs} from '../../inputs/credentials/cloud-inputs.ts'
import type {AwsIdentity, Identity} from '../../inputs/credentials/identity.ts'
import type {LoginScope} from '../../inputs/credentials/login-scope.ts'
import {cloudVendor} from '../../oci/cloud-vendor.ts'
import {parseEcrHost} from '../../oci/ecr.ts'
import type {Repository} from '../../oci/reference.ts'
import {hasLoginFor, type DockerConfig} from '../docker-config.ts'
import {loginFor, type ScopedLogin} from '../scoped-logins.ts'
import {hasEnvironmentKeys} from './aws.ts'
import {exportedGoogleFile} from './google-file.ts'
import {canRequestIdToken} from './id-token.ts'

/** Registry for which a cloud issues the credentials of this run. */
export interface CloudLogin {
  readonly host: string
  /** Part of the registry that they are for; undefined for all of it. */
  readonly scope?: LoginScope | undefined
  readonly identity: Identity
  /** Whether the run continues if the credentials are refused: it only reads from the registry. */
  readonly isOptional: boolean
}

/** Facts that decide which credentials a run requests. */
export interface IdentityQuestion {
  readonly inputs: CloudInputs | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly pushedTo: readonly Repository[]
  /** Registries that the run uses, but can do without: those of mirrors, and of the source of a promote. */
  readonly otherHosts: readonly string[]
  /** Registries that the build may read from. No file of an earlier step is used for them alone. */
  readonly readHosts: readonly string[]
  /** Logins of the inputs. */
  readonly configured: readonly ScopedLogin[]
  readonly userConfig: DockerConfig
}

/**
 * Chooses the identity for each registry that the run uses and that has no login of the inputs. An item of `registry-auth`
 * has priority over the inputs for all registries of a cloud, these over the user's Docker configuration, and that over
 * the variables that earlier steps export.
 * @throws TagboatError `aws-role-missing` if the run pushes to Amazon ECR without any credentials.
 */
export function chooseIdentities(question: IdentityQuestion): readonly CloudLogin[] {
  const {readHosts, pushedTo, configured, inputs} = question
  const hosts = [...new Set([...usedHosts(question), ...readHosts])]
  const items = inputs?.items ?? []
  const logins: readonly ScopedLogin[] = [...configured, ...items]
  const used = (repository: Repository): ScopedLogin | undefined => loginFor(logins, {...repository, isPushed: true})
  const ofItems = items.flatMap((item) => {
    const {host, scope, identity} = item
    const isOptional = !pushedTo.some((one) => used(one) === item)
    return hosts.includes(host) ? [{host, ...(scope !== undefined && {scope}), identity, isOptional}] : []
  })
  const others = hosts
    .filter((host) => !logins.some((login) => login.host === host && login.scope === undefined))
    .flatMap((host) => {
      const isOptional = !pushedTo.some((one) => one.host === host && used(one) === undefined)
      const identity = identityFor(host, isOptional, question)
      return identity === undefined ? [] : [{host, identity, isOptional}]
    })
  return [...ofItems, ...others]
}

/** Inputs for clouds that fit no registry of the run, and items for other registries. */
export function unusedInputs(inputs: CloudInputs | undefined, logins: readonly CloudLogin[]): readonly string[] {
  const items = inputs?.items ?? []
  const isOfItem = ({identity}: CloudLogin): boolean => items.some((item) => item.identity === identity)
  const used = new Set(logins.filter((login) => !isOfItem(login)).map(({identity}) => identity.vendor))
  const given = [
    {vendor: 'aws', name: 'aws-role', isSet: (inputs?.awsRoles ?? []).length > 0},
    {vendor: 'aws', name: 'ecr-create', isSet: inputs?.ecrCreate !== undefined},
    {vendor: 'google', name: 'gcp-workload-identity-provider', isSet: inputs?.google !== undefined},
    {vendor: 'azure', name: 'azure-client-id', isSet: inputs?.azure !== undefined},
    {vendor: 'docker-hub', name: 'dockerhub-connection-id', isSet: inputs?.dockerHubConnection !== undefined},
  ] as const
  return [
    ...given.flatMap(({vendor, name, isSet}) => (isSet && !used.has(vendor) ? [`\`${name}\``] : [])),
    ...items.flatMap(({host, line}) =>
      logins.some((login) => login.host === host)
        ? []
        : [line === undefined ? '`registry`' : `The item of \`registry-auth\` on line ${line}`],
    ),
  ]
}

/** Registries that the run uses, apart from those that only the build reads from. */
function usedHosts({pushedTo, otherHosts}: IdentityQuestion): readonly string[] {
  return [...pushedTo.map(({host}) => host), ...otherHosts]
}

function identityFor(host: string, isOptional: boolean, question: IdentityQuestion): Identity | undefined {
  const isUsers = hasLoginFor(question.userConfig, host)
  switch (cloudVendor(host)) {
    case 'aws':
      return awsIdentity({host, isUsers, isOptional}, question)
    case 'google':
      return googleIdentity(host, isUsers, question)
    case 'azure':
      return azureIdentity(isUsers, question)
    case 'docker-hub':
      return hubIdentity(host, isUsers, question)
    case undefined:
      return question.inputs?.ecr === 'true' && !isUsers ? aliasIdentity(isOptional, question) : undefined
  }
}

interface AwsHost {
  readonly host: string
  readonly isUsers: boolean
  readonly isOptional: boolean
}

function awsIdentity({host, isUsers, isOptional}: AwsHost, question: IdentityQuestion): Identity | undefined {
  const {inputs, environment} = question
  if (inputs?.ecr === 'false') return undefined
  const parsed = parseEcrHost(host)
  const account = parsed?.kind === 'private' ? parsed.account : undefined
  const roles = inputs?.awsRoles ?? []
  const isForeign = !roles.some((role) => role.account === account)
  // A login of the user to another account, from which the build only reads, is not replaced.
  if (isUsers && isOptional && isForeign) return undefined
  const role = roleFor(account, roles)
  const aws = (identity: AwsIdentity): Identity => ({vendor: 'aws', identity, region: inputs?.awsRegion})
  if (role !== undefined) return aws({kind: 'role', role})
  if (isUsers) return undefined
  if (hasEnvironmentKeys(environment)) return aws({kind: 'keys'})
  if (isOptional || hasStore(question)) return undefined
  throw roleMissing(host, account, question)
}

/** Role of the account of the registry, or the only one: its account may push there by the policy of the repository. */
function roleFor(account: string | undefined, roles: CloudInputs['awsRoles']): string | undefined {
  const own = roles.find((role) => role.account === account)
  return own?.arn ?? (roles.length === 1 ? roles[0]?.arn : undefined)
}

/** Reports whether only a credential store could say whether it has a login. */
function hasStore({userConfig}: IdentityQuestion): boolean {
  return typeof userConfig['credsStore'] === 'string' && userConfig['credsStore'] !== ''
}

function roleMissing(host: string, account = '123456789012', {inputs, environment}: IdentityQuestion): TagboatError {
  const roles = inputs?.awsRoles ?? []
  const permission = canRequestIdToken({environment}) ? '' : ', and add `permissions: id-token: write` to the job'
  return cloudError('aws-role-missing', {
    message:
      roles.length === 0
        ? `No role and no AWS keys are known for ${host}.`
        : `No role of \`aws-role\` is of the account of ${host}.`,
    evidence: roles.map(({arn}) => `aws-role: ${arn}`),
    remedy: `Set \`aws-role: arn:aws:iam::${account}:role/NAME\` to a role that this job may assume${permission}. Or add aws-actions/configure-aws-credentials as a step before this one.`,
  })
}

/** Identity for a registry under another name, of which only the inputs know that it is Amazon ECR. */
function aliasIdentity(isOptional: boolean, {inputs, environment}: IdentityQuestion): Identity | undefined {
  if (isOptional) return undefined
  const region = inputs?.awsRegion ?? environment['AWS_REGION']
  const role = roleFor(undefined, inputs?.awsRoles ?? [])
  if (role !== undefined) return {vendor: 'aws', identity: {kind: 'role', role}, region}
  return hasEnvironmentKeys(environment) ? {vendor: 'aws', identity: {kind: 'keys'}, region} : undefined
}

function googleIdentity(host: string, isUsers: boolean, question: IdentityQuestion): Identity | undefined {
  const {inputs, environment} = question
  if (inputs?.google !== undefined) return {vendor: 'google', identity: inputs.google}
  const file = isUsers || !usedHosts(question).includes(host) ? undefined : exportedGoogleFile(environment)
  return file && {vendor: 'google-file', identity: file}
}

function azureIdentity(isUsers: boolean, {inputs, environment}: IdentityQuestion): Identity | undefined {
  if (inputs?.azure !== undefined) return {vendor: 'azure', identity: inputs.azure}
  const [clientId = '', tenantId = ''] = [environment['AZURE_CLIENT_ID'], environment['AZURE_TENANT_ID']]
  if (isUsers || clientId === '' || tenantId === '' || !canRequestIdToken({environment})) return undefined
  return {vendor: 'azure', identity: {clientId, tenantId}}
}

function hubIdentity(host: string, isUsers: boolean, question: IdentityQuestion): Identity | undefined {
  const {inputs, environment, pushedTo} = question
  const exported = isUsers ? undefined : environment['DOCKERHUB_OIDC_CONNECTIONID']
  const connectionId = inputs?.dockerHubConnection ?? exported ?? ''
  const username = inputs?.dockerHubUser ?? pushedTo.find((repository) => repository.host === host)?.path.split('/')[0]
  if (connectionId === '' || username === undefined) return undefined
  return {vendor: 'docker-hub', identity: {connectionId, username}}
}
