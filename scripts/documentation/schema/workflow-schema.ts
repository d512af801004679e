import {actionNames, type ActionName} from '../../../src/inputs/spec/action-names.ts'
import {anyCase, draft, schemaAddress, type JsonSchema} from './json-schema.ts'

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
        allOf: [
          knownUses(
            [workflowFile],
            'Call tagboat/tagboat/.github/workflows/publish.yml@v1. An action belongs in `steps`.',
          ),
          whenUsed(workflowFile, {with: inputsOf('workflow'), secrets: inputsOf('workflow-secrets')}),
        ],
      },
      steps: {items: {$ref: '#/$defs/step'}},
      step: {
        allOf: [
          knownUses(
            Object.values(folderOf),
            `Use ${actionNames.map((action) => `tagboat/tagboat${folderOf[action]}@v1`).join(', ')}.`,
          ),
          ...actionNames.map((action) => whenUsed(folderOf[action], {with: inputsOf(action)})),
        ],
      },
    },
  }
}

const folderOf: Readonly<Record<ActionName, string>> = {
  publish: '',
  stage: '/stage',
  promote: '/promote',
  prune: '/prune',
}

const workflowFile = '/\\.github/workflows/publish\\.yml'

/**
 * This repository, a fork or a copy of it, and no path such as `./tagboat`. GitHub ignores the case of the name, and not
 * that of the path after it.
 */
const repository = `^[A-Za-z0-9][A-Za-z0-9_-]*/${anyCase('tagboat')}`

/** Refuses the other paths of the repository, and an address without a version. */
function knownUses(paths: readonly string[], errorMessage: string): JsonSchema {
  return {
    if: {type: 'object', properties: {uses: {type: 'string', pattern: `${repository}([/@]|$)`}}, required: ['uses']},
    then: {properties: {uses: {type: 'string', pattern: `${repository}(${paths.join('|')})@.`, errorMessage}}},
  }
}

/** Applies schemas to a step or job that uses an action of this repository, of a fork or of a copy of it. */
function whenUsed(folder: string, properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return {
    if: {
      type: 'object',
      properties: {uses: {type: 'string', pattern: `${repository}${folder}@`}},
      required: ['uses'],
    },
    then: {properties},
  }
}

function inputsOf(definition: ActionName | 'workflow' | 'workflow-secrets'): JsonSchema {
  return {$ref: `inputs.schema.json#/$defs/${definition}`}
}
