/**
 * The method that the input `call` names, as Buildx reads it: `check,format=json` is `check`, in any case, and nothing
 * is `build` (https://docs.docker.com/reference/cli/docker/buildx/build/#call).
 */
export function callMethod(call: string | undefined): string {
  const method = call?.split(',', 1)[0]?.trim().toLowerCase() ?? ''
  return method === '' ? 'build' : method
}

/** Every other method looks at the build and makes nothing. */
export function callBuilds(call: string | undefined): boolean {
  return callMethod(call) === 'build'
}
