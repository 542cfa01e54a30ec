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
  // Chosen in another page of this origin, or in the one around this.
  addEventListener("storage", e => { if (e.key === "dloss-theme" && themes.includes(e.newValue)) show(e.newValue); });
})();

// Tables: sorted by their heads, searched, and shown page by page where they are long. A long one's rows are unpacked when they are first asked for.
(() => {
  const none = "–";
  const count = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const number = value => value === "∞" ? Infinity : value === "−∞" ? -Infinity : value === none ? NaN : Number(value);

  // As Figure.cs writes them.
  const exponent = (v, digits) => v.toExponential(digits).replace(/\.?0*e\+?/, "e");
  const real = v => {
    if (v === 0) return "0";
    const size = Math.abs(v);
    return size >= 1e-3 && size < 1e7 ? v.toFixed(5) : exponent(v, 5);
  };
  const percent = v => (v === 0 || Math.abs(100 * v) >= .01 ? (100 * v).toFixed(2) : exponent(100 * v, 2)) + " %";
  const text = (kind, value) => {
    if (kind === "text") return value;
    const v = number(value);
    if (!Number.isFinite(v)) return String(value ?? none);
    return kind === "count" ? count.format(v) : kind === "percent" ? percent(v) : real(v);
  };

  const unpack = async script => {
    const bytes = Uint8Array.from(atob(script.textContent), c => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  };
  const read = (body, heads) => heads.map((head, i) => [...body.rows].map(row => {
    const cell = row.cells[i];
    return head.kind === "text" ? cell.textContent : cell.dataset.value;
  }));
  const derive = (columns, heads) => heads.forEach((head, i) => {
    if (!head.of) return;
    const [factor, part, ...wholes] = head.of.split(" ").map(Number);
    columns[i] = columns[part].map((value, row) => {
      const whole = wholes.reduce((sum, w) => sum + number(columns[w][row]), 0);
      return whole > 0 ? factor * number(value) / whole : none;
    });
  });

  const bind = table => {
    const body = table.querySelector("tbody");
    const heads = [...table.querySelectorAll("th")].map(cell => ({ cell, kind: cell.dataset.kind, key: cell.dataset.key === "1", of: cell.dataset.of }));
    const packed = table.querySelector("script");
    const pager = table.querySelector(".pager");
    const size = Number(table.dataset.page);
    let columns, all, order, first = 0, sortedBy = -1, falling = false, query = "";

    const load = async () => {
      if (columns) return;
      columns = packed ? await unpack(packed) : read(body, heads);
      derive(columns, heads);
      all = columns[0].map((_, i) => i);
      order = all;
    };
    const matches = row => heads.some((head, i) => head.key
      && (head.kind === "text" ? columns[i][row].toLowerCase().includes(query) : String(columns[i][row]) === query));
    const arrange = () => {
      order = query ? all.filter(matches) : [...all];
      if (sortedBy < 0) return;
      const values = columns[sortedBy];
      if (heads[sortedBy].kind === "text") {
        const compare = new Intl.Collator("en", { numeric: true }).compare;
        order.sort((a, b) => (falling ? -1 : 1) * compare(values[a], values[b]) || a - b);
      } else {
        const keys = Float64Array.from(values, number);
        order.sort((a, b) => Number.isNaN(keys[a]) || Number.isNaN(keys[b])
          ? Number.isNaN(keys[a]) - Number.isNaN(keys[b]) || a - b
          : (falling ? keys[b] - keys[a] || 0 : keys[a] - keys[b] || 0) || a - b);
      }
    };
    const show = () => {
      const page = order.slice(first, packed ? first + size : undefined);
      body.replaceChildren(...page.map(row => {
        const line = document.createElement("tr");
        heads.forEach((head, i) => {
          const cell = line.insertCell();
          const value = columns[i][row];
          cell.textContent = text(head.kind, value);
          cell.className = head.kind === "text" ? "data" : "number";
          if (head.kind !== "text") cell.dataset.value = value;
        });
        return line;
      }));
      if (!pager) return;
      pager.querySelector(".shown").textContent = order.length === 0 ? "none of " + count.format(all.length)
        : `${count.format(first + 1)}–${count.format(first + page.length)} of ${count.format(order.length)}`;
      const [back, on] = pager.querySelectorAll("button");
      back.disabled = first === 0;
      on.disabled = first + size >= order.length;
    };

    heads.forEach((head, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.cell.childNodes);
      head.cell.append(button);
      head.cell.setAttribute("aria-sort", "none");
      button.addEventListener("click", async () => {
        await load();
        falling = sortedBy === i ? !falling : head.kind !== "text";
        sortedBy = i;
        heads.forEach(h => h.cell.setAttribute("aria-sort", h !== head ? "none" : falling ? "descending" : "ascending"));
        first = 0;
        arrange();
        show();
      });
    });
    const search = table.querySelector(".search");
    if (search) {
      search.hidden = false;
      search.addEventListener("input", async event => {
        query = event.target.value.trim().toLowerCase();
        await load();
        first = 0;
        arrange();
        show();
      });
    }
    if (pager) {
      const turn = (label, by) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = label;
        button.disabled = by < 0;
        button.addEventListener("click", async () => {
          await load();
          first += by;
          show();
        });
        return button;
      };
      pager.prepend(turn("‹ Previous", -size), turn("Next ›", size));
    }
    table.addEventListener("mouseover", event => {
      const cell = event.target.closest("td");
      if (cell && cell.dataset.value && !cell.title) cell.title = cell.dataset.value;
    });
  };
  document.querySelectorAll(".table").forEach(bind);
})();

// Charts: what a mark stands for is shown where the pointer is, or, with the keyboard, at the mark that the arrows have come to.
(() => {
  const tip = document.getElementById("tip");
  const bind = chart => {
    const marks = [...chart.querySelectorAll(".mark")];
    if (marks.length === 0) return;
    const texts = marks.map(mark => {
      const title = mark.querySelector("title");
      title.remove();
      return title.textContent;
    });
    const stride = Number(chart.dataset.stride) || 1;
    let at = -1;

    const hide = () => {
      marks[at]?.classList.remove("active");
      at = -1;
      tip.hidden = true;
    };
    const show = index => {
      marks[at]?.classList.remove("active");
      at = index;
      const mark = marks[at];
      mark.classList.add("active");
      tip.textContent = texts[at];
      tip.hidden = false;
      const box = (mark.querySelector(".at") ?? mark).getBoundingClientRect();
      const left = Math.min(Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2), document.documentElement.clientWidth - tip.offsetWidth - 8);
      const above = box.top - tip.offsetHeight - 8;
      tip.style.left = left + "px";
      tip.style.top = (above > 48 ? above : box.bottom + 8) + "px";
    };
    chart.addEventListener("pointerover", event => {
      const mark = event.target.closest(".mark");
      if (mark) show(marks.indexOf(mark));
    });
    chart.addEventListener("pointerleave", hide);
    chart.addEventListener("blur", hide);
    chart.addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: stride, ArrowUp: -stride, Home: -Infinity, End: Infinity }[event.key];
      if (event.key === "Escape") hide();
      if (!step) return;
      event.preventDefault();
      const last = marks.length - 1;
      show(at < 0 ? (step === Infinity ? last : 0) : Math.min(Math.max(at + step, 0), last));
    });
  };
  document.querySelectorAll("svg.plot").forEach(bind);
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
})();
