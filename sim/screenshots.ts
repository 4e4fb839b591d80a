import { takePictures } from "./demo/pictures.ts";

/** Takes the README's pictures anew (`npm run screenshots`), from the page that it speaks of. */
await takePictures(new URL("../docs/pictures/", import.meta.url));
process.exit(0);
