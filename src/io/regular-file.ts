import {constants, type Stats} from 'node:fs'
import {open, realpath, type FileHandle} from 'node:fs/promises'
import path from 'node:path'

export type FileKind = 'file' | 'directory' | 'other'

/** A file that is not read, by its own words; `code` is that of a system error. */
export class UnreadableFileError extends Error {
  readonly code: 'EISDIR' | 'EINVAL' | 'EFBIG' | 'EXDEV'

  constructor(code: UnreadableFileError['code'], message: string) {
    super(`${code}: ${message}`)
    this.name = 'UnreadableFileError'
    this.code = code
  }
}

/**
 * The text of a regular file in a directory, when every link on the way to it is followed. @throws UnreadableFileError for
 * what is elsewhere.
 */
export async function readInside(directory: string, file: string): Promise<string> {
  const [root, real] = await Promise.all([realpath(directory), realpath(file)])
  const below = path.relative(root, real)
  if (below === '..' || below.startsWith(`..${path.sep}`) || path.isAbsolute(below)) {
    throw new UnreadableFileError('EXDEV', 'it is outside of the directory, or a link that leads out of it')
  }
  // No link is followed any more: what was looked at is what is read.
  return readRegular(real, constants.O_NOFOLLOW)
}

/** The text of a regular file. @throws UnreadableFileError for anything else, without waiting for it. */
export async function readRegular(file: string, flags = 0): Promise<string> {
  // A pipe that nobody writes to would hold up the opening itself. Windows has neither flag.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | flags)
  try {
    return await readText(handle)
  } finally {
    await handle.close()
  }
}

async function readText(handle: FileHandle): Promise<string> {
  const status = await handle.stat()
  const kind = kindIn(status)
  if (kind === 'directory') throw new UnreadableFileError('EISDIR', 'it is a directory, not a file')
  if (kind === 'other') throw new UnreadableFileError('EINVAL', 'it is a pipe, a socket or a device, not a file')
  const parts: Buffer[] = []
  let size = 0
  // The size is not to be relied on: what the kernel makes up while it is read says 0, and may have no end.
  for (;;) {
    if (size > maxBytes) throw new UnreadableFileError('EFBIG', `it has more than ${maxBytes} bytes`)
    const room = Math.min(Math.max(status.size - size + 1, smallestPart), largestPart)
    const {bytesRead, buffer} = await handle.read(Buffer.allocUnsafe(room), 0, room)
    if (bytesRead === 0) return Buffer.concat(parts, size).toString('utf8')
    parts.push(buffer.subarray(0, bytesRead))
    size += bytesRead
  }
}

/** More than any file has that is read whole. */
const maxBytes = 64 * 1024 * 1024
const smallestPart = 4 * 1024
const largestPart = 1024 * 1024

export function kindIn(status: Stats): FileKind {
  if (status.isFile()) return 'file'
  return status.isDirectory() ? 'directory' : 'other'
}
