// The form: filled in from what is offered, read when Run is pressed.
"use strict";

const one = (id) => document.getElementById(id);

export const make = (name, text, attributes = {}) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

// Messages are written for the middle of a line, too: "nobody speaks; choose another track".
export const sentence = (words) => words && words[0].toUpperCase() + words.slice(1).replace(/([^.!?…])$/, "$1.");

const MOST_PEOPLE_LISTED = 8;

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

const track = ({ number, label, name, items, enabled }) => {
  const box = make("input", undefined, { type: "checkbox", name: "tracks", value: number });
  const words = make("span");
  words.append(make("b", label), name && name !== label ? ` ${name}` : "");
  const hints = [items ? plural(items, "item") : "empty", ...(enabled ? [] : ["muted"])];
  words.append(make("small", hints.join(", ")));
  const line = make("label", undefined, { class: "check track" });
  line.append(box, words);
  return line;
};

// Who speaks on a track, where several tracks are chosen.
const face = ({ number, label }) => {
  const line = make("label", undefined, { class: "face" });
  line.append(make("b", label), make("input", undefined, {
    type: "text", name: "speakers", "data-track": number, placeholder: "as above", autocomplete: "off", spellcheck: "false",
    "aria-label": `Whose mouth ${label} has`,
  }));
  return line;
};

const faces = () => [...document.querySelectorAll("[name=speakers]")];

const showFaces = () => {
  const chosen = chosenTracks();
  for (const input of faces()) {
    const some = chosen.length > 1 || input.value;
    input.parentElement.hidden = !(some && chosen.includes(Number(input.dataset.track)));
  }
  one("faces").hidden = faces().every((input) => input.parentElement.hidden);
};

const options = (select, pairs) =>
  select.replaceChildren(...pairs.map(([value, words]) => make("option", words, { value })));

const showStrength = () => {
  one("strength-value").value = Number(one("strength").value).toFixed(2);
};

const showEngine = ({ licences }) => {
  const licence = licences[one("engine").value];
  one("engine-hint").textContent = licence ?? "";
  one("provider-field").hidden = !licence;
};

export const fillIn = (view, changed) => {
  const { form: filled, host, marks } = view;
  one("track-list").replaceChildren(
    ...(view.tracks.length
      ? view.tracks.map(track)
      : [make("p", "This timeline has no sound track.", { class: "hint" })]),
  );
  one("face-list").replaceChildren(...view.tracks.map(face));
  options(one("engine"), view.engines);
  options(one("provider"), view.providers);
  options(one("codec"), view.codecs);
  const people = Math.max(MOST_PEOPLE_LISTED, Number(filled.speaker) || 0);
  options(one("speaker"), [
    ["", "Who speaks in the clip"],
    ...Array.from({ length: people }, (_, number) => [number + 1, `Person ${number + 1}`]),
  ]);
  one("in-place").textContent = host.in_place;
  one("in-place-hint").textContent = host.in_place_hint;
  one("above").textContent = host.above;
  one("above-hint").textContent = host.above_hint;
  one("marks").disabled = !marks;
  one("marks-hint").textContent = marks ? marks.join(" – ") : "no in and out mark is set";

  const form = one("form");
  for (const box of form.querySelectorAll("[name=tracks]")) {
    box.checked = filled.tracks.includes(Number(box.value));
  }
  for (const name of ["engine", "provider", "strength", "nudge", "nudge_unit", "speaker", "codec", "handles", "folder", "workers"]) {
    one(name).value = filled[name];
  }
  for (const name of ["score", "reuse", "backup"]) one(name).checked = filled[name];
  form.elements.place.value = filled.place;
  form.elements.part.value = filled.marks_only ? "marks" : "whole";
  for (const input of faces()) input.value = filled.speakers[input.dataset.track] ?? "";
  showFaces();
  showStrength();
  showEngine(view);
  one("speaker-hint").hidden = !one("speaker").value;
  form.addEventListener("input", (event) => {
    if (event.target.name === "tracks") showFaces();
    showStrength();
    showEngine(view);
    one("speaker-hint").hidden = !one("speaker").value;
    clear(event.target);
    changed();
  });
};

const chosenTracks = () =>
  [...document.querySelectorAll("[name=tracks]:checked")].map((box) => Number(box.value));

// Why it cannot run yet, or nothing.
export const missing = (view) => {
  if (view.shots.every((shot) => shot.obstacle)) {
    return view.shots.length === 1 ? "This shot cannot be re-synced." : "None of these shots can be re-synced.";
  }
  if (!view.tracks.length) return "There is no sound track with a dub.";
  if (!chosenTracks().length) return "Choose the track with the dub.";
  return "";
};

export const read = () => {
  const form = one("form").elements;
  return {
    tracks: chosenTracks(),
    place: form.place.value,
    marks_only: form.part.value === "marks",
    handles: form.handles.value,
    engine: form.engine.value,
    provider: form.provider.value,
    strength: form.strength.value,
    // What is no number has no value of its own.
    nudge: form.nudge.validity.badInput ? "?" : form.nudge.value,
    nudge_unit: form.nudge_unit.value,
    codec: form.codec.value,
    score: form.score.checked,
    speaker: form.speaker.value,
    speakers: Object.fromEntries(
      faces().filter((input) => !input.parentElement.hidden).map((input) => [input.dataset.track, input.value]),
    ),
    folder: form.folder.value,
    workers: form.workers.validity.badInput ? "?" : form.workers.value,
    reuse: form.reuse.checked,
    backup: form.backup.checked,
  };
};

const clear = (field) => {
  const name = field.name === "part" ? "marks_only" : field.name === "nudge_unit" ? "nudge" : field.name;
  const said = one(`${name}-wrong`);
  if (!said || !said.textContent) return;
  said.textContent = "";
  for (const input of document.querySelectorAll(`[name="${name}"]`)) input.removeAttribute("aria-invalid");
};

// A sentence under each field that was not taken; the first one gets the focus.
export const complain = (wrong) => {
  let first;
  for (const [name, why] of Object.entries(wrong)) {
    const said = one(`${name}-wrong`);
    if (!said) continue;
    said.textContent = sentence(why);
    const input = document.querySelector(`#form [name="${name === "marks_only" ? "part" : name}"]:not([hidden] *)`);
    input?.setAttribute("aria-invalid", "true");
    first ??= input;
  }
  first?.focus();
  return Boolean(first);
};
