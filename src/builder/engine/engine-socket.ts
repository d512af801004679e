import type {UpgradeAddress} from '../../io/connections/socket-connection.ts'

/** Path of the API of the engine that is upgraded to the API of its BuildKit. */
const buildkitPath = '/grpc'

/** Address of the BuildKit of an engine, behind its API. Undefined if the engine is not at a Unix socket. */
export function engineSocket(host: string): UpgradeAddress | undefined {
  const path = unixPath(host)
  return path === undefined ? undefined : {at: {path}, upgrade: buildkitPath}
}

/** Path of the Unix socket of an address of Docker; undefined for any other address. */
export function unixPath(address: string): string | undefined {
  return /^unix:\/\/(\/.+)$/.exec(address)?.[1]
}
