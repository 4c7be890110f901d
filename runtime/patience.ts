/**
 * Waiting for the GPU without a busy loop. While anything of Dawn's is pending, dawn.node asks for it on
 * every turn of Node's event loop without a pause: a whole core, of which a software adapter has better use
 * (matmuls run up to 1.5 times faster on two cores without it). So while waiting, each turn sleeps.
 */

const cell = new Int32Array(new SharedArrayBuffer(4));
const milliseconds = 0.2;

export async function patiently<T>(promise: Promise<T>): Promise<T> {
  let isWaiting = true;
  const pause = () => {
    if (!isWaiting) return;
    Atomics.wait(cell, 0, 0, milliseconds);
    setImmediate(pause);
  };
  setImmediate(pause);
  try {
    return await promise;
  } finally {
    isWaiting = false;
  }
}
