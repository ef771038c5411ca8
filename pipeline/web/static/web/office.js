// The page is shown anew when its job has moved on; not while files are chosen for upload.
"use strict";
const job = document.getElementById("job");
async function look() {
  const said = await (await fetch(job.dataset.state, {credentials: "same-origin"})).json();
  const chosen = document.querySelector("input[type=file]");
  if (said.state !== job.dataset.now && !(chosen && chosen.files.length)) location.reload();
  else if (said.busy || said.state !== job.dataset.now) setTimeout(look, 2000);
}
if (job) setTimeout(look, 1000);
