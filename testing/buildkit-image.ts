import {execFile} from 'node:child_process'
import {copyFile, cp, realpath} from 'node:fs/promises'
import path from 'node:path'
import {promisify} from 'node:util'
import {docker, programPath} from './docker.ts'
import {projectRoot} from './runner.ts'
import {shellContext, shellDockerfile, workspaceOf} from './workspace.ts'

const run = promisify(execFile)

/**
 * Builds an image of BuildKit for the driver docker-container, for machines that cannot pull the published image. It contains
 * `buildkitd` and `buildctl`, which scripts/setup-tools compiles, and runc of this machine with its libraries. It is loaded
 * into the engine or pushed to the registry of its name. It contains no emulators.
 */
export async function makeBuildKitImage(reference: string, output: '--load' | '--push'): Promise<void> {
  const {stdout: tools} = await run(path.join(projectRoot, 'scripts', 'setup-tools'), ['--path'])
  await using context = await workspaceOf({
    Dockerfile: [
      ...shellDockerfile,
      'RUN mkdir -m 1777 /tmp && mkdir -p /etc/buildkit /var/lib/buildkit',
      'COPY --chmod=755 programs /bin/',
      'COPY --chmod=755 libraries /',
      'VOLUME /var/lib/buildkit',
      'ENTRYPOINT ["buildkitd"]',
    ],
    'programs/README': '',
    'libraries/README': '',
  })
  const {directory} = context
  for (const name of ['buildkitd', 'buildctl']) {
    await copyFile(await realpath(path.join(tools.trim(), name)), path.join(directory, 'programs', name))
  }
  const runc = await realpath(await programPath('runc'))
  await copyFile(runc, path.join(directory, 'programs', 'runc'))
  for (const library of await librariesOf(runc)) {
    await cp(await realpath(library), path.join(directory, 'libraries', library))
  }
  const busybox = ['--build-context', shellContext()]
  await docker([
    ...[
      'buildx',
      'build',
      '--builder',
      'default',
      ...busybox,
      '--provenance=false',
      '--network',
      'none',
      '--tag',
      reference,
      output,
    ],
    directory,
  ])
}

/** Paths of the shared libraries and of the loader. Empty for a static program, for which `ldd` fails. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const listing = await run('ldd', [program]).then(
    ({stdout}) => stdout,
    () => '',
  )
  return [...listing.matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => file)
}
