/**
 * Method of the input `call`, parsed like Buildx does: `check,format=json` is `check`, letter case is ignored, and the
 * default is `build` (https://docs.docker.com/reference/cli/docker/buildx/build/#call).
 */
export function callMethod(call: string | undefined): string {
  const method = call?.split(',', 1)[0]?.trim().toLowerCase() ?? ''
  return method === '' ? 'build' : method
}

/** Reports whether a call builds the image. Other methods only inspect the build. */
export function callBuilds(call: string | undefined): boolean {
  return callMethod(call) === 'build'
}
