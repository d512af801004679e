import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {loopback, type Loopback} from '../loopback.ts'

/** Serves the answers of a stand-in on a loopback address. */
export async function serveApi(answer: (request: HttpRequest) => Promise<HttpResponse>): Promise<Loopback> {
  return loopback((incoming, outgoing) => {
    const {method, url = '/', headers} = incoming
    const fields = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    if (method !== 'GET') {
      outgoing.writeHead(404).end()
      return
    }
    const request = {method, url: new URL(url, 'http://api.example'), headers: Object.fromEntries(fields)} as const
    void answer(request).then(({status, headers: sent, body}) => {
      outgoing.writeHead(status, {'content-type': 'application/json', ...sent}).end(body)
    })
  })
}
