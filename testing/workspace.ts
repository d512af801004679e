import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {busyboxDirectory} from './sample.ts'

/** Temporary checkout for one test. */
export interface Workspace {
  readonly directory: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Creates a workspace with files by path. A file may be a list of lines. */
export async function workspaceOf(contents: Readonly<Record<string, string | readonly string[]>>): Promise<Workspace> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-workspace-'))
  for (const [name, content] of Object.entries(contents)) {
    const file = path.join(directory, name)
    await mkdir(path.dirname(file), {recursive: true})
    await writeFile(file, typeof content === 'string' ? content : `${content.join('\n')}\n`)
  }
  return {
    directory,
    async [Symbol.asyncDispose]() {
      await rm(directory, {recursive: true, force: true})
    },
  }
}

/** Dockerfile of the smallest image: it has no `RUN`, and pulls no image. */
export const plainDockerfile: readonly string[] = ['FROM scratch', 'COPY Dockerfile /Dockerfile']

/** Dockerfile whose `RUN` has a shell with Busybox. It requires the build context of `shellContext`. */
export const shellDockerfile: readonly string[] = [
  'FROM scratch AS shell',
  'ARG TARGETARCH',
  'COPY --from=busybox --chmod=755 /${TARGETARCH}/busybox /bin/busybox',
  'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
  'SHELL ["/bin/busybox", "sh", "-c"]',
]

/** Line of `build-contexts` for `shellDockerfile`. */
export function shellContext(): string {
  return `busybox=${busyboxDirectory()}`
}
