import {actionNames, type ActionName} from '../../../src/inputs/spec/action-names.ts'
import {draft, schemaAddress, type JsonSchema} from './json-schema.ts'

/**
 * Schema of a workflow, or of an action of several steps, that checks the steps of Tagboat and nothing else. It is meant
 * to be used beside the general schema of workflows.
 */
export function workflowFileSchema(): JsonSchema {
  return {
    $schema: draft,
    $id: schemaAddress('workflow.schema.json'),
    title: 'Steps of Tagboat in a workflow of GitHub Actions',
    description:
      'Checks the inputs of steps that run Tagboat, and of jobs that call its workflow. All else is accepted.',
    properties: {
      jobs: {additionalProperties: {$ref: '#/$defs/job'}},
      runs: {properties: {steps: {$ref: '#/$defs/steps'}}},
    },
    $defs: {
      job: {
        properties: {steps: {$ref: '#/$defs/steps'}},
        ...whenUsed('/\\.github/workflows/publish\\.ya?ml', {
          with: inputsOf('workflow'),
          secrets: inputsOf('workflow-secrets'),
        }),
      },
      steps: {items: {$ref: '#/$defs/step'}},
      step: {allOf: actionNames.map((action) => whenUsed(folderOf[action], {with: inputsOf(action)}))},
    },
  }
}

const folderOf: Readonly<Record<ActionName, string>> = {
  publish: '',
  stage: '/stage',
  promote: '/promote',
  prune: '/prune',
}

/** Applies schemas to a step or job that uses an action of this repository, of a fork or of a copy of it. */
function whenUsed(folder: string, properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return {
    if: {
      type: 'object',
      properties: {uses: {type: 'string', pattern: `^[^/]+/tagboat${folder}@`}},
      required: ['uses'],
    },
    then: {properties},
  }
}

function inputsOf(definition: ActionName | 'workflow' | 'workflow-secrets'): JsonSchema {
  return {$ref: `inputs.schema.json#/$defs/${definition}`}
}
