// The tab: comes in with the token, shows what the host tells, says what the editor wants.
"use strict";

import { complain, fillIn, make, missing, read, sentence } from "/form.js";

const one = (id) => document.getElementById(id);
const KEY = "relip-key";
const PATIENCE = 8; // tries to reach a server that has stopped answering
const WORDS = {
  placed: "placed", done: "made, not placed", running: "at work", waiting: "waiting",
  failed: "failed", refused: "left as it is", cancelled: "cancelled",
};
const KINDS = { done: "done", placed: "done", failed: "bad", refused: "blocked" };
const FINAL = new Set(["done", "placed", "failed", "refused", "cancelled"]);

let view;
let state = { phase: "opening", rows: [] };
let left = false; // the editor has gone away from this page

const call = async (path, body = {}) => {
  const headers = { "Content-Type": "application/json" };
  const key = sessionStorage.getItem(KEY);
  if (key) headers["X-Relip-Key"] = key;
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), keepalive: path === "/leave" });
};

const alert = (words) => {
  one("alert").textContent = words;
  one("alert").hidden = !words;
};

const end = (title, words) => {
  document.body.dataset.phase = "over";
  for (const id of ["shots", "form", "bar"]) one(id).hidden = true;
  one("title").textContent = title;
  one("how").textContent = "";
  document.title = `${title} · relip`;
  alert(words);
};

const enter = async () => {
  const token = location.hash.slice(1);
  history.replaceState(null, "", "/"); // a spent token is of no use to anybody
  if (!token) return Boolean(sessionStorage.getItem(KEY));
  sessionStorage.removeItem(KEY);
  const answer = await call("/enter", { token });
  if (!answer.ok) return false;
  sessionStorage.setItem(KEY, (await answer.json()).key);
  return true;
};

// Shots

