/** Measures several implementations of one job in turns, A B A B …, so that the machine's moods hit all alike. */

export interface Contestant {
  readonly name: string;
  /** Does the job once and waits until it is done. */
  readonly run: () => Promise<void>;
}

export interface Measured {
  readonly name: string;
  /** Seconds a job, ascending. */
  readonly seconds: readonly number[];
}

/** A sample is as many jobs as take the slowest contestant about this long. */
const secondsOfSample = 0.05;

export async function interleave(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<readonly Measured[]> {
  let slowest = 0;
  for (const contestant of contestants) {
    // The first run compiles.
    await sample(contestant, 1);
    slowest = Math.max(slowest, await sample(contestant, 1));
  }
  const jobs = Math.max(1, Math.round(secondsOfSample / slowest));
  const samples = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, contestant] of contestants.entries()) {
      samples[at]?.push(await sample(contestant, jobs));
    }
  }
  return contestants.map(({ name }, at) => ({
    name,
    seconds: [...(samples[at] ?? [])].sort((one, other) => one - other),
  }));
}

/** Seconds a job. */
async function sample({ run }: Contestant, jobs: number): Promise<number> {
  const begin = performance.now();
  // One after the other: jax-js never computes what is thrown away before it is waited for.
  for (let job = 0; job < jobs; job += 1) await run();
  return (performance.now() - begin) / 1000 / jobs;
}

export interface Rates {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** In units of `work` a second. */
export function ratesOf({ seconds }: Measured, work: number): Rates {
  const at = (place: number) => work / (seconds[place] ?? Number.NaN);
  return {
    least: at(seconds.length - 1),
    median: at(Math.floor(seconds.length / 2)),
    most: at(0),
  };
}
