"use strict";

// The theme: as the system has it, light, or dark. A page from a file may have no storage.
(() => {
  const button = document.getElementById("theme");
  const themes = ["auto", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("dloss-theme"); } catch { return null; } };
  const keep = theme => { try { localStorage.setItem("dloss-theme", theme); } catch { /* it holds until the page is closed */ } };
  const show = theme => {
    document.documentElement.dataset.theme = theme;
    button.textContent = "Theme: " + theme;
  };
  show(themes.includes(stored()) ? stored() : "auto");
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    show(next);
    keep(next);
  });
})();
