// Clicking a moment or the plot shows it in the clip; a line in the plot follows the clip.
(() => {
  "use strict";
  const video = document.querySelector("#clip video, #clip audio");
  if (!video) return;
  const spans = JSON.parse(video.dataset.spans); // [start and end in the clip, start in the video]
  const rows = [...document.querySelectorAll(".row")];

  // Safari does not play long data: addresses; a blob plays everywhere.
  const packed = atob(video.src.slice(video.src.indexOf(",") + 1));
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const type = video.src.slice("data:".length, video.src.indexOf(";"));
  video.src = URL.createObjectURL(new Blob([bytes], { type }));

  const inVideo = (time) => {
    let best = 0, nearest = Infinity;
    for (const [start, end, at] of spans) {
      const near = Math.min(Math.max(time, start), end);
      if (Math.abs(near - time) < nearest) {
        nearest = Math.abs(near - time);
        best = at + near - start;
      }
    }
    return best;
  };
  const inClip = (time) => {
    const [start, , at] = [...spans].reverse().find((span) => time >= span[2]) ?? spans[0];
    return start + time - at;
  };

  // A little into the frame, so that rounding never shows the one before.
  const seek = (time) => { video.currentTime = inVideo(time) + 0.004; };

  const heads = rows.map((row) => {
    const head = document.createElement("div");
    head.className = "playhead";
    head.hidden = true;
    row.append(head);
    return head;
  });
  const follow = () => {
    const time = inClip(video.currentTime);
    rows.forEach((row, number) => {
      const { start, end, left, right } = row.dataset;
      const part = (time - start) / (end - start);
      heads[number].hidden = part < 0 || part >= 1;
      heads[number].style.left = 100 * (+left + part * (right - left)) + "%";
    });
  };
  const run = () => {
    follow();
    if (!video.paused && !video.ended) requestAnimationFrame(run);
  };
  video.addEventListener("play", run);
  video.addEventListener("seeking", follow);
  video.addEventListener("timeupdate", follow);

  document.querySelector(".rows")?.classList.add("live");
  for (const row of rows) {
    row.addEventListener("click", (event) => {
      const { start, end, left, right } = row.dataset;
      const box = row.getBoundingClientRect();
      const part = ((event.clientX - box.left) / box.width - left) / (right - left);
      seek(+start + Math.min(Math.max(part, 0), 1) * (end - start));
    });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-seek]");
    if (!link) return;
    event.preventDefault();
    video.pause();
    seek(+link.dataset.seek);
    const box = video.getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      video.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
    }
  });
})();
