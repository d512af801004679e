import {dockerHub, isHost, normaliseHost} from '../oci/reference.ts'
import type {InputReader, Place} from './input-reader.ts'
import type {Mirror} from './inputs.ts'
import {splitKeyValue} from './syntax/key-value.ts'

/** What the other inputs say of who builds, as far as mirrors depend on it. */
export interface MirrorReaders {
  readonly driver: string
  /** The name of a builder that is there already. */
  readonly builder: string | undefined
}

/**
 * The input `mirrors`: `registry=host[:port][/path]` a line, in the order to ask them. `http://` in front of the host, or a
 * host on loopback, means plain HTTP. No message quotes a mirror: people paste addresses that hold a password.
 */
export function readMirrors(reader: InputReader, readers: MirrorReaders): readonly Mirror[] {
  const items = reader.list('mirrors')
  const [first] = items
  const deaf = deafReader(readers)
  if (first !== undefined && deaf !== undefined) reader.warning('mirrors', {line: first.number}, deaf)
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

const exampleRemedy = 'Write registry=host, such as docker.io=mirror.example.com, one a line.'
const hostRemedy = 'Write the host, perhaps with a port and a path, such as mirror.example.com:5000/hub.'

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
    reader.problem('mirrors', places.value, 'the registry is named as a mirror of itself', hostRemedy)
    return []
  }
  return [{registry, ...mirror, line: places.key.line}]
}

/** In words, what is wrong with it. */
function parseMirror(text: string): Pick<Mirror, 'location' | 'http'> | string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/i.exec(text) ?? []
  if (!['', 'http://', 'https://'].includes(scheme.toLowerCase())) return 'a mirror is asked by http:// or https://'
  const [name = '', ...path] = rest.replace(/(?<!\/)\/+$/, '').split('/')
  const host = name.toLowerCase()
  if (host === '') return 'there is no mirror behind the ='
  if (host.includes('@')) return 'the address of a mirror holds no login; use `registry-auth` for that'
  if (!isHost(host)) return 'this is not the host of a mirror'
  if (!path.every((part) => pathPart.test(part))) return 'the path of this mirror cannot begin the name of an image'
  // Plain HTTP on this machine, unless TLS was asked for, as the engine has it.
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

/** Who pulls base images and cannot be told of mirrors. Helper images are pulled through them all the same. */
function deafReader({driver, builder}: MirrorReaders): string | undefined {
  if (builder !== undefined)
    return 'base images are not pulled through mirrors: the builder that `builder` names has its own configuration. Give it the mirrors when it is created, or leave `builder` empty'
  if (driver === 'docker')
    return 'base images are not pulled through mirrors: with `driver: docker` the engine pulls. Give it the mirrors of docker.io as `registry-mirrors` in its daemon.json, or leave `driver` on `auto`'
  if (driver === 'remote')
    return 'base images are not pulled through mirrors: a remote BuildKit has its own configuration. Write the mirrors into its buildkitd.toml'
  return undefined
}
