// Follows the light or dark theme that is chosen in Airflow: its pages keep the choice in local
// storage, which pages of the same origin can read.

export function followAirflowTheme() {
  let theme = null;
  try {
    theme = localStorage.getItem("theme");
  } catch {
    return; // without storage there is no choice: the system's theme applies
  }
  if (theme === "light" || theme === "dark") document.documentElement.style.colorScheme = theme;
}
