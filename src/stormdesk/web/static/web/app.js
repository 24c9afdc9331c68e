// Stormdesk's own script: theme, dialogs, keys, clocks, live events, drafts. No inline code and no eval: the page's policy
// forbids both. Words it needs are on the page already, in data attributes of <html> or in the elements it changes.
(() => {
  "use strict";
  const root = document.documentElement;
  const russian = root.lang === "ru";
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  // ── a new brand is most likely where its first person sits ──
  for (const select of $$("select[data-guess-zone]")) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (select.value === "UTC" && $$("option", select).some((option) => option.value === here)) select.value = here;
  }

  // ── theme: kept in a cookie, so that the server sends the page in it and nothing flashes ──
  function toggleTheme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  }

  // ── dialogs, menus, toasts ──
  function openDialog(id) {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return;
    $$("dialog[open]").forEach((other) => other.close());
    dialog.classList.contains("drawer") ? dialog.show() : dialog.showModal();
    ($("[autofocus], input:not([type=hidden]), select, textarea", dialog) ?? $("button", dialog))?.focus();
  }
  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest?.(selector);
    if (hit("[data-toggle-theme]")) return toggleTheme();
    if (hit("[data-dismiss]")) return hit(".toast, .notice")?.remove();
    if (hit("[data-close]")) return hit("dialog")?.close();
    if (hit("[aria-disabled=true]")) return event.preventDefault();
    if (hit("[data-back]") && document.referrer.startsWith(location.origin)) { event.preventDefault(); return history.back(); }
    const opener = hit("[data-dialog]");
    if (opener) { event.preventDefault(); return openDialog(opener.dataset.dialog); }
    if (event.target.matches?.("dialog[open]")) event.target.close(); // the backdrop
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    $$("details.menu[open]").forEach((menu) => { menu.open = false; $("summary", menu).focus(); });
    $$("dialog.drawer[open]").forEach((drawer) => drawer.close());
  });

  // A form that is being sent is not sent twice.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sending) return event.preventDefault();
    if (form.method === "post" && !form.matches("[hx-post]")) {
      form.dataset.sending = "1";
      setTimeout(() => delete form.dataset.sending, 5000);
    }
  });
  addEventListener("pageshow", () => $$("form[data-sending]").forEach((form) => delete form.dataset.sending));

  // ── jump to: filters the links that are on the page already ──
  function findSetup() {
    const field = $("[data-find]"), list = $("[data-find-list]");
    if (!field) return;
    const items = $$("li:not([data-find-words])", list), words = $("[data-find-words]", list);
    const shown = () => $$("li:not([hidden]) a", list);
    field.addEventListener("input", () => {
      const text = field.value.trim().toLocaleLowerCase();
      for (const item of items) item.hidden = !item.textContent.toLocaleLowerCase().includes(text);
      if (words) { words.hidden = !text; const link = $("a", words); link.href = link.dataset.base + encodeURIComponent(field.value.trim()); }
    });
    field.form.addEventListener("submit", (event) => { const first = shown()[0]; if (first) { event.preventDefault(); location.href = first.href; } });
    field.closest("dialog").addEventListener("keydown", (event) => {
      if (event.code !== "ArrowDown" && event.code !== "ArrowUp") return;
      event.preventDefault();
      const links = shown(), at = links.indexOf(document.activeElement) + (event.code === "ArrowDown" ? 1 : -1);
      (links[at] ?? (at < 0 ? field : links[0]))?.focus();
    });
  }

  // ── keys, bound to places on the keyboard, so that J is J on a Russian layout ──
  const rows = () => $$("[data-row]").filter((row) => row.offsetParent !== null);
  function moveTo(step) {
    const all = rows(), now = all.indexOf(document.activeElement?.closest?.("[data-row]"));
    const next = all[Math.max(0, Math.min(all.length - 1, now < 0 ? (step > 0 ? 0 : all.length - 1) : now + step))];
    if (!next) return;
    if (!next.matches("a, button, input, [tabindex]")) next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  addEventListener("keydown", (event) => {
    if (event.code === "KeyK" && (event.ctrlKey || event.metaKey) && !event.altKey) { event.preventDefault(); return openDialog("find"); }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
    const row = document.activeElement?.closest?.("[data-row]");
    if (event.code === "KeyJ") moveTo(1);
    else if (event.code === "KeyK") moveTo(-1);
    else if (event.code === "Enter" && row && document.activeElement === row) $("a[href]", row)?.click();
    else if (event.code === "KeyX" && row) $("input[type=checkbox][data-select]", row)?.click();
    else if (event.code === "Slash" && event.shiftKey) openDialog("keys");
    else if (event.code === "Slash") { const search = $("[data-search]"); search ? search.focus() : openDialog("find"); }
    else {
      // data-key="n" is the key where N stands on a Latin layout
      const own = $$("[data-key]").find((element) => `Key${element.dataset.key.toUpperCase()}` === event.code && element.offsetParent !== null);
      if (!own) return;
      own.matches("input, textarea, select") ? own.focus() : own.click();
    }
    event.preventDefault();
  });

  // ── several rows at once: [data-select] boxes, one [data-select-all], a bar [data-bulk] that says how many ──
  let lastBox = null;
  function bulk() {
    const boxes = $$("[data-select]"), chosen = boxes.filter((box) => box.checked);
    for (const bar of $$("[data-bulk]")) bar.hidden = chosen.length === 0;
    for (const count of $$("[data-bulk-count]")) count.textContent = chosen.length;
    for (const all of $$("[data-select-all]")) { all.checked = chosen.length > 0 && chosen.length === boxes.length; all.indeterminate = chosen.length > 0 && !all.checked; }
    for (const box of boxes) box.closest("[data-row]")?.classList.toggle("sel", box.checked);
  }
  addEventListener("click", (event) => {
    if (!event.target.matches?.("[data-select]")) return;
    const boxes = $$("[data-select]"), now = boxes.indexOf(event.target), before = boxes.indexOf(lastBox);
    if (event.shiftKey && before >= 0) for (const box of boxes.slice(Math.min(now, before), Math.max(now, before) + 1)) box.checked = event.target.checked;
    lastBox = event.target;
    bulk();
  });
  addEventListener("change", (event) => {
    if (event.target.matches?.("[data-select-all]")) { for (const box of $$("[data-select]")) box.checked = event.target.checked; bulk(); }
    if (event.target.matches?.("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // ── clocks ──
  const unit = russian ? { s: "с", m: "мин", h: "ч", d: "д" } : { s: "s", m: "min", h: "h", d: "d" };
  function span(seconds) {
    seconds = Math.floor(Math.abs(seconds));
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (seconds < 60) return `${seconds}\u00a0${unit.s}`;
    if (minutes < 60) return `${minutes}\u00a0${unit.m}`;
    if (hours < 48) return `${hours}\u00a0${unit.h}` + (minutes % 60 ? `\u00a0${minutes % 60}\u00a0${unit.m}` : "");
    return `${days}\u00a0${unit.d}` + (hours % 24 ? `\u00a0${hours % 24}\u00a0${unit.h}` : "");
  }
  const late = (text) => (russian ? `+${text}` : `${text}\u00a0late`);
  const ago = (text) => (russian ? `${text}\u00a0назад` : `${text}\u00a0ago`);
  function put(element, text) { if (element.textContent !== text) element.textContent = text; }
  let heardAt = 0;
  function tick() {
    const now = Date.now();
    for (const time of $$("time[data-countdown]")) {
      const left = (Date.parse(time.dateTime) - now) / 1000;
      put(time, left < 0 ? late(span(left)) : span(left));
      time.classList.toggle("late", left < 0);
    }
    for (const time of $$("time[data-ago]")) put(time, ago(span((now - Date.parse(time.dateTime)) / 1000)));
    const age = $("[data-live]");
    if (age && heardAt) {
      const seconds = (now - heardAt) / 1000;
      age.hidden = false;
      age.classList.toggle("stale", seconds > 35);
      put($("[data-live-age]", age), ago(span(seconds)));
    }
    const clock = $("[data-now]");
    if (clock && root.dataset.zone) {
      const hm = new Intl.DateTimeFormat("en-GB", { timeZone: root.dataset.zone, hour: "2-digit", minute: "2-digit" }).format(now);
      put(clock, clock.textContent.replace(/\d\d:\d\d/, hm));
    }
  }

  // ── live events: one stream a page; each topic becomes an event that htmx fragments listen to ──
  const topics = ["mentions", "alerts", "crisis", "pause", "posts", "inbox", "tasks", "sources", "drill"];
  function listen() {
    if (!root.dataset.events || !window.EventSource) return;
    const stream = new EventSource(root.dataset.events);
    const alive = () => { heardAt = Date.now(); tick(); };
    stream.addEventListener("open", alive);
    stream.addEventListener("tick", alive);
    for (const topic of topics) stream.addEventListener(topic, () => { alive(); document.body.dispatchEvent(new CustomEvent(`live-${topic}`)); });
    // After a lost connection the page may have missed something that is no longer kept: fetch every live part once.
    stream.addEventListener("reset", () => { alive(); for (const topic of topics) document.body.dispatchEvent(new CustomEvent(`live-${topic}`)); });
    addEventListener("pagehide", () => stream.close());
  }

  // ── a refused request leaves the page as it was and says why ──
  document.addEventListener("htmx:response:error", (event) => {
    const text = event.detail?.ctx?.text ?? "";
    const toast = new DOMParser().parseFromString(text, "text/html").querySelector("p.toast");
    if (toast) $("#toasts")?.append(document.importNode(toast, true));
  });

  // ── drafts: [data-autosave] forms are posted to that address a second after the last change, and say so ──
  const timers = new WeakMap();
  addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-autosave]");
    if (!form) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), 1000));
  });
  async function save(form, leaving = false) {
    timers.delete(form);
    const told = $("[data-autosaved]", form);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), keepalive: leaving, headers: { "X-Requested-With": "autosave" } });
      if (told) { told.hidden = false; told.classList.toggle("late", !answer.ok); put(told, answer.ok ? told.dataset.saved : told.dataset.failed); }
    } catch { if (told) { told.hidden = false; told.classList.add("late"); put(told, told.dataset.failed); } }
  }
  // what is sent is no draft any more: a late save would bring it back
  addEventListener("submit", (event) => { clearTimeout(timers.get(event.target)); timers.delete(event.target); });
  addEventListener("pagehide", () => { for (const form of $$("form[data-autosave]")) if (timers.has(form)) { clearTimeout(timers.get(form)); save(form, true); } });

  // ── counts of letters left: [data-counts="field id"] data-limit ──
  function letters() {
    for (const counter of $$("[data-counts]")) {
      const field = document.getElementById(counter.dataset.counts);
      if (!field) continue;
      const left = Number(counter.dataset.limit) - [...field.value].length;
      put(counter, String(left));
      counter.classList.toggle("late", left < 0);
    }
  }
  addEventListener("input", letters);

  document.addEventListener("DOMContentLoaded", () => { findSetup(); letters(); bulk(); tick(); setInterval(tick, 1000); listen(); });
  document.addEventListener("htmx:after:swap", () => { letters(); bulk(); tick(); });
})();
