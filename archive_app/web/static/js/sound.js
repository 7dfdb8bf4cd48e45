// Sounds of the desk by Web Audio: each differs in count or direction, none is the only signal.

const TUNES = { // [Hz or 0 for silence, ms]
  done: [[880, 90]],
  look: [[660, 80], [0, 60], [660, 80]],
  refused: [[220, 350]],
  unknown: [[440, 130], [330, 170]],
  last: [[660, 90], [880, 90], [1100, 140]],
  overdue: [[880, 90], [0, 120], [660, 80], [0, 60], [660, 80]],
};
const MUTE = "desk.mute";
const LEVEL = "desk.level";
let audio = null;

/** Whether this desk is muted. */
export const muted = () => localStorage.getItem(MUTE) === "1";

/** Switch the sound off or on for this desk; the new state. */
export function toggle() {
  localStorage.setItem(MUTE, muted() ? "0" : "1");
  return muted();
}

/** Browsers are silent until the first key: open the sound then. */
export function wake() {
  if (!audio && window.AudioContext) audio = new AudioContext();
  if (audio?.state === "suspended") audio.resume();
}

/** Play a tune by name; unknown names are silent. */
export function play(name) {
  if (!audio || muted() || !TUNES[name]) return;
  const volume = audio.createGain();
  volume.gain.value = Number(localStorage.getItem(LEVEL) || 0.3);
  volume.connect(audio.destination);
  let at = audio.currentTime + 0.01;
  for (const [hz, ms] of TUNES[name]) {
    if (hz) tone(hz, at, at + ms / 1000, volume);
    at += ms / 1000;
  }
}

function tone(hz, from, to, volume) {
  const source = audio.createOscillator();
  const edge = audio.createGain(); // soft edges, or every tone clicks
  source.frequency.value = hz;
  edge.gain.setValueAtTime(0, from);
  edge.gain.linearRampToValueAtTime(1, from + 0.008);
  edge.gain.setValueAtTime(1, to - 0.015);
  edge.gain.linearRampToValueAtTime(0, to);
  source.connect(edge).connect(volume);
  source.start(from);
  source.stop(to);
}
