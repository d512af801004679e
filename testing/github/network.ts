import type {Io} from '../../src/io/io.ts'
import type {RepositoryApi} from './repository-api.ts'

/** Network that has the API of GitHub too. */
export function withGitHub(open: Io['http'], api: Pick<RepositoryApi, 'answer'>): Io['http'] {
  return (signal) => {
    const network = open(signal)
    return {
      ...network,
      send: async (request) => (request.url.host === 'api.github.com' ? api.answer(request) : network.send(request)),
      open: async (request) => network.open(request),
      [Symbol.dispose]: () => {
        network[Symbol.dispose]()
      },
    }
  }
}
