// Photographs made small on the telephone, before they are kept or sent: what a ticket needs, no more.
// Drawing them anew also drops what the camera wrote into them: place, time, its own number.

const LONGEST_PX = 2048;
const QUALITY = 0.85;
const THUMB_PX = 160;

export class NotAPhotoError extends Error {}

/** {blob, thumb}: the picture as a JPEG of at most 2048 px, and a small canvas to show it by. */
export async function shrink(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (error) {
    throw new NotAPhotoError(`${file.name}：不是可用的照片，或大得手机无法读取 / not a usable photo, or too large for this telephone`, { cause: error });
  }
  const blob = await new Promise((keep) => drawn(picture, LONGEST_PX).toBlob(keep, "image/jpeg", QUALITY));
  const thumb = drawn(picture, THUMB_PX);
  picture.close();
  return { blob, thumb };
}

/** Every input with `data-shrink` holds small pictures only, and shows them, or what is wrong. */
export function shrinkInputs(root) {
  for (const input of root.querySelectorAll("input[data-shrink]")) {
    const previews = root.querySelector(`[data-previews="${input.id}"]`);
    input.addEventListener("change", () => shrinkInput(input, previews));
    if (input.files.length) shrinkInput(input, previews); // chosen before this script was there
  }
}

async function shrinkInput(input, previews) {
  const files = [...input.files];
  const most = Number(input.dataset.most ?? 4);
  const submit = [...input.form.querySelectorAll("button")];
  const held = new DataTransfer();
  const told = (words) => previews.append(words);
  previews.replaceChildren();
  submit.forEach((button) => { button.disabled = true; });
  try {
    for (const [i, file] of files.slice(0, most).entries()) {
      const { blob, thumb } = await shrink(file);
      held.items.add(new File([blob], `photo-${i + 1}.jpg`, { type: "image/jpeg" }));
      previews.append(thumb);
    }
    if (files.length > most) told(`至多 ${most} 张照片 / at most ${most} photographs`);
  } catch (error) {
    if (!(error instanceof NotAPhotoError)) throw error;
    told(error.message);
  } finally {
    input.files = held.files;
    submit.forEach((button) => { button.disabled = false; });
  }
}

function drawn(picture, longest) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}
