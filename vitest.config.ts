import { defineConfig } from 'vitest/config';

// unit:    pure code and in-process sockets; also run on the newest Node by .ci/run
// system:  real processes of our own (dist/ must be built: `npm test` does)
// interop: programs that nobody here wrote; skipped when they are not installed
// capture: such programs that see what the others send, so that nothing runs beside them
export default defineConfig({
  test: {
    // As many as there are cores, where vitest would leave one idle: most tests wait for processes.
    maxWorkers: '100%',
    // Time-outs are there to end what hangs: a busy machine takes many times what a quiet one does.
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/system/**', 'test/interop/**'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          exclude: ['test/interop/demo-capture.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'capture',
          include: ['test/interop/demo-capture.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
