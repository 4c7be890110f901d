/**
 * A process of its own, for signals to end: trains a line in the folder of its first argument or, without
 * one, does something that never ends by itself.
 */

import { Device } from "../../runtime/device.ts";
import { Interrupt } from "../../runtime/interrupt.ts";
import { runLinear } from "./run-linear.ts";

const say = (text: string): boolean => process.stdout.write(text);

async function trainLine(directory: string): Promise<void> {
  const device = await Device.open();
  const job = { steps: 100_000, evaluate: undefined };
  const { outcome } = await runLinear(device, { directory, job, heard: say });
  say(`${JSON.stringify(outcome)}\n`);
  device.close();
}

function waitForever(): void {
  const interrupt = new Interrupt(() => say("finishing this step\n"));
  setInterval(() => interrupt.isRequested, 1000);
  say("step 1/1\n");
}

const [, , directory] = process.argv;
if (directory === undefined) waitForever();
else await trainLine(directory);
