/**
 * Waiting for the GPU without a busy loop. While anything of Dawn's is pending, dawn.node asks for it on
 * every turn of Node's event loop without a pause: a whole core, of which a software adapter has better use
 * (a training step is up to 1.5 times faster on two cores without it). So while anybody waits, each turn
 * sleeps.
 */

const cell = new Int32Array(new SharedArrayBuffer(4));
const milliseconds = 0.2;

/** Promises that are waited for; their turns are shared. */
let waiting = 0;
let isPausing = false;

export async function patiently<T>(promise: Promise<T>): Promise<T> {
  waiting++;
  if (!isPausing) setImmediate(pause);
  isPausing = true;
  try {
    return await promise;
  } finally {
    waiting--;
  }
}

function pause(): void {
  isPausing = waiting > 0;
  if (!isPausing) return;
  Atomics.wait(cell, 0, 0, milliseconds);
  setImmediate(pause);
}
