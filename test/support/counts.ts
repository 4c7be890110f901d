/** Ends the output of a test run with one line for machines: `12 passed, 0 failed`. */

import type { Reporter, TestModule } from "vitest/node";

export class Counts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0;
    let failed = 0;
    for (const module of modules) {
      const before = failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        else if (state === "failed") failed += 1;
      }
      // A file that does not load, or a broken hook, fails without any test of its own failing.
      if (module.state() === "failed" && failed === before) failed += 1;
    }
    // Written when the process ends, since vitest's own summary comes after this call.
    process.once("exit", () => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}
