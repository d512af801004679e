import path from 'node:path'
import type {EcrCreate} from '../inputs/credentials/ecr-create.ts'
import type {Problems} from '../inputs/problem.ts'
import {workspace, type Io} from '../io/io.ts'

interface Document {
  readonly key: 'lifecycle' | 'policy'
  readonly least: number
  readonly most: number
}

/**
 * Limits of https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html and
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html
 */
const documents: readonly Document[] = [
  {key: 'lifecycle', least: 100, most: 30_720},
  {key: 'policy', least: 1, most: 10_240},
]

/** Settings with the contents of the files that they name. A document that is not JSON, or too long, is a problem. */
export async function withEcrFiles(create: EcrCreate, io: Io, problems: Problems): Promise<EcrCreate> {
  const texts = await Promise.all(documents.map(async (document) => readDocument(create, document, io, problems)))
  const [lifecycle = '', policy = ''] = texts
  return {...create, lifecycle, policy}
}

async function readDocument(
  create: EcrCreate,
  {key, least, most}: Document,
  io: Io,
  problems: Problems,
): Promise<string> {
  const written = create[key]
  if (written === '') return ''
  const isText = written.startsWith('{')
  const text = isText ? written : ((await io.files.read(path.resolve(workspace(io), written))) ?? '').trim()
  const problem = (message: string, remedy: string): void => {
    problems.add({input: 'ecr-create', message: `${key}: ${message}`, remedy})
  }
  if (text === '')
    problem(
      `${written} does not exist, or is empty`,
      'Write the policy as JSON, or the path of a file in the checkout.',
    )
  else if (!isObject(text)) problem('this is not a JSON object', 'Correct the JSON of the policy.')
  else if (text.length < least || text.length > most)
    problem(`the policy has ${text.length} characters`, `Amazon ECR accepts ${least} to ${most} characters.`)
  return text
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
