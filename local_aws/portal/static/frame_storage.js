// A2I shows a template in a frame that has an origin, and so a storage, of its own. The portal's
// frame is sandboxed and has none: this stand-in hands what the template stores to the page around
// it, which keeps it for this task and worker and gives it back behind the # of the address.
(() => {
  const kept = decodeURIComponent(location.hash.slice(1)) || "{}";
  const values = new Map(Object.entries(JSON.parse(kept)));
  const keep = () => {
    parent.postMessage({ kind: "crowd-storage", values: Object.fromEntries(values) }, "*");
  };
  const storage = {
    get length() { return values.size; },
    key: (place) => [...values.keys()][place] ?? null,
    getItem: (name) => values.get(String(name)) ?? null,
    setItem: (name, value) => { values.set(String(name), String(value)); keep(); },
    removeItem: (name) => { values.delete(String(name)); keep(); },
    clear: () => { values.clear(); keep(); },
  };
  Object.defineProperty(window, "localStorage", { value: storage });
})();
