import path from 'node:path'
import {isCommit} from '../context/payload.ts'
import type {Files} from '../io/files.ts'

/** A Git checkout as its dotGit files describe it, read without a process. */
export interface Checkout {
  /** Top of the working tree. */
  readonly directory: string
  /** Directory of refs and configuration: `.git`, or that of the main repository of a worktree. */
  readonly gitDirectory: string
  /** Commit that is checked out. Undefined before the first commit, and if the files do not state it (reftable). */
  readonly head: string | undefined
  /** Full ref of the branch that is checked out; undefined if HEAD is detached. */
  readonly branch: string | undefined
}

/**
 * Finds the checkouts that contain a directory, the innermost first, up to `top` if `top` contains it. A submodule counts
 * only without a checkout around it, because the commit of that checkout determines the commit of the submodule.
 */
export async function findCheckouts(
  directory: string,
  top: string,
  files: Pick<Files, 'read'>,
): Promise<readonly Checkout[]> {
  const read = quiet(files)
  const found: {readonly checkout: Checkout; readonly isSubmodule: boolean}[] = []
  for (const parent of upwards(directory, top)) {
    const place = await gitPlace(parent, read)
    if (place !== undefined) {
      const checkout = await readCheckout(parent, place, read)
      found.push({checkout, isSubmodule: isSubmodule(place.private)})
    }
  }
  const whole = found.filter((one) => !one.isSubmodule)
  return (whole.length > 0 ? whole : found).map(({checkout}) => checkout)
}

/** Address of the remote `origin`, without credentials; undefined if there is none. */
export async function originOf({gitDirectory}: Checkout, files: Pick<Files, 'read'>): Promise<string | undefined> {
  const text = await quiet(files)(path.join(gitDirectory, 'config'))
  return text === undefined ? undefined : parseOrigin(text)
}

/** Parses the last `url` of `[remote "origin"]` in a Git configuration: https://git-scm.com/docs/git-config#_syntax */
export function parseOrigin(config: string): string | undefined {
  let section = ''
  let url: string | undefined
  for (const line of config.split('\n').map((one) => one.trim())) {
    if (line.startsWith('[')) section = line
    const value = section === '[remote "origin"]' ? /^url\s*=\s*"?([^"\s]+)"?$/i.exec(line)?.[1] : undefined
    url = value ?? url
  }
  return url?.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}

type Read = (file: string) => Promise<string | undefined>

/** Reader that treats unreadable files as missing. Git itself may still be able to read them. */
function quiet(files: Pick<Files, 'read'>): Read {
  return async (file) => files.read(file).catch(() => undefined)
}

function upwards(directory: string, top: string): readonly string[] {
  const relative = path.relative(top, directory)
  const isInside = relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
  const last = isInside ? path.resolve(top) : path.parse(path.resolve(directory)).root
  const parents = [path.resolve(directory)]
  for (let parent = parents[0] ?? last; parent !== last && path.dirname(parent) !== parent;) {
    parent = path.dirname(parent)
    parents.push(parent)
  }
  return parents
}

/** Directories of HEAD and of the refs, which differ in a worktree (https://git-scm.com/docs/gitrepository-layout). */
interface GitPlace {
  readonly private: string
  readonly common: string
  readonly head: string
}

async function gitPlace(directory: string, read: Read): Promise<GitPlace | undefined> {
  const dotGit = path.join(directory, '.git')
  const head = await read(path.join(dotGit, 'HEAD'))
  if (head !== undefined) return {private: dotGit, common: dotGit, head}
  const target = /^gitdir: *(.+?)\s*$/.exec((await read(dotGit)) ?? '')?.[1]
  if (target === undefined) return undefined
  const linked = path.resolve(directory, target)
  const [linkedHead, common] = await Promise.all(
    ['HEAD', 'commondir'].map(async (name) => read(path.join(linked, name))),
  )
  if (linkedHead === undefined) return undefined
  return {
    private: linked,
    common: common === undefined ? linked : path.resolve(linked, common.trim()),
    head: linkedHead,
  }
}

function isSubmodule(gitDirectory: string): boolean {
  return /[\\/]\.git[\\/](?:.+[\\/])?modules[\\/]/.test(gitDirectory)
}

async function readCheckout(directory: string, {common, head}: GitPlace, read: Read): Promise<Checkout> {
  const text = head.trim()
  const branch = symbolicRef(text)
  return {
    directory,
    gitDirectory: common,
    head: branch === undefined ? commitIn(text) : await commitOf(branch, common, read),
    branch: branch?.startsWith('refs/heads/') === true ? branch : undefined,
  }
}

/** Reads the commit of a ref. A loose ref takes precedence over a packed one. */
async function commitOf(fullRef: string, common: string, read: Read): Promise<string | undefined> {
  const loose = await read(path.join(common, ...fullRef.split('/')))
  if (loose !== undefined) return commitIn(loose.trim())
  const packed = await read(path.join(common, 'packed-refs'))
  const line = packed?.split('\n').find((one) => one.trimEnd().endsWith(` ${fullRef}`))
  return line === undefined ? undefined : commitIn(line.split(' ', 1)[0] ?? '')
}

function symbolicRef(text: string): string | undefined {
  const name = /^ref: *(refs\/\S+)$/.exec(text)?.[1]
  return name?.split('/').includes('..') === true ? undefined : name
}

function commitIn(text: string): string | undefined {
  return isCommit(text) ? text : undefined
}
