/* Metrics whose numbers somebody else keeps: they are looked up whenever metrics are asked for. */
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function gauged(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: string[],
  samples: () => readonly Sample[] | Promise<readonly Sample[]>,
): Gauge {
  return new Gauge({
    name,
    help,
    labelNames,
    registers,
    async collect() {
      const found = await samples();
      this.reset();
      // Without labels it is 0 now, which nobody has said.
      if (labelNames.length === 0) this.remove();
      for (const { labels, value } of found) this.set(labels, value);
    },
  });
}

export function counted(registers: Registry[], name: string, help: string, value: () => number): Counter {
  return new Counter({
    name,
    help,
    registers,
    collect() {
      this.reset();
      this.inc(value());
    },
  });
}
