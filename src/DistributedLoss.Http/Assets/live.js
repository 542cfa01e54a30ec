"use strict";

// A run as it goes on. All that comes from the server is set as text, never as markup.
(() => {
  const get = id => document.getElementById(id);
  const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const set = (id, text) => setText(get(id), text);
  const show = (id, text) => { set(id, text ?? ""); get(id).hidden = !text; };
  const dash = "\u2013";

  // Numbers that are not finite come as text.
  const short = x => {
    if (x == null || typeof x === "string") return x ?? dash;
    const [unit, name] = [[1e12, "\u00a0T"], [1e9, "\u00a0G"], [1e6, "\u00a0M"], [1e3, "\u00a0k"]].find(([u]) => Math.abs(x) >= 0.9995 * u) ?? [1, ""];
    return Number((x / unit).toPrecision(3)) + name;
  };
  const whole = x => x == null ? dash : new Intl.NumberFormat("en").format(x);
  const digits = (x, n) => x == null ? dash : typeof x === "string" ? x : String(Number(x.toPrecision(n)));
  const share = x => x == null ? dash : (100 * x).toFixed(2) + " %";
  const clock = s => {
    if (s == null) return dash;
    if (s < 60) return `${s < 9.95 ? s.toFixed(1) : Math.round(s)} s`;
    const m = Math.floor(s / 60);
    if (m < 60) return `${m} min ${Math.floor(s % 60)} s`;
    const h = Math.floor(m / 60);
    return h < 48 ? `${h} h ${m % 60} min` : `${whole(Math.round(h / 24))} days`;
  };
  const count = (n, one, many = one + "s") => `${whole(n)} ${n === 1 ? one : many}`;
  const words = { planning: "Planning", running: "Running", stalled: "Stalled", finished: "Finished", failed: "Failed", cancelled: "Cancelled" };
  const title = document.title;

  // A screen reader hears of what matters, and of every quarter of the way.
  let announced = "", quarter = 0;
  const announce = text => { if (text !== announced) { announced = text; set("announcement", text); } };

  function showState(s) {
    const { rows, shards, loss, workers } = s;
    const part = rows.total > 0 ? (rows.done ?? 0) / rows.total : s.state === "finished" ? 1 : 0;
    const percent = Math.floor(100 * part + 1e-9);
    const isOver = ["finished", "failed", "cancelled"].includes(s.state);
    const known = s.run != null;
    set("what", known ? `${count(s.files, "file")}, ${s.classes == null ? "" : count(s.classes, "class", "classes") + ", "}engine ${s.engine}, kernel ${s.kernel}, run ${s.run}` : "");
    set("state", words[s.state] ?? s.state);
    get("state").dataset.state = s.state;
    set("percent", known ? `${percent} %` : "");
    set("left", isOver ? `after ${clock(s.elapsed)}` : s.remaining == null ? "" : `${clock(s.remaining)} left`);
    get("fill").style.width = `${100 * part}%`;
    get("resumed").style.width = rows.total > 0 ? `${100 * (rows.resumed ?? 0) / rows.total}%` : "0";
    if (known) get("bar").setAttribute("aria-valuenow", percent);
    get("bar").setAttribute("aria-valuetext", known ? `${percent} %` : "not known yet");
    set("counts", known ? `${whole(rows.done ?? 0)} of ${count(rows.total, "row")}${rows.resumed ? `, ${whole(rows.resumed)} of them by an earlier run` : ""}` : "");
    const lost = s.connection?.lost != null && !isOver ? `No connection to ${s.connection.address}: ${s.connection.lost}` : null;
    show("reason", s.state === "cancelled" ? "The run was cancelled; what is shown is how far it came." : s.reason ?? lost);

    const soFar = s.state === "finished" ? "" : " so far";
    set("mean-name", `Mean loss${soFar}`);
    set("top1-name", `Top-1 accuracy${soFar}`);
    set("mean", digits(loss.mean, 6));
    set("mean-note", loss.low == null || typeof loss.low === "string" ? "" : `${digits(loss.low, 6)} to ${digits(loss.high, 6)} (95 %)`);
    set("top1", share(loss.top1));
    set("top1-note", loss.top1 == null || !soFar ? "" : "of the rows of finished shards");
    const rate = isOver ? rows.perSecond : rows.perSecondNow ?? rows.perSecond;
    set("rows", short(rate));
    set("rows-note", rows.perSecond == null ? "" : isOver ? "over the whole run" : `${short(rows.perSecond)} over the whole run`);
    set("logits", short(rate == null || rows.logits == null ? null : rate * rows.logits));
    set("logits-note", rows.logits == null ? "" : `${rows.logits < 10 ? digits(rows.logits, 3) : whole(Math.round(rows.logits))} a row`);
    set("shards", known ? `${whole(shards.done ?? 0)} of ${whole(shards.total)}` : dash);
    set("shards-note", [shards.underWay && !isOver ? `${whole(shards.underWay)} under way` : "", shards.resumed ? `${whole(shards.resumed)} by an earlier run` : ""].filter(Boolean).join(", "));
    const released = isOver ? workers.joined : workers.present;
    set("present", whole(released));
    set("present-note", isOver ? "took part" : workers.left > 0 ? `${whole(workers.left)} left` : "");
    set("again", whole(shards.retried));
    set("again-note", `${count(shards.speculated, "speculation")}, ${count(shards.duplicates, "duplicate")}`);
    set("elapsed", clock(s.elapsed));
    set("elapsed-note", s.remaining == null || isOver ? "" : `about ${clock(s.remaining)} left`);

    showChart(s.throughput);
    showWorkers(workers, isOver);
    document.title = known && !isOver ? `${percent} % \u00b7 ${title}` : isOver ? `${words[s.state]} \u00b7 ${title}` : title;
    if (isOver || s.state === "stalled") {
      announce(`${words[s.state]}${s.reason ? `: ${s.reason}` : ""}${s.state === "finished" && loss.mean != null ? `: mean loss ${digits(loss.mean, 6)}` : ""}`);
    } else if (known && Math.floor(percent / 25) !== quarter) {
      quarter = Math.floor(percent / 25);
      announce(`${percent} % done`);
    }
  }

  // Throughput over time.
  const chart = { step: 0, rates: [], at: null };
  function showChart({ step, rates }) {
    chart.step = step;
    chart.rates = rates;
    const top = Math.max(...rates, 1), n = rates.length;
    const x = i => n < 2 ? 50 : 100 * i / (n - 1);
    const y = r => 100 - 92 * r / top;
    const line = rates.map((r, i) => `${i ? "L" : "M"}${x(i).toFixed(2)} ${y(r).toFixed(2)}`).join("");
    get("chart-line").setAttribute("d", n > 1 ? line : "");
    get("chart-area").setAttribute("d", n > 1 ? `${line}L100 100L0 100Z` : "");
    set("chart-top", n > 1 ? `${short(top)}/s` : "");
    set("chart-end", n > 1 ? clock(n * step) : "");
    set("chart-summary", n > 1 ? `Between ${short(Math.min(...rates))} and ${short(top)} rows a second over ${clock(n * step)}. Left and right arrow keys read single points.` : "Nothing was read yet.");
    showPoint();
  }
  function showPoint() {
    const cursor = get("chart-cursor"), { rates, step } = chart;
    if (chart.at == null || rates.length < 2) {
      cursor.setAttribute("visibility", "hidden");
      set("chart-at", "");
      return;
    }
    chart.at = Math.min(chart.at, rates.length - 1);
    const x = 100 * chart.at / (rates.length - 1);
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.setAttribute("visibility", "visible");
    set("chart-at", `${short(rates[chart.at])} rows/s at ${clock((chart.at + 1) * step)}`);
  }
  const moveTo = at => { chart.at = at; showPoint(); };
  const plot = document.querySelector(".plot");
  plot.addEventListener("pointermove", e => {
    const box = plot.getBoundingClientRect();
    moveTo(Math.round((e.clientX - box.left) / box.width * (chart.rates.length - 1)));
  });
  plot.addEventListener("pointerleave", () => moveTo(null));
  get("chart").addEventListener("blur", () => moveTo(null));
  get("chart").addEventListener("keydown", e => {
    const last = chart.rates.length - 1, at = chart.at ?? last;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[e.key];
    if (to == null || last < 1) return;
    e.preventDefault();
    moveTo(Math.max(0, Math.min(last, to)));
  });

  // Workers: a row stays what it is for as long as its worker does.
  const workerRows = new Map();
  function showWorkers({ present, list }, isOver) {
    const body = get("worker-rows"), seen = new Set();
    list.forEach((w, i) => {
      seen.add(w.name);
      let row = workerRows.get(w.name);
      if (!row) {
        row = document.createElement("tr");
        for (let c = 0; c < 6; c++) row.append(document.createElement("td"));
        [2, 3, 4, 5].forEach(c => row.children[c].className = "number");
        row.children[0].className = row.children[1].className = "data";
        workerRows.set(w.name, row);
      }
      if (body.children[i] !== row) body.insertBefore(row, body.children[i] ?? null);
      const at = w.shard, isDone = w.left === "released" || (isOver && w.left == null);
      row.className = isDone ? "gone" : w.left == null ? "" : "gone lost";
      const cells = [
        w.name,
        isDone ? "done" : w.left != null ? `left: ${w.left}` : at == null ? "idle"
          : `shard ${at.index}${at.attempt > 1 ? ` (attempt ${at.attempt})` : ""}: ${at.file.split(/[\\/]/).pop()}, row group ${at.rowGroup}, ${whole(at.read)} of ${count(at.rows, "row")}, ${clock(at.seconds)}`,
        whole(w.shards), whole(w.rows), short(w.rowsPerSecond), w.seenSeconds < 2 ? "now" : `${clock(w.seenSeconds)} ago`,
      ];
      cells.forEach((text, c) => setText(row.children[c], text));
      row.children[0].title = w.name;
      if (at) row.children[1].title = at.file; else row.children[1].removeAttribute("title");
    });
    for (const [name, row] of workerRows) if (!seen.has(name)) { row.remove(); workerRows.delete(name); }
    const more = present - list.filter(w => w.left == null).length;
    set("worker-note", list.length === 0 ? "No worker yet." : more > 0 ? `and ${whole(more)} more` : "");
    document.querySelector("#workers .scroll").hidden = list.length === 0;
  }

  // The log's tail follows what comes, unless somebody has scrolled back.
  // As at the server, lines about single shards push out each other alone.
  const mostLines = 200, shardLines = "[data-level=debug], [data-level=verbose]";
  let isFresh = true;
  function showLog(lines) {
    const box = get("log-box"), list = get("log-lines");
    const follows = box.scrollHeight - box.scrollTop - box.clientHeight < 8;
    if (isFresh) list.replaceChildren();
    isFresh = false;
    for (const { at, level, text } of lines) {
      const item = document.createElement("li");
      item.dataset.level = level;
      for (const part of [new Date(at).toTimeString().slice(0, 8), level === "information" ? "info" : level, text]) {
        const span = document.createElement("span");
        span.textContent = part;
        item.append(span);
      }
      list.append(item);
    }
    for (const which of [shardLines, `:not(${shardLines})`]) {
      [...list.children].filter(item => item.matches(which)).slice(0, -mostLines).forEach(item => item.remove());
    }
    if (follows) box.scrollTop = box.scrollHeight;
  }
  get("log-level").addEventListener("change", e => {
    get("log-lines").dataset.show = e.target.value;
    get("log-box").scrollTop = get("log-box").scrollHeight;
  });

  // The report. The server waits a little for those who watch; so all of it is fetched now, to be saved when the server is gone.
  const read = reading => {
    get("report-view").hidden = !reading;
    get("report-offer").hidden = reading;
    document.body.classList.toggle("reading", reading);
    get(reading ? "report-back" : "report-show").focus();
  };
  get("report-show").addEventListener("click", () => read(true));
  get("report-back").addEventListener("click", () => read(false));
  addEventListener("keydown", e => { if (e.key === "Escape" && !get("report-view").hidden) read(false); });
  async function fetchReport() {
    const frame = document.createElement("iframe");
    frame.title = "Report";
    const loaded = new Promise(resolve => frame.addEventListener("load", resolve, { once: true }));
    frame.src = "report";
    get("report-view").append(frame);
    read(true);
    const response = await fetch("report");
    if (!response.ok) throw new Error(`${response.status}`);
    const save = get("report-save");
    save.href = URL.createObjectURL(await response.blob());
    save.hidden = false;
    await loaded;
  }

  // The connection. The browser tries again by itself where it can; silence for longer than the server ever is silent means that it cannot.
  const silence = 15_000;
  let source, heard = 0, lostAt = null, hasEnded = false, state = null;
  const isLost = () => {
    if (hasEnded) return;
    lostAt ??= new Date().toTimeString().slice(0, 8);
    show("connection", `No connection to the run since ${lostAt}: it has ended, or cannot be reached. Trying again.`);
    announce("No connection to the run");
  };
  const isHeard = () => {
    heard = Date.now();
    if (lostAt != null) announce("Connected again");
    lostAt = null;
    show("connection", null);
  };
  function connect() {
    source?.close();
    heard = Date.now();
    source = new EventSource("events");
    source.addEventListener("open", () => { isFresh = true; isHeard(); });
    source.addEventListener("error", () => {
      isLost();
      if (source.readyState === EventSource.CLOSED && !hasEnded) setTimeout(connect, 2000);
    });
    source.addEventListener("state", e => { isHeard(); showState(state = JSON.parse(e.data)); });
    source.addEventListener("log", e => { isHeard(); showLog(JSON.parse(e.data)); });
    source.addEventListener("end", async () => {
      hasEnded = true;
      try {
        if (state.report) await fetchReport();
      } catch (e) {
        show("connection", `The report could not be fetched (${e.message}); dloss report makes it from the result's JSON.`);
        read(false);
      }
      // Whoever has all there is leaves, and the run need not wait.
      source.close();
    });
  }
  setInterval(() => {
    if (!hasEnded && Date.now() - heard > silence) { isLost(); connect(); }
  }, 1000);
  connect();
})();
