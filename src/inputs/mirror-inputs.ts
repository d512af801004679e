import {dockerHub, isHost, normaliseHost} from '../oci/reference.ts'
import type {InputReader, Place} from './input-reader.ts'
import type {Mirror} from './inputs.ts'
import {splitKeyValue} from './syntax/key-value.ts'

/** Inputs that select the builder. */
interface BuilderSelection {
  readonly driver: string
  /** Name of an existing builder. */
  readonly builder: string | undefined
}

/**
 * Reads the input `mirrors`: one `registry=host[:port][/path]` per line, in order of preference. A host with `http://`, or a
 * loopback host, uses plain HTTP. No message quotes a mirror, because its address may contain a password.
 */
export function readMirrors(reader: InputReader, selection: BuilderSelection): readonly Mirror[] {
  const items = reader.list('mirrors')
  const [first] = items
  const ignored = ignoredMirrorsReason(selection)
  if (first !== undefined && ignored !== undefined) reader.warning('mirrors', {line: first.number}, ignored)
  return items.flatMap(({text, number, column}) => {
    const pair = splitKeyValue(text)
    if (!pair.ok) {
      reader.problem('mirrors', {line: number, column: column + pair.offset}, pair.reason, exampleRemedy)
      return []
    }
    const start = column + pair.key.length + 1
    return readMirror(reader, pair, {key: {line: number, column}, value: {line: number, column: start}})
  })
}

const exampleRemedy = 'Write one registry=host per line, such as docker.io=mirror.example.com.'
const hostRemedy = 'Write a host with an optional port and path, such as mirror.example.com:5000/hub.'

interface Places {
  readonly key: Place & {readonly line: number}
  readonly value: Place
}

function readMirror(
  reader: InputReader,
  {key, value}: {readonly key: string; readonly value: string},
  places: Places,
): readonly Mirror[] {
  const registry = normaliseHost(key)
  const mirror = parseMirror(value.trim())
  if (!isHost(registry)) reader.problem('mirrors', places.key, 'this is not a registry host', exampleRemedy)
  if (typeof mirror === 'string') reader.problem('mirrors', places.value, mirror, hostRemedy)
  if (typeof mirror === 'string' || !isHost(registry)) return []
  if (isItself(mirror.location, registry)) {
    reader.problem('mirrors', places.value, 'the registry is its own mirror', hostRemedy)
    return []
  }
  return [{registry, ...mirror, line: places.key.line}]
}

/** Parses a mirror. Returns a message if it is not valid. */
function parseMirror(text: string): Pick<Mirror, 'location' | 'http'> | string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/i.exec(text) ?? []
  if (!['', 'http://', 'https://'].includes(scheme.toLowerCase())) return 'a mirror must use http:// or https://'
  const [name = '', ...path] = rest.replace(/(?<!\/)\/+$/, '').split('/')
  const host = name.toLowerCase()
  if (host === '') return 'the mirror is missing after the ='
  if (host.includes('@')) return 'the address of a mirror must not contain credentials, which belong in `registry-auth`'
  if (!isHost(host)) return 'the host of the mirror is not valid'
  if (!path.every((part) => pathPart.test(part))) return 'the path of the mirror is not valid in an image name'
  // Like the Docker engine: plain HTTP on loopback, unless the address has https://.
  const http = scheme === '' ? isLoopback(host) : scheme.toLowerCase() === 'http://'
  return {location: [host, ...path].join('/'), http}
}

const pathPart = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/

function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host)
}

function isItself(location: string, registry: string): boolean {
  return location === registry || (registry === dockerHub.name && dockerHub.aliases.some((alias) => alias === location))
}

/** Reason why the builder does not use the mirrors for base images. Helper images are pulled from the mirrors anyway. */
function ignoredMirrorsReason({driver, builder}: BuilderSelection): string | undefined {
  if (builder !== undefined)
    return 'base images are not pulled from the mirrors, because the builder in `builder` has its own configuration. Configure the mirrors when you create the builder, or leave `builder` empty'
  if (driver === 'docker')
    return 'base images are not pulled from the mirrors, because the engine pulls them with `driver: docker`. Set `registry-mirrors` for docker.io in the daemon.json of the engine, or set `driver: auto`'
  if (driver === 'remote')
    return 'base images are not pulled from the mirrors, because a remote BuildKit daemon has its own configuration. Configure the mirrors in its buildkitd.toml'
  return undefined
}
