// A2I shows a template in a frame with an origin, and so a storage, of its own. The portal's frame
// is sandboxed and has none: this script sends what the template stores to the surrounding page,
// which keeps it for this task and worker and returns it after the # of the address.
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
