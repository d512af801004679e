/** Module in place of `node:crypto` in a page: a part of Tagboat that loads it cannot run there. */
throw Object.assign(new Error('This cannot be simulated in a page: it reads a key. `tagboat plan` can.'), {
  name: 'NotSimulatedError',
})
