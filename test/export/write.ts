/** Writes what scripts/fixtures/load_adapter.py loads: `npx tsx test/export/write.ts FOLDER`. */

import { join } from "node:path";
import { Device } from "../../runtime/device.ts";
import { writeAdapted, written } from "./written.ts";

const [, , folder = "out"] = process.argv;
const device = await Device.open();
for (const name of written) await writeAdapted(name, device, join(folder, name));
device.close();
