// Small things that this tab keeps over a reload; in memory where the browser lets pages keep nothing.

const PREFIX = "quire:";
const memory = new Map<string, unknown>();

export function keep(name: string, value: unknown): void {
  memory.set(name, value);
  withStorage((storage) => storage.setItem(PREFIX + name, JSON.stringify(value)));
}

/** Return what is kept; null also for what cannot be read, which anybody may have put there. */
export function kept<Value>(name: string): Value | null {
  return (memory.get(name) ?? withStorage((storage) => JSON.parse(storage.getItem(PREFIX + name) ?? "null")) ?? null) as Value | null;
}

export function forget(name: string): void {
  memory.delete(name);
  withStorage((storage) => storage.removeItem(PREFIX + name));
}

/** Forget everything: whoever uses this tab next is somebody else. */
export function forgetAll(): void {
  memory.clear();
  withStorage((storage) => {
    for (const name of Object.keys(storage).filter((name) => name.startsWith(PREFIX))) {
      storage.removeItem(name);
    }
  });
}

function withStorage<Result>(use: (storage: Storage) => Result): Result | undefined {
  try {
    return use(sessionStorage);
  } catch {
    return undefined; // full, forbidden together with cookies, or no JSON
  }
}
