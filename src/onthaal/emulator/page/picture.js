// A picture of a QR code, chosen, pasted or dropped: its grey pixels go to the wall, which reads them.
import { act, say, words } from "./talk.js";

const LONGEST_SIDE = 1400;
const PIECE = 0x8000;

async function hold(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    say(words("impossible.no_code_in_image"), true);
    return;
  }
  const done = await act("/reader/picture", pixelsOf(picture));
  if (done) say(words("code_was_held"));
}

function pixelsOf(picture) {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const sheet = new OffscreenCanvas(width, height).getContext("2d");
  sheet.fillStyle = "white"; // a transparent picture is printed on paper
  sheet.fillRect(0, 0, width, height);
  sheet.drawImage(picture, 0, 0, width, height);
  const { data } = sheet.getImageData(0, 0, width, height);
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at += 1) grey[at] = (data[at * 4] * 3 + data[at * 4 + 1] * 6 + data[at * 4 + 2]) / 10;
  let binary = "";
  for (let at = 0; at < grey.length; at += PIECE) binary += String.fromCharCode(...grey.subarray(at, at + PIECE));
  return { width, height, pixels: btoa(binary) };
}

export function pictureCode() {
  const input = document.getElementById("picture");
  const drop = document.getElementById("drop");
  const first = (files) => [...files].find((file) => file.type.startsWith("image/"));
  const take = (files) => {
    const file = first(files);
    if (file) hold(file);
    return file !== undefined;
  };
  input.addEventListener("change", () => { take(input.files); input.value = ""; });
  document.addEventListener("paste", (event) => { if (take(event.clipboardData.files)) event.preventDefault(); });
  document.addEventListener("dragover", (event) => { event.preventDefault(); drop.dataset.over = "true"; });
  document.addEventListener("dragleave", () => { drop.dataset.over = "false"; });
  document.addEventListener("drop", (event) => { event.preventDefault(); drop.dataset.over = "false"; take(event.dataTransfer.files); });
}
