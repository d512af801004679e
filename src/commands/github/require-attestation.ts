import {toTagboatError} from '../../errors/error.ts'
import type {Io} from '../../io/io.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {requireIdentity} from '../../sigstore/keyless-signer.ts'
import {requireToken} from './upload-attestation.ts'

/** Refuses a run that requires an attestation at GitHub, if its job cannot make one. */
export function requireAttestation(prepared: Prepared, {environment}: Pick<Io, 'environment'>): Prepared {
  const {push, skip} = prepared.plan
  if (!push.do || skip !== undefined) return prepared
  try {
    requireIdentity({environment})
    requireToken(prepared.inputs.credentials.githubToken)
    return prepared
  } catch (error) {
    return {...prepared, refusal: prepared.refusal ?? toTagboatError(error)}
  }
}
