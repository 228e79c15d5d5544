// Airflow lets its user choose light or dark, whatever the system says; its pages remember that in
// the browser, where a page of the same origin can read it.

export function followAirflowTheme() {
  let theme = null;
  try {
    theme = localStorage.getItem("theme");
  } catch {
    return; // no storage, no choice: the system's scheme it is
  }
  if (theme === "light" || theme === "dark") document.documentElement.style.colorScheme = theme;
}
