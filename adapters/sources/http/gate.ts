/** Lets a few tasks run at a time; the others wait in order. Who waits is bounded by what each of them already holds. */
export class Gate {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  constructor(readonly tasksMax: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.tasksMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift(); // takes over the place
      if (next) next();
      else this.#running--;
    }
  }
}
