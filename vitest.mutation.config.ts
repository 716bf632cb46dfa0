import { defineConfig } from 'vitest/config';

// The tests that `npm run mutation` sets on each mutant: those of the reservations and of the table of commands.
export default defineConfig({
  test: {
    include: ['test/target/reservations/*.test.ts', 'test/target/commands/*.test.ts'],
    // The explorer takes 20 s; the properties try other requests at each run, so that a score would be luck.
    exclude: ['**/explorer.test.ts', '**/properties.test.ts'],
    // A mutant that acts while modules are loaded needs them loaded again: once, not once a file.
    isolate: false,
  },
});
