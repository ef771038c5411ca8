// Review by keyboard. Keys do nothing while somebody writes.
"use strict";
const by = id => document.getElementById(id);
const form = by("decide"), keys = by("keys"), help = by("help");
let evidence = -1;

function toggle() { keys.hidden = !keys.hidden; help.setAttribute("aria-expanded", String(!keys.hidden)); }
function follow(link) { if (link) location.href = link.href; }
function move(step) {
  const items = [...document.querySelectorAll("a.item")];
  if (!items.length) return follow(document.querySelector(step > 0 ? "a[rel=next]" : "a[rel=prev]"));
  const at = items.indexOf(document.activeElement);
  items[at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + step))].focus();
}
function say(kind, field) {
  if (!form) return;
  form.kind.value = kind;
  form.kind.dispatchEvent(new Event("change"));
  if (field) form[field].focus(); else form.requestSubmit();
}
function ask() {
  const asked = {verdict: form.kind.value === "override", expires: form.kind.value === "waive"};
  for (const name in asked) {
    form[name].closest("p").hidden = !asked[name];
    if (!asked[name]) form[name].value = "";
  }
  if (asked.expires && !form.expires.value) form.expires.value = `${new Date().getFullYear()}-12-31`;
}
function nextEvidence() {
  const links = [...document.querySelectorAll("a.evidence")];
  if (links.length) location.hash = links[evidence = (evidence + 1) % links.length].hash;
}
const does = {j: () => move(1), k: () => move(-1), a: () => say("accept"), o: () => say("override", "verdict"), w: () => say("waive", "reason"), e: nextEvidence,
              c: () => by("remark_text") && by("remark_text").focus(), q: () => follow(by("queue")), "?": toggle};

const pane = document.querySelector(".text"), first = document.querySelector("mark");
if (first) pane.scrollTop = first.offsetTop - pane.offsetTop - 80;
help.addEventListener("click", toggle);
if (form) { form.kind.addEventListener("change", ask); ask(); }
document.addEventListener("keydown", event => {
  const writes = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && writes) return event.target.blur();
  if (event.key === "Enter" && event.ctrlKey && writes && event.target.form) { event.preventDefault(); return event.target.form.requestSubmit(); }
  if (writes || event.ctrlKey || event.metaKey || event.altKey || !does[event.key]) return;
  event.preventDefault();
  does[event.key]();
});
