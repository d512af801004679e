import {isTooShortToMask} from '../errors/known-secrets.ts'
import {Secret} from '../errors/secret.ts'
import type {InputReader} from './input-reader.ts'
import type {BuildInputs} from './inputs.ts'
import type {KeyValue} from './syntax/key-value.ts'
import type {Problems} from './problem.ts'

type BuildSecrets = Pick<BuildInputs, 'secrets' | 'secretEnvs' | 'secretFiles'>
type SecretInput = 'secrets' | 'secret-envs' | 'secret-files'

/** Linux takes 128 KiB for one variable of the environment, its name included (MAX_ARG_STRLEN, execve(2)). */
const maxValueBytes = 100 * 1024

/**
 * The three inputs for build secrets. No message quotes an id of `secrets`: a line that is not meant to hold an id, such
 * as the second one of a secret of several lines, would be printed with it.
 */
export function readBuildSecrets(reader: InputReader): BuildSecrets {
  const secrets = reader.pairs('secrets')
  const secretEnvs = reader.pairs('secret-envs')
  const secretFiles = reader.pairs('secret-files')
  new SecretIds(reader).check('secrets', secrets).check('secret-envs', secretEnvs).check('secret-files', secretFiles)
  for (const {value, line} of secrets) checkValue(reader, value, line)
  checkTargets(reader, 'secret-envs', secretEnvs)
  checkTargets(reader, 'secret-files', secretFiles)
  return {
    secrets: secrets.filter(({value}) => value !== '').map(({key, value}) => ({id: key, value: new Secret(value)})),
    secretEnvs,
    secretFiles,
  }
}

/** Finds ids that Buildx could not take, and ids that two lines give. */
class SecretIds {
  readonly #reader: InputReader
  readonly #places = new Map<string, string>()

  constructor(reader: InputReader) {
    this.#reader = reader
  }

  check(input: SecretInput, pairs: readonly KeyValue[]): this {
    for (const {key, line} of pairs) this.#checkOne(input, key, line)
    return this
  }

  #checkOne(input: SecretInput, id: string, line: number): void {
    // The id becomes a field of `--secret id=…,…`, which a comma or a quote would end.
    if (/[\s,"]/.test(id)) {
      const remedy = 'Write id=value with an id such as npm_token; quote a value of several lines: "id=value".'
      this.#reader.problem(input, {line}, 'the id of a secret cannot hold blanks, commas or quotes', remedy)
    }
    const first = this.#places.get(id)
    if (first === undefined) this.#places.set(id, `${input}, line ${line}`)
    else this.#reader.problem(input, {line}, `the same id stands in ${first}`, 'Give each build secret once.')
  }
}

/**
 * Empty is what a secret is on a pull request from a fork. The build does not get it: a mount that requires it fails, and one
 * that does not finds no file.
 */
function checkValue(reader: InputReader, value: string, line: number): void {
  if (value === '') reader.notice('secrets', {line}, 'this build secret is empty, and left out')
  else if (isTooShortToMask(value))
    reader.notice('secrets', {line}, 'this build secret is too short to be masked in the log')
  if (new TextEncoder().encode(value).length <= maxValueBytes) return
  const remedy = 'Write it to a file in a step before this one, and name the file in `secret-files`.'
  reader.problem('secrets', {line}, 'this build secret is larger than 100 KiB', remedy)
}

function checkTargets(reader: InputReader, input: 'secret-envs' | 'secret-files', pairs: readonly KeyValue[]): void {
  const what = input === 'secret-envs' ? 'the name of a variable' : 'a path'
  for (const {value, line} of pairs) {
    if (value === '')
      reader.problem(input, {line}, `${what} is missing behind the =`, `Write id=…, with ${what} behind it.`)
    else if (input === 'secret-envs' && !isVariableName(value))
      reader.problem(input, {line}, 'this cannot be the name of a variable', 'Write id=NAME_OF_THE_VARIABLE.')
  }
}

function isVariableName(text: string): boolean {
  return text !== '' && !/[\s,"=]/.test(text)
}

/**
 * The variables that `secret-envs` names. BuildKit takes one that is not set for an empty secret and says nothing
 * (`os.Getenv` in its session/secrets/secretsprovider), as does docker/build-push-action: the build goes on without the
 * secret, or fails far from the cause. A secret that GitHub withholds, as from a fork, leaves its variable set and empty:
 * that one is left out, and one that is not set is a slip. Names are not quoted: what stands there may be the secret itself.
 * Gives those that the build gets.
 */
export function checkSecretVariables(
  secretEnvs: readonly KeyValue[],
  variables: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): readonly KeyValue[] {
  const input = 'secret-envs'
  for (const {value: name, line} of secretEnvs) {
    if (!isVariableName(name)) continue
    if (variables[name] === '') problems.notice({input, line, message: emptyVariable})
    if (variables[name] !== undefined) continue
    const remedy =
      'Correct the name, or set it in `env` of this step, if only to the empty text; a value belongs in `secrets`.'
    problems.add({input, line, message: 'the variable that this names is not set', remedy})
  }
  return secretEnvs.filter(({value}) => variables[value] !== '')
}

const emptyVariable = 'the variable that this names is empty, and the secret is left out'

/** What a path is; undefined for what does not exist. */
export type LookAt = (file: string) => Promise<'file' | 'directory' | 'other' | undefined>

/** The files that `secret-files` names, which Buildx would miss only after everything else. Paths are not quoted. */
export async function checkSecretFiles(
  secretFiles: readonly KeyValue[],
  lookAt: LookAt,
  problems: Problems,
): Promise<void> {
  const input = 'secret-files'
  for (const {value, line} of secretFiles) {
    const kind = value === '' ? 'other' : await lookAt(value)
    if (kind !== undefined && kind !== 'directory') continue
    const message = kind === undefined ? 'the file that this names does not exist' : 'this names a directory'
    const remedy = 'Correct the path, or write the file in a step before this one; a value belongs in `secrets`.'
    problems.add({input, line, message, remedy})
  }
}
