import {isTooShortToMask} from '../errors/known-secrets.ts'
import {Secret} from '../errors/secret.ts'
import type {InputReader} from './input-reader.ts'
import type {BuildInputs} from './inputs.ts'
import type {KeyValue} from './syntax/key-value.ts'
import type {Problems} from './problem.ts'
import type {LookAt} from './secrets/look-at.ts'
import {readSecretLines} from './secrets/secret-lines.ts'

type BuildSecrets = Pick<BuildInputs, 'secrets' | 'secretEnvs' | 'secretFiles'>
type SecretInput = 'secrets' | 'secret-envs' | 'secret-files'

/** Maximum size of a secret. Linux limits an environment variable with its name to 128 KiB (MAX_ARG_STRLEN, execve(2)). */
const maxValueBytes = 100 * 1024

/**
 * Reads the three inputs for build secrets. No message quotes an id of `secrets`, because the supposed id may be part of a
 * secret, such as the second line of an unquoted multi-line secret.
 */
export function readBuildSecrets(reader: InputReader): BuildSecrets {
  const secrets = withoutRepeated(readSecretLines(reader))
  const secretEnvs = withoutRepeated(reader.pairs('secret-envs'))
  const secretFiles = withoutRepeated(reader.pairs('secret-files'))
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

/** Leaves out a secret that repeats the id and the value of an earlier one. */
function withoutRepeated(pairs: readonly KeyValue[]): readonly KeyValue[] {
  return pairs.filter(
    ({key, value}, index) => pairs.findIndex((one) => one.key === key && one.value === value) === index,
  )
}

/** Check for invalid and duplicate ids. */
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
    // The id becomes a field of `--secret id=…,…`. A comma or a quote would end the field.
    if (input !== 'secrets' && /[\s,"]/.test(id)) {
      const remedy = `Write id=${input === 'secret-envs' ? 'VARIABLE' : 'path'} with an id such as npm_token.`
      this.#reader.problem(input, {line}, 'the id of a secret must not contain whitespace, commas or quotes', remedy)
    }
    const first = this.#places.get(id)
    if (first === undefined) this.#places.set(id, `${input}, line ${line}`)
    else this.#reader.problem(input, {line}, `the id is already used in ${first}`, 'Set each build secret once.')
  }
}

/**
 * Checks the size of a secret. An empty secret, as on a pull request from a fork, is not passed to the build: a mount that
 * requires it fails, and the file of an optional mount does not exist.
 */
function checkValue(reader: InputReader, value: string, line: number): void {
  if (value === '') reader.notice('secrets', {line}, 'this build secret is empty and left out')
  else if (isTooShortToMask(value))
    reader.notice('secrets', {line}, 'this build secret is too short to be masked in the log')
  if (new TextEncoder().encode(value).length <= maxValueBytes) return
  const remedy = 'Write it to a file in an earlier step, and add the file to `secret-files`.'
  reader.problem('secrets', {line}, 'this build secret is larger than 100 KiB', remedy)
}

function checkTargets(reader: InputReader, input: 'secret-envs' | 'secret-files', pairs: readonly KeyValue[]): void {
  const target = input === 'secret-envs' ? 'a variable name' : 'a path'
  for (const {value, line} of pairs) {
    if (value === '')
      reader.problem(input, {line}, `${target} is missing after the =`, `Write id=…, followed by ${target}.`)
    else if (input === 'secret-envs' && !isVariableName(value))
      reader.problem(input, {line}, 'this is not a valid variable name', 'Write id=VARIABLE_NAME.')
  }
}

function isVariableName(text: string): boolean {
  return text !== '' && !/[\s,"=]/.test(text)
}

/**
 * Checks the environment variables of `secret-envs`, and returns the entries to pass to the build. BuildKit silently treats
 * an unset variable as an empty secret (`os.Getenv` in its session/secrets/secretsprovider), so that the build fails far
 * from the cause or not at all. A secret that GitHub withholds, as on a fork, leaves its variable empty: such an entry is
 * left out, while an unset variable is an error. Messages do not quote the name, because it may be the secret by mistake.
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
      'Correct the name, or set the variable in `env` of this step. An empty text is allowed; a value belongs in `secrets`.'
    problems.add({input, line, message: 'the environment variable is not set', remedy})
  }
  return secretEnvs.filter(({value}) => variables[value] !== '')
}

const emptyVariable = 'the environment variable is empty, and the secret is left out'

/** Checks that the files of `secret-files` exist, which Buildx does only late. Messages do not quote the paths. */
export async function checkSecretFiles(
  secretFiles: readonly KeyValue[],
  lookAt: LookAt,
  problems: Problems,
): Promise<void> {
  const input = 'secret-files'
  for (const {value, line} of secretFiles) {
    const kind = value === '' ? 'other' : await lookAt(value)
    if (kind !== undefined && kind !== 'directory') continue
    const message = kind === undefined ? 'the file does not exist' : 'the path is a directory'
    const remedy = 'Correct the path, or write the file in an earlier step. A value belongs in `secrets`.'
    problems.add({input, line, message, remedy})
  }
}