const clock = (seconds) => {
  const whole = Math.max(0, Math.round(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};

const remark = (words, remedy, kind) => {
  const said = make("p", sentence(words), { class: `remark ${kind}` });
  if (remedy) said.append(make("small", sentence(remedy)));
  return said;
};

// Names of clips are long and have no blanks: they may break after _ - and .
const named = (element, name) => {
  for (const part of name.split(/(?<=[_.-])/)) element.append(part, make("wbr"));
  return element;
};

const times = (shot) => {
  const said = make("span", undefined, { class: "times" });
  said.append(make("span", `${shot.track} `), make("span", shot.start, { class: "tc" }), make("span", shot.end, { class: "tc" }));
  return said;
};

const stage = (row) => {
  if (row.state !== "running") return WORDS[row.state] ?? row.state;
  return view.stages[row.stage] ?? (row.stage || WORDS.running);
};

const item = (shot, row) => {
  const line = make("li");
  line.append(named(make("span", undefined, { class: "name" }), shot.name));
  if (shot.obstacle) {
    line.className = "blocked";
    line.append(make("span", WORDS.refused, { class: "state blocked" }), times(shot), make("span", shot.length, { class: "length" }));
    line.append(remark(shot.obstacle.message, shot.obstacle.remedy, "blocked"));
    return line;
  }
  if (!row) {
    line.append(make("span", shot.length, { class: "length" }), times(shot));
    return line;
  }
  line.append(make("span", stage(row), { class: `state ${KINDS[row.state] ?? row.state}` }), times(shot));
  line.append(make("span", row.state === "running" && row.left != null ? `${clock(row.left)} left` : "", { class: "left" }));
  if (row.state === "running") {
    line.append(make("progress", undefined, { max: 1, value: row.share ?? 0, "aria-label": `${shot.name}, ${stage(row)}` }));
  }
  if (row.message) line.append(remark(row.message, row.remedy, "bad"));
  for (const note of remarks(row)) line.append(remark(note, "", ""));
  return line;
};

// What there is to know of a row besides how it went.
const remarks = (row) => [row?.kept && "Kept: nothing has changed", row?.mouth, ...(row?.notes ?? [])].filter(Boolean);

const result = (shot, row) => {
  const line = make("tr");
  const told = make("td");
  const state = shot.obstacle ? "refused" : row?.state ?? "cancelled";
  told.append(make("span", row?.where || WORDS[state], { class: `state ${KINDS[state] ?? "waiting"}` }));
  const { message, remedy } = shot.obstacle ?? row ?? {};
  for (const words of [message, remedy, ...remarks(row)]) {
    if (words) told.append(make("small", sentence(words)));
  }
  const when = make("td");
  when.append(times(shot));
  line.append(named(make("th", undefined, { scope: "row" }), shot.name), when, told, make("td", row?.score ?? (state === "placed" ? "not scored" : "–")));
  return line;
};

// What is shown

// The shots the run was about.
const concerned = () => view.shots.filter((shot) => !state.rows.length || state.rows.some((row) => row.shot === shot.id));

const summary = () => {
  const counts = new Map();
  for (const { state: word } of state.rows) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.keys(WORDS).filter((word) => counts.has(word)).map((word) => `${counts.get(word)} ${WORDS[word]}`).join(", ");
};

const outcome = () => {
  const all = concerned();
  const placed = state.rows.filter((row) => row.state === "placed").length;
  if (!placed) return "Nothing was re-synced";
  if (placed < all.length) return `${placed} of ${all.length} shots re-synced`;
  return `Re-synced ${placed === 1 ? all[0].name : `${placed} shots`}`;
};

const say = (words) => {
  one("said").textContent = words;
};

// Only what differs is exchanged: hundreds of shots, several times a second.
const renew = (list, lines) => {
  lines.forEach((line, number) => {
    const before = list.children[number];
    if (!before) list.append(line);
    else if (!before.isEqualNode(line)) before.replaceWith(line);
  });
};

// What a screen reader says: a stage that begins, not every percent.
const announce = (words) => {
  if (one("heard").textContent !== words) one("heard").textContent = words;
};

const showButtons = () => {
  const choosing = state.phase === "choosing";
  one("bar").hidden = false;
  one("run").hidden = !choosing;
  one("cancel").hidden = state.phase !== "running";
  one("cancel").disabled = Boolean(state.cancelling);
  one("cancel").textContent = state.cancelling ? "Cancelling" : "Cancel";
  one("leave").hidden = state.phase === "running";
  one("leave").textContent = choosing ? "Not now" : "Close";
};

const showChoosing = () => {
  const why = missing(view);
  one("run").disabled = Boolean(why);
  const ready = view.shots.filter((shot) => !shot.obstacle).length;
  one("run").textContent = ready > 1 ? `Re-sync ${ready} shots` : "Re-sync";
  say(why || "Originals are only read, never changed.");
  announce(why);
};

const showRunning = (rows) => {
  const shares = rows.map((row) => (FINAL.has(row.state) ? 1 : row.share ?? 0));
  const share = shares.reduce((sum, one) => sum + one, 0) / Math.max(1, shares.length);
  one("all").hidden = false;
  one("all").value = share;
  document.title = `${Math.floor(share * 100)} % · ${view.title}`;
  const names = new Map(view.shots.map((shot) => [shot.id, shot.name]));
  announce(rows.filter((row) => row.state === "running").map((row) => `${names.get(row.shot)}: ${stage(row)}`).join(", "));
  const finished = rows.filter((row) => FINAL.has(row.state)).length;
  const count = rows.length > 1 ? `${finished} of ${rows.length} shots` : "";
  say(state.text || (state.cancelling ? "Stopping; nothing half-made is left behind." : count || "Closing this tab stops nothing."));
};

const show = (before) => {
  const rows = new Map(state.rows.map((row) => [row.shot, row]));
  document.body.dataset.phase = state.phase;
  one("form").hidden = state.phase !== "choosing";
  one("shots").hidden = state.phase === "done";
  one("results").hidden = state.phase !== "done";
  one("all").hidden = true;
  renew(one("list"), view.shots.map((shot) => item(shot, rows.get(shot.id))));
  one("notes").replaceChildren(...[...view.notes, ...state.notes].map((note) => make("li", sentence(note))));
  showButtons();
  if (state.phase === "choosing") showChoosing();
  if (state.phase === "running") showRunning(state.rows);
  if (state.phase === "done") {
    one("result-rows").replaceChildren(...concerned().map((shot) => result(shot, rows.get(shot.id))));
    one("title").textContent = outcome();
    document.title = `${outcome()} · relip`;
    const counts = /^(\d+ \w+(, )?)+$/.test(state.text); // which the bar says in an editor's words
    one("how").textContent = [counts ? "" : state.text, ...state.notes].filter(Boolean).map(sentence).join(" ");
    say(summary());
    announce(summary());
  }
  if (state.phase === "gone") {
    end("The script has ended", "What is finished is not lost: run “relip - Apply Finished” to place it. You can close this tab.");
    if (before === "choosing") alert("Nothing was changed. Run the script again to choose. You can close this tab.");
  }
  if (before !== "opening" && before !== state.phase) one("title").focus();
};

const begin = (told) => {
  view = told;
  one("project").textContent = [view.project, view.timeline].filter(Boolean).map((part) => `· ${part} `).join("");
  one("title").textContent = view.title;
  document.title = `${view.title} · relip`;
  one("how").textContent = sentence(view.how);
  fillIn(view, showChoosing);
  // Who chose before in this project only has to press Enter.
  one("form").hidden = one("bar").hidden = false;
  showChoosing();
  const likely = view.tracks.find((track) => track.items)?.number;
  (missing(view) ? document.querySelector(`[name=tracks][value="${likely}"]`) : one("run"))?.focus();
};

const listen = async () => {
  const answer = await call("/events");
  if (!answer.ok) return false;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let waiting = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return true;
    const lines = (waiting + value).split("\n");
    waiting = lines.pop();
    for (const line of lines.filter(Boolean)) {
      if (left) return true;
      const told = JSON.parse(line);
      if (told.view && !view) begin(told.view);
      const before = state.phase;
      state = told.state;
      show(before);
    }
  }
};

const over = () => left || ["done", "gone"].includes(state.phase);

const start = async () => {
  if (!(await enter())) {
    end("This page has been opened before", "An address of this page works once. Run the script again for a new one.");
    return;
  }
  for (let tries = 0; tries < PATIENCE && !over();) {
    const heard = await listen().catch(() => undefined);
    if (heard === false) break;
    tries = heard ? 0 : tries + 1;
    if (!over()) await new Promise((done) => setTimeout(done, 500));
  }
  if (!over()) end("The page has ended", "It was closed, or left alone for too long. Run the script again. You can close this tab.");
};

const goAway = () => {
  left = true;
  call("/leave").catch(() => {});
  window.close(); // which browsers allow to tabs that a program opened
  if (state.phase === "choosing") {
    end("Nothing was changed", "You can close this tab.");
  } else {
    one("bar").hidden = true;
    alert("You can close this tab.");
  }
};

one("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (missing(view)) return;
  one("run").disabled = true;
  alert("");
  const answer = await call("/run", read()).catch(() => undefined);
  if (answer?.status === 422) {
    const { wrong } = await answer.json();
    showChoosing();
    if (!complain(wrong)) alert(Object.values(wrong).map(sentence).join(" "));
  } else if (!answer?.ok) {
    showChoosing();
    alert("That did not arrive. Run the script again.");
  }
});
one("cancel").addEventListener("click", () => call("/cancel").catch(() => {}));
one("leave").addEventListener("click", goAway);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && state.phase === "choosing") one("form").requestSubmit();
});

start();
