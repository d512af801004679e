/**
 * Keeps the files of the page, so that it works without a network. Documents come from the network if there is one; all
 * other files have their hash in the name and never change.
 */
declare const self: ServiceWorkerGlobalScope
/** Names of all files, which the build fills in. */
declare const FILES: readonly string[]
/** Hash of all files, which the build fills in. */
declare const VERSION: string

const prefix = 'tagboat-playground-'
const cacheName = prefix + VERSION

self.addEventListener('install', (event) => {
  event.waitUntil(store())
})

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver())
})

self.addEventListener('fetch', (event) => {
  const {request} = event
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return
  event.respondWith(request.mode === 'navigate' ? newest(request) : kept(request))
})

async function store(): Promise<void> {
  const cache = await caches.open(cacheName)
  await cache.addAll(['./', ...FILES])
  await self.skipWaiting()
}

async function takeOver(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(
    names.filter((name) => name.startsWith(prefix) && name !== cacheName).map(async (name) => caches.delete(name)),
  )
  await self.clients.claim()
}

async function newest(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const cached = (await caches.match(request, {ignoreSearch: true})) ?? (await caches.match('./'))
    if (cached === undefined) throw error
    return cached
  }
}

async function kept(request: Request): Promise<Response> {
  return (await caches.match(request, {ignoreSearch: true})) ?? fetch(request)
}
