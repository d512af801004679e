/** A process of its own that copies one image: `node copy-once.ts SOURCE DESTINATION PATH DIGEST`. Prints its largest size in bytes. */
import {httpClient} from '../src/io/http.ts'
import {isDigest} from '../src/oci/digest.ts'
import {copyImage} from '../src/registry/images/copy.ts'
import {testClients} from './registry-client.ts'

const [source = '', destination = '', path = '', digest = ''] = process.argv.slice(2)
if (!isDigest(digest)) throw new Error(`no digest: ${digest}`)
using clients = testClients(httpClient(new AbortController().signal, {}))
await copyImage({
  digest,
  source: clients.of(source, path),
  destination: clients.of(destination, path),
  onLeftOut: (line) => process.stderr.write(`${line}\n`),
})
process.stdout.write(String(process.resourceUsage().maxRSS * 1024))
