/** A process of its own that opens the device and says one line on standard error. */

import { Device } from "../../runtime/device.ts";

const device = await Device.open();
device.close();
process.stderr.write("opened\n");
