/** Line that the trap prints when a command fails. */
const failedLine = /^line (\d+) of the input test failed$/

const lastLines = 10

/** Longest part of a command that is shown. */
const longestCommand = 300

/** Variables of a test that name an image. */
type Variables = Readonly<Record<string, string>>

interface FailedTest {
  readonly script: string
  readonly variables: Variables
  readonly exitCode: number
  /** Lines that the commands printed. */
  readonly printed: readonly string[]
}

/**
 * Describes the command that ended a test: its line, its text as the user wrote it, its exit code, and the images that it
 * names with their platforms. Returns it after the last printed lines, without those of the trap.
 */
export function describeFailedTest({script, variables, exitCode, printed}: FailedTest): readonly string[] {
  const number = failedLineNumber(printed) ?? onlyCommand(script)
  const command = number === undefined ? undefined : commandAt(script, number)
  return [
    ...printed.filter((line) => !failedLine.test(line)).slice(-lastLines),
    command === undefined
      ? `the commands of \`test\` ended with code ${exitCode}`
      : `line ${number} of \`test\` ended with code ${exitCode}: ${command}`,
    ...testedImages(command ?? '', variables),
  ]
}

/** Number that the trap printed. Of a subshell it prints the line within, and then that of the subshell. */
function failedLineNumber(printed: readonly string[]): number | undefined {
  const last = printed.findLastIndex((line) => failedLine.test(line))
  const start = printed.slice(0, last + 1).findLastIndex((line) => !failedLine.test(line)) + 1
  const number = failedLine.exec(printed[start] ?? '')?.[1]
  return number === undefined ? undefined : Number(number)
}

/** Number of the last line of a script with a single command; undefined for any other. */
function onlyCommand(script: string): number | undefined {
  const lines = script.split(/\r?\n/)
  const used = lines.flatMap((line, index) => (/^\s*(?:#|$)/.test(line) ? [] : [index]))
  const [first, last] = [used.at(0), used.at(-1)]
  if (first === undefined || last === undefined) return undefined
  return lines.slice(first, last).every(continues) ? last + 1 : undefined
}

/** Text of the command that a line of the script is part of, in one line. */
function commandAt(script: string, number: number): string | undefined {
  const lines = script.split(/\r?\n/)
  const before = lines.slice(0, number - 1).findLastIndex((line) => !continues(line)) + 1
  const end = lines.findIndex((line, index) => index >= number - 1 && !continues(line))
  const parts = lines.slice(before, end + 1).map((line) => line.trim().replace(/\\$/, '').trimEnd())
  const text = parts.join(' ')
  if (text === '') return undefined
  return text.length > longestCommand ? `${text.slice(0, longestCommand)}…` : text
}

/** Reports whether the command of a line goes on in the next line. */
function continues(line: string): boolean {
  return /(?:\\|\||&&)$/.test(line.trimEnd()) && !line.trimStart().startsWith('#')
}

/** Lines about the images that a command names, or about `$IMAGE`. */
function testedImages(command: string, variables: Variables): readonly string[] {
  const used = [...command.matchAll(/\$\{?(IMAGE\w*)/g)].flatMap(([, name = '']) => (name in variables ? [name] : []))
  const names = used.length === 0 ? ['IMAGE'] : [...new Set(used)]
  return names.flatMap((name) => {
    const reference = variables[name]
    const platform = name === 'IMAGE' ? variables['PLATFORM'] : platformOf(name)
    return reference === undefined ? [] : [`$${name} is ${reference}${platform === undefined ? '' : ` (${platform})`}`]
  })
}

/** `linux/arm/v7` of `IMAGE_LINUX_ARM_V7` */
function platformOf(variable: string): string {
  return variable.slice('IMAGE_'.length).toLowerCase().replaceAll('_', '/')
}
