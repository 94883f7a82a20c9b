"""Opening a page in a headless Chromium, by its command line alone: what goes wrong in it, and what a script finds."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Before anything of the page runs.
LISTEN = """<script>
const faults = [];
// Without a screen the browser asks for no frames.
window.requestAnimationFrame = draw => setTimeout(() => draw(performance.now()), 16);
addEventListener("error", event => faults.push(event.message || `${event.target.tagName} did not load`), true);
addEventListener("unhandledrejection", event => faults.push(String(event.reason)));
for (const kind of ["error", "warn"]) console[kind] = (...words) => faults.push(words.join(" "));
</script>"""
# After it; SCRIPT may use these and await.
ASK = """<script>
const pause = () => new Promise(done => setTimeout(done, 300));
const canvases = inside => Array.from(inside.querySelectorAll("*")).flatMap(one => [
  ...(one.tagName === "CANVAS" ? [one] : []), ...(one.shadowRoot ? canvases(one.shadowRoot) : [])]);
const drawn = id => canvases(document.getElementById(id)).map(one => one.toDataURL()).join();
addEventListener("load", async () => {
  const root = document.documentElement;
  for (let turn = 0; turn < 40 && document.getElementById("figures") && !root.dataset.charts; turn++) await pause();
  await pause();
  let found;
  try { found = await (async () => { SCRIPT })(); } catch (error) { faults.push(String(error)); }
  const answer = JSON.stringify({faults, found});
  parent.postMessage(answer, "*");
});
</script>"""
FRAME = """<iframe src="page.html" width="WIDTH" height="900" style="border: 0"></iframe><pre id="answer"></pre>
<script>addEventListener("message", event => document.getElementById("answer").textContent = event.data)</script>"""

# A script, everything opened: how much wider the page is than its window, and how many pictures there are and which
# of them are missing.
LAYOUT = """
for (const one of document.querySelectorAll("details")) one.open = true;
await pause();
const pictures = Array.from(document.images);
for (let turn = 0; turn < 20 && !pictures.every(one => one.complete); turn++) await pause();
return [document.documentElement.scrollWidth - document.documentElement.clientWidth, pictures.length,
  pictures.filter(one => one.naturalWidth === 0).map(one => one.alt)];
"""


def find_browser() -> str | None:
    """The program, or None where none of this kind is installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def look(page: Path, folder: Path, script: str, width: int = 1200) -> Any:
    """What ``script`` returns in the page; fails where anything went wrong in it. width: in pixels, of any size: the
    page is in a frame, since a window is never as narrow as a telephone.
    """
    text = page.read_text(encoding="utf-8")
    assert "<head>" in text and "</body>" in text
    asked = text.replace("<head>", f"<head>{LISTEN}", 1)
    asked = asked[: (end := asked.rindex("</body>"))] + ASK.replace("SCRIPT", script) + asked[end:]
    (folder / "page.html").write_text(asked, encoding="utf-8")
    (folder / "frame.html").write_text(FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=30000", "--window-size=1400,1000"]
    place = [f"--user-data-dir={folder / 'profile'}", "--dump-dom", (folder / "frame.html").as_uri()]
    command = [str(find_browser()), *options, *place]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    answer = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
    assert answer and answer[1], f"the page did not answer\n{done.stderr[-2000:]}"
    result = json.loads(html.unescape(answer[1]))
    assert result["faults"] == []
    return result.get("found")
