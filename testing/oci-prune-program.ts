import {httpClient} from '../src/io/http.ts'
import {pruneTags} from './oci-prune.ts'
import {testClients} from './registry-client.ts'

// Deletes tags of a repository: node oci-prune-program.ts HOST PATH TAG…
const [host = '', path = '', ...tags] = process.argv.slice(2)
using clients = testClients(httpClient(new AbortController().signal, {}))
const {failure} = await pruneTags({clients, host, path, deletes: (tag) => tags.includes(tag)})
if (failure !== undefined) throw failure
