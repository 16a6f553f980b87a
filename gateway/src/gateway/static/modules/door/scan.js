// Looks for a QR code with the camera: by the browser's BarcodeDetector, else by jsQR, which stands beside us.
const EVERY_MS = 200;

async function detector() {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const native = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await native.detect(video))[0]?.rawValue;
  }
  await import("../../vendor/jsqr-1.4.0/jsQR.js");
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    if (!video.videoWidth) return null;
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    pen.drawImage(video, 0, 0);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    return self.jsQR(picture.data, picture.width, picture.height, { inversionAttempts: "dontInvert" })?.data;
  };
}

// Shows the camera in `video` until `found(text)` was called once or `stop()` is; gives stop. Raises when there is none.
export async function scan(video, found) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  const detect = await detector();
  video.srcObject = stream;
  await video.play();
  let isLooking = true;
  const stop = () => {
    isLooking = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  (async () => {
    while (isLooking) {
      const text = await detect(video).catch(() => null);
      if (text && isLooking) {
        stop();
        navigator.vibrate?.(60);
        found(text);
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  })();
  return stop;
}
