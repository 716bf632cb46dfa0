import { defineConfig } from 'vitest/config';

// unit:    pure code and in-process sockets; also run on the newest Node by .ci/run
// system:  real processes of our own (dist/ must be built: `npm test` does)
// interop: programs that nobody here wrote; skipped when they are not installed
export default defineConfig({
  test: {
    // As many as there are cores, where vitest would leave one idle: most tests wait for processes.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/system/**', 'test/interop/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
