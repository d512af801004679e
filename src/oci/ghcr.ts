import type {Repository} from './reference.ts'

/** Host of the GitHub container registry. */
export const ghcrHost = 'ghcr.io'

/**
 * Host of the container registry of a GitHub server, by the web address of the server: that of an Enterprise Server with
 * subdomain isolation, and of a company on ghe.com, is a subdomain.
 */
export function containerRegistryOf(server: string): string {
  return server === 'https://github.com' ? ghcrHost : `containers.${new URL(server).host}`
}

/** Owner and name of the package of a repository: `octocat` and `team/app` of `octocat/team/app`. */
export function packageOf({path}: Repository): {readonly owner: string; readonly name: string} {
  const [owner = '', ...name] = path.split('/')
  return {owner, name: name.join('/')}
}
