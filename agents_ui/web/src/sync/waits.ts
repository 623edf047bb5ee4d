/** Timers that belong to one owner and end with it. */

type Handle = ReturnType<typeof setTimeout>;

export class Waits {
  private readonly once = new Set<Handle>();
  private readonly repeated = new Set<ReturnType<typeof setInterval>>();

  after(ms: number, run: () => void): Handle {
    const handle = setTimeout(() => {
      this.once.delete(handle);
      run();
    }, ms);
    this.once.add(handle);
    return handle;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  every(ms: number, run: () => void): void {
    this.repeated.add(setInterval(run, ms));
  }

  cancel(handle: Handle | undefined): void {
    if (handle === undefined) return;
    clearTimeout(handle);
    this.once.delete(handle);
  }

  clear(): void {
    for (const handle of this.once) clearTimeout(handle);
    for (const handle of this.repeated) clearInterval(handle);
    this.once.clear();
    this.repeated.clear();
  }
}
