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
  // The cache of the browser may have the document of an earlier version.
  await cache.addAll(['./', ...FILES].map((url) => new Request(url, {cache: 'reload'})))
  await self.skipWaiting()
}

async function takeOver(): Promise<void> {
  // Caches are in the order of their creation. Tabs that are still open load parts of the version before this one.
  const others = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== cacheName)
  await Promise.all(others.slice(0, -1).map(async (name) => caches.delete(name)))
  await self.clients.claim()
}

async function newest(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const cached = (await stored(request)) ?? (await stored('./'))
    if (cached === undefined) throw error
    return cached
  }
}

async function kept(request: Request): Promise<Response> {
  return (await stored(request)) ?? fetch(request)
}

/** Looks a file up in this version, and then in the one before it. */
async function stored(request: Request | string): Promise<Response | undefined> {
  const cache = await caches.open(cacheName)
  return (await cache.match(request, {ignoreSearch: true})) ?? caches.match(request, {ignoreSearch: true})
}
