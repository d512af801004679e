import {constants, type Stats} from 'node:fs'
import {open, realpath, type FileHandle} from 'node:fs/promises'
import path from 'node:path'

export type FileKind = 'file' | 'directory' | 'other'

/** Error for a file that is not read; `code` is that of a system error. */
class UnreadableFileError extends Error {
  readonly code: 'EISDIR' | 'EINVAL' | 'EFBIG' | 'EXDEV'

  constructor(code: UnreadableFileError['code'], message: string) {
    super(`${code}: ${message}`)
    this.name = 'UnreadableFileError'
    this.code = code
  }
}

/**
 * Reads a regular file inside a directory, after all symbolic links are resolved.
 * @throws UnreadableFileError when the file is outside the directory.
 */
export async function readInside(directory: string, file: string): Promise<string> {
  const [root, real] = await Promise.all([realpath(directory), realpath(file)])
  const below = path.relative(root, real)
  if (below === '..' || below.startsWith(`..${path.sep}`) || path.isAbsolute(below)) {
    throw new UnreadableFileError('EXDEV', 'it is outside the directory, or a link to a file outside it')
  }
  // No further link is followed, so the checked file is the one that is read.
  return readRegular(real, constants.O_NOFOLLOW)
}

/** Reads a regular file. @throws UnreadableFileError for anything else, without blocking. */
export async function readRegular(file: string, flags = 0): Promise<string> {
  // Opening a pipe without a writer would block. Windows has neither flag.
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
  // The size is not reliable: files that the kernel generates have size 0, and can be endless.
  for (;;) {
    if (size > maxBytes) throw new UnreadableFileError('EFBIG', `it has more than ${maxBytes} bytes`)
    const room = Math.min(Math.max(status.size - size + 1, smallestPart), largestPart)
    const {bytesRead, buffer} = await handle.read(Buffer.allocUnsafe(room), 0, room)
    if (bytesRead === 0) return Buffer.concat(parts, size).toString('utf8')
    parts.push(buffer.subarray(0, bytesRead))
    size += bytesRead
  }
}

/** Size limit, larger than any file that is read whole. */
const maxBytes = 64 * 1024 * 1024
const smallestPart = 4 * 1024
const largestPart = 1024 * 1024

export function kindIn(status: Stats): FileKind {
  if (status.isFile()) return 'file'
  return status.isDirectory() ? 'directory' : 'other'
}
