/** Copies one image, and prints the maximum memory size in bytes: `node copy-once.ts SOURCE DESTINATION PATH DIGEST`. */
import {httpClient} from '../src/io/http.ts'
import {isDigest} from '../src/oci/digest.ts'
import {copyImage} from '../src/registry/images/copy.ts'
import {testClients} from './registry-client.ts'

const [source = '', destination = '', path = '', digest = ''] = process.argv.slice(2)
if (!isDigest(digest)) throw new Error(`not a digest: ${digest}`)
using clients = testClients(httpClient(new AbortController().signal, {}))
await copyImage({
  digest,
  source: clients.of(source, path),
  destination: clients.of(destination, path),
  onLeftOut: (line) => process.stderr.write(`${line}\n`),
})
process.stdout.write(String(process.resourceUsage().maxRSS * 1024))
