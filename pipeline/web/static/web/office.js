// The page is shown anew when its job has moved on, not while files are chosen; an upload shows how far it is.
"use strict";
const job = document.getElementById("job"), sending = document.getElementById("sending"), chosen = document.getElementById("plans");
let leaving = false;  // on the way to another page, which showing this one anew would call off
addEventListener("beforeunload", () => leaving = true);
addEventListener("pageshow", () => leaving = false);

async function look() {
  let said = null;
  try { said = await (await fetch(job.dataset.state, {credentials: "same-origin"})).json(); } catch { return setTimeout(look, 5000); }
  const moved = said.state !== job.dataset.now;
  if (job.textContent !== said.said) job.textContent = said.said;
  if (leaving) return;
  if (moved && !(chosen && chosen.files.length)) location.reload();
  else if (said.busy || moved) setTimeout(look, 2000);
}
if (job) setTimeout(look, 1000);

if (sending) sending.addEventListener("submit", event => {
  event.preventDefault();
  const bar = document.getElementById("sent"), request = new XMLHttpRequest();
  bar.hidden = false;
  sending.querySelector("button").disabled = true;
  request.upload.onprogress = part => { bar.max = part.total; bar.value = part.loaded; };
  request.onloadend = () => {
    if (request.status === 204) { chosen.value = ""; return location.reload(); }
    document.getElementById("told").textContent = "上传没有成功：" + (request.status === 413 ? "文件太大，请分几次上传" : request.status ? `服务器答复${request.status}，请重新登录后再试` : "网络中断，请再试一次");
    bar.hidden = true;
    sending.querySelector("button").disabled = false;
  };
  request.open("POST", sending.action);
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.send(new FormData(sending));
});
