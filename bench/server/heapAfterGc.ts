/** Loaded before the server of bench/server.ts: on SIGUSR2 it tells over the pipe what the heap holds when all is collected. */

process.on("SIGUSR2", () => {
  // What the first collection finalises the second one frees.
  for (let i = 0; i < 2; i++) globalThis.gc?.()
  process.send?.({ heapBytes: process.memoryUsage().heapUsed })
})
