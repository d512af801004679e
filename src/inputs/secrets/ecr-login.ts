import {isEcr} from '../../oci/ecr.ts'
import type {CredentialInput} from '../credentials/credentials.ts'
import type {Problem} from '../problem.ts'

/**
 * Problem of a login with AWS keys, which docker/login-action exchanges for a token of Amazon ECR, and Tagboat does not.
 * Neither the keys nor the host, which is often a secret, are quoted.
 */
export function ecrProblem({
  host,
  username,
}: Pick<CredentialInput, 'host' | 'username'>): Pick<Problem, 'message' | 'remedy'> | undefined {
  if (/^A[KS]IA[A-Z0-9]{12,}$/.test(username))
    return {message: 'the user name is an AWS access key, which a registry does not accept', remedy: ecrRemedy}
  if (!isEcr(host) || username === '' || username === 'AWS') return undefined
  return {message: 'Amazon ECR accepts only the user name AWS, with a token as password', remedy: ecrRemedy}
}

/** Remedy for every login to Amazon ECR. */
export const ecrRemedy =
  'Remove the login to Amazon ECR here: Tagboat requests the password itself, with `aws-role` or with the variables of aws-actions/configure-aws-credentials.'
