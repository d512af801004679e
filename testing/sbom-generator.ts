import {docker} from './docker.ts'
import {shellContext, shellDockerfile, workspaceOf} from './workspace.ts'

/**
 * Pushes a generator for `sbom` to a registry on this machine, and returns its reference. It lists the files of the image
 * below `/www` as SPDX: https://github.com/moby/buildkit/blob/master/docs/attestations/sbom-protocol.md
 */
export async function pushSbomGenerator(host: string): Promise<string> {
  const reference = `${host}/tools/sbom-generator:1`
  await using context = await workspaceOf({
    Dockerfile: [...shellDockerfile, 'COPY --chmod=755 list.sh /list.sh', 'ENTRYPOINT ["/list.sh"]'],
    'list.sh': script,
  })
  const flags = ['--builder', 'default', '--provenance=false', '--build-context', shellContext()]
  await docker(['buildx', 'build', ...flags, '--output', `type=image,name=${reference},push=true`, context.directory])
  return reference
}

const script = String.raw`#!/bin/sh
set -eu
cd "$BUILDKIT_SCAN_SOURCE"
target="$BUILDKIT_SCAN_DESTINATION/$(basename "$BUILDKIT_SCAN_SOURCE").spdx.json"
files=$(find www -type f | sort | sed 's|.*|{"SPDXID": "SPDXRef-File", "fileName": "./&"}|' | paste -sd , -)
cat >"$target" <<END
{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document",
 "predicate": {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "$(uname -m)", "files": [$files]}}
END
`
