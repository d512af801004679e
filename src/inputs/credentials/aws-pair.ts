import type {Secret} from '../../errors/secret.ts'
import {isEcr} from '../../oci/ecr.ts'
import type {Problem} from '../problem.ts'
import type {Identity} from './identity.ts'

/** Login that may be a key pair of AWS, as docker/login-action accepts it. */
interface PairLogin {
  readonly host: string
  readonly username: string
  readonly password: Secret
  /** Whether the registry is Amazon ECR: `auto` decides by the host. */
  readonly ecr: 'auto' | 'true' | 'false'
  /** Region of a host that names none. */
  readonly region: string | undefined
}

type PairResult = {readonly identity: Identity} | {readonly problem: Pick<Problem, 'message' | 'remedy'>} | undefined

/**
 * Identity of a login to Amazon ECR with an access key, which is exchanged for a token. Undefined for any other login,
 * and for the user name AWS with a token. Neither the keys nor the host, which is often a secret, are quoted.
 */
export function readAwsPair({host, username, password, ecr, region}: PairLogin): PairResult {
  const isAmazon = ecr === 'auto' ? isEcr(host) : ecr === 'true'
  const isKey = /^A[KS]IA[A-Z0-9]{12,}$/.test(username)
  if (isAmazon && isKey && !password.isEmpty)
    return {
      identity: {vendor: 'aws', region, identity: {kind: 'pair', accessKeyId: username, secretAccessKey: password}},
    }
  if (isKey && !isAmazon)
    return {
      problem: {message: 'the user name is an AWS access key, which a registry does not accept', remedy: ecrRemedy},
    }
  if (!isEcr(host) || isKey || username === '' || username === 'AWS') return undefined
  return {
    problem: {message: 'Amazon ECR accepts only the user name AWS, with a token, or an access key', remedy: ecrRemedy},
  }
}

/** Remedy for every login to Amazon ECR. */
export const ecrRemedy =
  'Remove the login to Amazon ECR here: Tagboat requests the password itself, with `aws-role` or with the variables of aws-actions/configure-aws-credentials.'
