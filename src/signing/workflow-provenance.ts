import {field, parseJson} from '../oci/manifest.ts'
import type {Digest} from '../oci/digest.ts'

/** Predicate type of provenance that GitHub stores. */
export const provenancePredicate = 'https://slsa.dev/provenance/v1'

/** Maximum number of subjects of an attestation at GitHub. */
export const maxSubjects = 1024

/** Subject of an attestation. */
export interface NamedSubject {
  /** Name without a tag: `ghcr.io/acme/app`. */
  readonly name: string
  readonly digest: Digest
}

/** Claims of an ID token of GitHub Actions: https://docs.github.com/actions/reference/security/oidc */
export interface WorkflowClaims {
  /** `owner/name` of the repository of the run. */
  readonly repository: string
  readonly repositoryId: string
  readonly ownerId: string
  /** `public`, `private` or `internal`; empty if it is not stated. */
  readonly visibility: string
  readonly ref: string
  readonly sha: string
  readonly event: string
  /** Workflow of the run: `owner/name/.github/workflows/release.yml@refs/heads/main`. */
  readonly workflowRef: string
  /** Workflow with the job, of a reusable workflow another one than that of the run. */
  readonly jobWorkflowRef: string
  readonly runner: string
  readonly runId: string
  readonly attempt: string
}

/** Reads the claims of an ID token, whose signature the certificate authority verifies. Absent claims are empty. */
export function workflowClaims(token: string): WorkflowClaims {
  const [, payload = ''] = token.split('.')
  const claims = parseJson(Buffer.from(payload, 'base64url'))
  const text = (name: string): string => {
    const value = field(claims, name)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  return {
    repository: text('repository'),
    repositoryId: text('repository_id'),
    ownerId: text('repository_owner_id'),
    visibility: text('repository_visibility'),
    ref: text('ref'),
    sha: text('sha'),
    event: text('event_name'),
    workflowRef: text('workflow_ref'),
    jobWorkflowRef: text('job_workflow_ref'),
    runner: text('runner_environment'),
    runId: text('run_id'),
    attempt: text('run_attempt'),
  }
}

/**
 * Statement with the provenance of a workflow run: https://slsa.dev/spec/v1.0/provenance, of the build type
 * https://actions.github.io/buildtypes/workflow/v1. All of it comes from claims that the certificate repeats.
 */
export function workflowProvenance(
  subjects: readonly NamedSubject[],
  claims: WorkflowClaims,
  server: string,
): Uint8Array {
  const repository = `${server}/${claims.repository}`
  const [file = ''] = claims.workflowRef.slice(claims.repository.length + 1).split('@')
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({name, digest}) => ({name, digest: {sha256: digest.slice('sha256:'.length)}})),
    predicateType: provenancePredicate,
    predicate: {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: {workflow: {ref: claims.ref, repository, path: file}},
        internalParameters: {
          github: {
            event_name: claims.event,
            repository_id: claims.repositoryId,
            repository_owner_id: claims.ownerId,
            runner_environment: claims.runner,
          },
        },
        resolvedDependencies: [{uri: `git+${repository}@${claims.ref}`, digest: {gitCommit: claims.sha}}],
      },
      runDetails: {
        builder: {id: `${server}/${claims.jobWorkflowRef}`},
        metadata: {invocationId: `${repository}/actions/runs/${claims.runId}/attempts/${claims.attempt}`},
      },
    },
  }
  return Buffer.from(JSON.stringify(statement))
}
