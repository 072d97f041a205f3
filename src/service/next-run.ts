import { createTask } from 'node-cron';

/** When a cron expression comes next, in milliseconds since 1970; undefined when it never does. */
export function nextRun(expression: string): number | undefined {
  const probe = createTask(expression, () => undefined);
  const [next] = probe.getNextRuns(1);
  void probe.destroy();
  return next?.getTime();
}
