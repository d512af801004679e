/** Name of the credential helper in `credHelpers`. */
export const helperName = 'tagboat'

/** Place of the helper, and the program that runs it. */
interface ClientRequest {
  /** Address of the step. On other systems than Windows, a path relative to the directory of the helper. */
  readonly address: string
  /** Path of Node.js. */
  readonly node: string
  readonly platform: string
}

/**
 * Files of the credential helper `docker-credential-tagboat` by name
 * (https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol). It has no secret: it asks the step.
 * A shell starts Node.js, because the path in a `#!` line has a limited length and may not contain a space. Windows finds
 * a program with one of the extensions of PATHEXT.
 */
export function clientFiles({address, node, platform}: ClientRequest): ReadonlyMap<string, string> {
  const script = 'ask-step.cjs'
  const program = `docker-credential-${helperName}`
  const source = `process.chdir(__dirname);(${String(askStep)})(require('node:net').connect,process,${JSON.stringify(address)})\n`
  const starter =
    platform === 'win32'
      ? ([
          `${program}.cmd`,
          `@echo off\r\nset NODE_OPTIONS=\r\n"${node.replaceAll('%', '%%')}" "%~dp0${script}" %*\r\n`,
        ] as const)
      : ([program, `#!/bin/sh\nunset NODE_OPTIONS\nexec ${quoted(node)} "\${0%/*}/${script}" "$@"\n`] as const)
  return new Map([[script, source], starter])
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** The program, which is written as text: it uses its arguments only. */
function askStep(open: (address: string) => NodeJS.ReadWriteStream, program: NodeJS.Process, address: string): void {
  const [, , action] = program.argv
  // There are no logins to list, to store or to erase.
  if (action !== 'get') {
    if (action === 'list') program.stdout.write('{}')
    return
  }
  let key = ''
  let answer = ''
  const end = (text: string, code: number): void => {
    program.exitCode = code
    program.stdout.write(text)
  }
  const ask = (): void => {
    const socket = open(address)
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.once('error', () => {
      answer = 'the step that issues the credentials has ended'
    })
    socket.once('close', () => {
      end(answer, answer.startsWith('{') ? 0 : 1)
    })
    socket.write(`${key.trim()}\n`)
  }
  program.stdin.setEncoding('utf8')
  program.stdin.on('data', (chunk) => {
    key += String(chunk)
  })
  program.stdin.once('end', ask)
}
