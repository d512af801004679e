import type {Problems} from '../inputs/problem.ts'

/** Warns of the variable that disables certificate verification in Node.js: logins could be sent to any server. */
export function warnOfUncheckedCertificates(
  environment: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): void {
  const input = 'NODE_TLS_REJECT_UNAUTHORIZED'
  if (environment[input] !== '0') return
  const message =
    'it is 0, so that no certificate is verified, not even for logins; to trust your own authority, use NODE_EXTRA_CA_CERTS'
  problems.warn({input, message})
}

/**
 * Warns of the variables with which docker/setup-buildx-action gives its nodes certificates:
 * `BUILDER_NODE_0_AUTH_TLS_CACERT`
 * (https://docs.docker.com/build/ci/github-actions/configure-builder/#tls-authentication). They contain the
 * certificate itself, while Buildx expects the path of a file.
 */
export function warnOfNodeVariables(
  environment: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): void {
  for (const [name, value] of Object.entries(environment)) {
    const [, number = '', part = ''] = /^BUILDER_NODE_(\d+)_AUTH_TLS_(CACERT|CERT|KEY)$/.exec(name) ?? []
    if (part === '' || (value ?? '').trim() === '') continue
    const where = number === '0' ? '`driver-opts`' : `\`driver-opts\` of node ${number} in \`append\``
    const message = `it is not read: write it to a file, and name that file in ${where} as ${part.toLowerCase()}=PATH`
    problems.warn({input: name, message})
  }
}
