import {hasInput, inputNames} from '../../inputs/spec/all-inputs.ts'
import {nearest} from '../../inputs/syntax/nearest.ts'
import type {WrittenMap} from '../../workflow-file/workflow.ts'
import {faultOf} from './evaluate-inputs.ts'
import type {ExpressionFault} from './simulated-workflow.ts'

/** Inputs that only the reusable workflow has. */
const own: readonly string[] = ['runner', 'timeout-minutes']

/** Secrets of the reusable workflow that are inputs of the actions. */
const secrets: readonly string[] = ['password', 'registry-auth', 'github-token', 'sign-key', 'sign-key-password']

/** Other inputs of the actions that the reusable workflow does not have. */
const leftOut: readonly string[] = [
  ...['metadata-context', 'sep-labels', 'sep-annotations', 'bake-target', 'secrets', 'load', 'logout', 'export-login'],
  ...['aws-role', 'aws-region', 'ecr', 'ecr-create', 'gcp-workload-identity-provider', 'gcp-service-account'],
  ...['azure-client-id', 'azure-tenant-id', 'dockerhub-connection-id', 'closed', 'scan-report', 'digests'],
  ...['digest-names', 'from'],
]

/** Names of the inputs of the reusable workflow. */
export const calledInputs: readonly string[] = [
  ...own,
  ...new Set([...inputNames('publish'), ...inputNames('stage'), ...inputNames('promote')]),
].filter((name) => !secrets.includes(name) && !leftOut.includes(name))

/** Inputs of a call that the reusable workflow does not have. GitHub refuses the file. */
export function callFaults(inputs: WrittenMap): readonly ExpressionFault[] {
  return [...inputs]
    .filter(([name]) => !calledInputs.includes(name.toLowerCase()))
    .map(([name, {key}]) => faultOf(name, {place: key}, messageFor(name.toLowerCase())))
}

function messageFor(name: string): string {
  if (secrets.includes(name)) return 'the reusable workflow has no such input. Write it below `secrets`'
  if (hasInput('publish', name) || hasInput('promote', name)) return 'the reusable workflow does not have this input'
  const similar = nearest(name, calledInputs)
  return `unknown input${similar === undefined ? '' : `. Did you mean ${similar}?`}`
}
